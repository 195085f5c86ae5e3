//! Events of connected accounts, which may be anybody's.

use anyvendor_adapter_stripe::{StripeWebhook, StripeWebhookConfig};
use anyvendor_core::{
    values::Secret,
    webhook::{Prefetched, WebhookEvent, WebhookVerifier},
};
use jiff::Timestamp;

use super::{SECRET, sign};

/// The event of an account, named by these fields, and whether it is wanted.
fn event(accounts: &[&str], fields: &str) -> (WebhookEvent, bool) {
    let config =
        StripeWebhookConfig::new([Secret::new(SECRET)]).with_accounts(accounts.iter().copied());
    let webhook = StripeWebhook::new(&config).unwrap();
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let body = format!(
        r#"{{"id":"evt_1","object":"event",{fields}"livemode":true,"type":"payment_intent.succeeded","data":{{"object":{{"id":"pi_1","amount":100,"currency":"usd"}}}}}}"#
    );
    let delivery = sign(&body, now);
    let verified = webhook
        .verify(delivery.request(), &Prefetched::none(), now)
        .unwrap();
    let event = webhook.events(&verified).remove(0);
    let wanted = webhook.is_wanted(&event);
    (event, wanted)
}

#[test]
fn sf03_only_listed_accounts_are_wanted() {
    let ours = ["acct_1", "acct_2"];
    for (fields, account, wanted) in [
        ("", None, true),
        (r#""account":null,"#, None, true),
        (r#""account":"acct_1","#, Some("acct_1"), true),
        (
            r#""account":"acct_2","context":"acct_2","#,
            Some("acct_2"),
            true,
        ),
        (r#""account":"acct_evil","#, Some("acct_evil"), false),
        (
            r#""account":"acct_evil","context":"acct_1","#,
            Some("acct_evil"),
            false,
        ),
        // Thin events and those of organizations have a context.
        (r#""context":"acct_1","#, Some("acct_1"), true),
        (r#""context":"acct_evil","#, Some("acct_evil"), false),
        (r#""context":"acct_1/acct_evil","#, Some("acct_evil"), false),
        (r#""account":"acct_11","#, Some("acct_11"), false),
    ] {
        let (event, is_wanted) = event(&ours, fields);
        assert_eq!(event.account.as_deref(), account, "{fields}");
        assert_eq!(is_wanted, wanted, "{fields}");
        assert!(event.live == Some(true));
    }
    let (_, any) = event(&[], r#""account":"acct_evil","#);
    assert!(any, "without a list, the application looks at the account");
}

#[test]
fn sf03_an_account_is_an_id() {
    for bad in ["", "acct_", "acct_1,acct_2", "acct_ 1", "cus_1", "1"] {
        let config = StripeWebhookConfig::new([Secret::new(SECRET)]).with_accounts([bad]);
        let error = StripeWebhook::new(&config).unwrap_err();
        assert_eq!(error.field(), Some("accounts"), "{bad}");
    }
}
