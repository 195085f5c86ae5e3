//! The hosts that each setting allows.

use anyvendor_core::values::Secret;

use super::*;

fn online() -> PayPalWebhookConfig {
    let (id, secret) = (Secret::new("id"), Secret::new("canary"));
    PayPalWebhookConfig::new([LISTENER]).with_online_verification(id, secret, Environment::Sandbox)
}

#[test]
fn each_setting_allows_only_its_hosts() {
    let own = PayPalWebhookConfig::new([LISTENER]).with_root_certificates(ROOT);
    for (config, hosts) in [
        (PayPalWebhookConfig::new([LISTENER]), &[LIVE, SANDBOX][..]),
        (
            PayPalWebhookConfig::new([LISTENER]).with_environment(Environment::Live),
            &[LIVE],
        ),
        (online(), &[SANDBOX]),
        (
            own.with_local_base_url("http://127.0.0.1:7/"),
            &["http://127.0.0.1:7"],
        ),
    ] {
        let webhook = PayPalWebhook::new(&config).unwrap();
        assert_eq!(webhook.hosts, hosts);
        for host in [LIVE, SANDBOX, "http://127.0.0.1:7", "http://127.0.0.1:70"] {
            let url = [host, CERTIFICATES, "CERT-1"].concat();
            let allowed = transmission::pinned(&url, &webhook.hosts).is_some();
            assert_eq!(allowed, hosts.contains(&host), "{host} of {hosts:?}");
        }
    }
}
