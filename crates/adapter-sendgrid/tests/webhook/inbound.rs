//! Inbound email: the contract, SendGrid's own samples, charsets and attachments.

use std::sync::Arc;

use anyvendor_adapter_sendgrid::{SendGridWebhook, SendGridWebhookConfig, SendGridWebhookKind};
use anyvendor_conformance::{SignedDelivery, WebhookHarness, WebhookSigner, webhook};
use anyvendor_core::webhook::{
    DEFAULT_MAX_BODY, Event, InboundEmail, Prefetched, WebhookEvent, WebhookVerifier,
};
use jiff::Timestamp;

use super::{SIGNATURE, Signer, TIMESTAMP, key, signed};

/// A delivery in SendGrid's format.
pub(crate) const TYPE: &str = "multipart/form-data; boundary=xYzZY";

/// The fields of the sample `default_data.txt` of SendGrid's libraries, with the given ones replaced; an empty one is left out.
pub(crate) fn mail(changed: &[(&str, &[u8])]) -> Vec<u8> {
    let sample: [(&str, &[u8]); 12] = [
        (
            "headers",
            b"MIME-Version: 1.0\nReceived: by 0.0.0.0 with HTTP; Wed, 10 Aug 2016 18:10:13 -0700 (PDT)\nFrom: Example User <test@example.com>\n\
              Date: Wed, 10 Aug 2016 18:10:13 -0700\nMessage-ID: <CAOk=1@mail.example.com>\nSubject: Inbound Parse Test Data\n\
              To: inbound@inbound.example.com\nContent-Type: multipart/alternative; boundary=001a113df448cad2d00539c16e89\n",
        ),
        ("dkim", b"{@sendgrid.com : pass}"),
        ("to", b"inbound@inbound.example.com"),
        ("html", b"<html><body><strong>Hello Twilio SendGrid!</body></html>\n"),
        ("from", b"Example User <test@example.com>"),
        ("text", b"Hello Twilio SendGrid!\n"),
        ("sender_ip", b"0.0.0.0"),
        ("envelope", b"{\"to\":[\"inbound@inbound.example.com\"],\"from\":\"test@example.com\"}"),
        ("attachments", b"0"),
        ("subject", b"Testing non-raw"),
        (
            "charsets",
            b"{\"to\":\"UTF-8\",\"html\":\"UTF-8\",\"subject\":\"UTF-8\",\"from\":\"UTF-8\",\"text\":\"UTF-8\"}",
        ),
        ("SPF", b"pass"),
    ];
    let changed_to = |name: &str| changed.iter().find(|(own, _)| *own == name);
    let kept = sample
        .iter()
        .map(|field| changed_to(field.0).unwrap_or(field));
    let added = changed
        .iter()
        .filter(|(name, _)| !sample.iter().any(|(own, _)| own == name));
    form(
        kept.chain(added)
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (format!("form-data; name=\"{name}\""), None, *value)),
    )
}

/// A form in SendGrid's format: dispositions, content types and contents.
pub(crate) fn form<'a>(
    parts: impl IntoIterator<Item = (String, Option<&'a str>, &'a [u8])>,
) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, content_type, content) in parts {
        body.extend_from_slice(
            format!("--xYzZY\r\nContent-Disposition: {disposition}\r\n").as_bytes(),
        );
        if let Some(content_type) = content_type {
            body.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xYzZY--\r\n");
    body
}

pub(crate) fn verifier(keys: &[&str]) -> Arc<dyn WebhookVerifier> {
    let config = SendGridWebhookConfig::new(keys.iter().copied());
    let config = config.with_kind(SendGridWebhookKind::Inbound);
    Arc::new(SendGridWebhook::new(&config).unwrap())
}

/// The one event of a delivery.
pub(crate) fn read(body: impl Into<bytes::Bytes>) -> WebhookEvent {
    read_as(TYPE, body)
}

pub(crate) fn read_as(content_type: &'static str, body: impl Into<bytes::Bytes>) -> WebhookEvent {
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let (pair, public) = key();
    let delivery = SignedDelivery::post("/webhooks/mail", content_type, body);
    let delivery = signed(&pair, delivery, now);
    let webhook = verifier(&[&public]);
    let verified = webhook
        .verify(delivery.request(), &Prefetched::none(), now)
        .unwrap();
    let mut events = webhook.events(&verified);
    assert_eq!(events.len(), 1);
    let event = events.remove(0);
    assert_eq!(event.raw.0, delivery.body, "nothing is lost");
    event
}

pub(crate) fn read_email(body: impl Into<bytes::Bytes>) -> InboundEmail {
    match read(body).event {
        Event::InboundEmail(mail) => *mail,
        other => panic!("{other:?}"),
    }
}

struct MailSigner(Signer);

impl std::fmt::Debug for MailSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailSigner")
    }
}

impl WebhookSigner for MailSigner {
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery> {
        let bodies = [
            mail(&[("text", b"canary one")]),
            mail(&[("headers", b"Message-ID: <canary-two@example.com>\n")]),
            mail(&[
                ("headers", b""),
                ("text", b""),
                ("html", b""),
                ("email", b"From: canary\r\n\r\nHello\r\n"),
            ]),
        ];
        let all = bodies.into_iter();
        all.map(|body| {
            signed(
                &self.0.0,
                SignedDelivery::post("/webhooks/mail", TYPE, body),
                at,
            )
        })
        .collect()
    }

    fn headers(&self) -> &'static [&'static str] {
        &[SIGNATURE, TIMESTAMP]
    }
}

#[tokio::test]
async fn keeps_the_contract_for_email() {
    let (pair, public) = key();
    let (other, another) = (key().1, key().1);
    let config = SendGridWebhookConfig::new([&public]).with_kind(SendGridWebhookKind::Inbound);
    let harness = WebhookHarness {
        verifier: verifier(&[&public]),
        rotating: verifier(&[&other, &public]),
        stranger: verifier(&[&other, &another]),
        signer: Arc::new(MailSigner(Signer(pair))),
        window: Some(config.window()),
        // Half of what events get: the check is the same, and mail is ten times as long.
        alterations: 50_000,
    };
    webhook::run(&harness).await.assert_passed(14);
    assert!(harness.verifier.max_body() > 30_000_000);
    assert_eq!(super::verifier(&[&public]).max_body(), DEFAULT_MAX_BODY);
}

#[test]
fn every_field_of_the_default_sample_is_read() {
    let event = read(mail(&[
        ("spam_score", b"0.011"),
        ("spam_report", b"Spam detection software.."),
    ]));
    assert_eq!(event.name, "inbound_parse");
    let shown = format!("{event:?}");
    assert!(
        !shown.contains("example.com") && !shown.contains("Hello"),
        "{shown}"
    );
    let Event::InboundEmail(mail) = event.event else {
        panic!("{shown}")
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    assert_eq!(text(&mail.from), "Example User <test@example.com>");
    assert_eq!(text(&mail.to), "inbound@inbound.example.com");
    assert_eq!(mail.cc, None);
    assert_eq!(text(&mail.subject), "Testing non-raw");
    assert_eq!(text(&mail.text), "Hello Twilio SendGrid!\n");
    assert!(text(&mail.html).starts_with("<html>"));
    assert!(text(&mail.headers).contains("\nDate: Wed"));
    assert_eq!(text(&mail.message_id), "CAOk=1@mail.example.com");
    assert_eq!(
        mail.envelope_from.as_ref().unwrap().address(),
        "test@example.com"
    );
    assert_eq!(mail.envelope_to[0].address(), "inbound@inbound.example.com");
    assert_eq!(mail.sender_ip, Some([0, 0, 0, 0].into()));
    assert_eq!(
        (text(&mail.spf), text(&mail.dkim)),
        ("pass".into(), "{@sendgrid.com : pass}".into())
    );
    assert_eq!(text(&mail.spam_score), "0.011");
    assert!(text(&mail.spam_report).starts_with("Spam"));
    assert!(mail.attachments.is_empty() && mail.mime.is_none());
}

#[test]
fn raw_email_is_passed_on_unchanged() {
    // As in `raw_data.txt` of SendGrid's libraries, with an id.
    let mime = b"MIME-Version: 1.0\r\nMESSAGE-ID:\r\n <CAOk=2@mail.example.com>\r\nSubject: Raw\r\n\r\n--001a\r\nMessage-ID: <not-of-the-head>\r\n\xff\r\n";
    let body = mail(&[
        ("headers", b""),
        ("text", b""),
        ("html", b""),
        ("attachments", b""),
        ("email", mime),
    ]);
    let mail = read_email(body);
    assert_eq!(mail.mime.as_deref(), Some(&mime[..]));
    assert_eq!(mail.message_id.as_deref(), Some("CAOk=2@mail.example.com"));
    assert_eq!((mail.headers, mail.text, mail.html), (None, None, None));
    assert_eq!(mail.subject.as_deref(), Some("Testing non-raw"));
    let id_in_the_body = [
        ("headers", &b""[..]),
        ("email", b"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n"),
    ];
    assert_eq!(
        read_email(super::inbound::mail(&id_in_the_body)).message_id,
        None
    );
}

#[test]
fn attachments_keep_their_order_and_details() {
    let info = b"{\"attachment1\":{\"filename\":\"../../etc/passwd\",\"name\":\"x\",\"type\":\"image/jpeg\",\"content-id\":\"ii_1\"},\
        \"attachment2\":{\"name\":\"zw\xc3\xb6lf.txt\"},\"attachment10\":7}";
    let ids = b"{\"ii_2\":\"attachment2\",\"ii_9\":\"attachment9\"}";
    let field = |name: &str| format!("form-data; name=\"{name}\"");
    let file = |name: &str, file: &str| format!("form-data; name=\"{name}\"; filename=\"{file}\"");
    let binary = [0u8, 13, 10, 13, 10, 45, 45, 255, 0];
    let mail = read_email(form([
        (field("headers"), None, &b"Subject: x\n"[..]),
        (
            file("attachment10", "a\\\"b.bin"),
            Some("application/octet-stream"),
            b"ten",
        ),
        (
            file("attachment2", "z.txt"),
            Some("text/plain; charset=x"),
            b"",
        ),
        (field("attachment-info"), None, info),
        (file("attachment1", "y.jpg"), Some("text/html"), &binary),
        (field("content-ids"), None, ids),
        (field("attachments"), None, b"3"),
    ]));
    let reported: Vec<_> = mail
        .attachments
        .iter()
        .map(|file| {
            (
                file.file_name.as_deref(),
                file.content_type.as_deref(),
                file.content_id.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        reported,
        [
            (Some("../../etc/passwd"), Some("image/jpeg"), Some("ii_1")),
            (
                Some("zwölf.txt"),
                Some("text/plain; charset=x"),
                Some("ii_2")
            ),
            (Some("a\"b.bin"), Some("application/octet-stream"), None),
        ],
        "as the sender wrote them: what is a path is for the application to see"
    );
    assert_eq!(mail.attachments[0].content, &binary[..]);
    assert!(mail.attachments[1].content.is_empty());
    assert_eq!(
        format!("{:?}", mail.attachments[2]),
        "InboundAttachment(3 bytes)"
    );
}

#[test]
fn each_text_is_read_in_its_own_charset() {
    let with = |label: &str, bytes: &[u8]| {
        let charsets = format!("{{\"text\":\"{label}\",\"subject\":\"utf-8\"}}");
        let mail = read_email(mail(&[
            ("text", bytes),
            ("charsets", charsets.as_bytes()),
            ("subject", "Zwölf".as_bytes()),
        ]));
        assert_eq!(mail.subject.as_deref(), Some("Zwölf"));
        mail.text.unwrap()
    };
    for (label, bytes, text) in [
        ("iso-8859-1", &b"Gr\xfc\xdfe"[..], "Grüße"),
        ("ISO-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        ("windows-1252", b"\x8410 \x80\x93", "„10 €“"),
        ("shift_jis", b"\x93\xfa\x96\x7b", "日本"),
        ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B", "日本"),
        ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
        ("utf-8", "Grüße".as_bytes(), "Grüße"),
        // An unknown label, one that means "read nothing", and a wrong one.
        ("x-novel", "Grüße".as_bytes(), "Grüße"),
        ("", b"Gr\xfc\xdfe", "Gr\u{fffd}\u{fffd}e"),
        ("hz-gb-2312", b"~{VPND~}", "~{VPND~}"),
        ("utf-8", b"Gr\xfc\xdfe", "Gr\u{fffd}\u{fffd}e"),
        ("shift_jis", b"\x93", "\u{fffd}"),
        // What a text begins with does not overrule its label.
        ("iso-8859-1", b"\xef\xbb\xbfa", "ï»¿a"),
        ("utf-8", b"\xef\xbb\xbfa", "a"),
    ] {
        assert_eq!(with(label, bytes), text, "{label}");
    }
    for malformed in [
        &b"not json"[..],
        b"[]",
        b"{\"text\":7}",
        b"{\"text\":null}",
        b"\xff",
    ] {
        let mail = read_email(mail(&[
            ("charsets", malformed),
            ("text", "Grüße".as_bytes()),
        ]));
        assert_eq!(mail.text.as_deref(), Some("Grüße"));
    }
}

#[test]
fn duplicates_share_their_key_and_other_email_does_not() {
    let key = |changed: &[(&str, &[u8])]| read(mail(changed)).dedupe_key;
    let one = key(&[]);
    assert_eq!(
        key(&[("spam_score", b"5"), ("text", b"decoded again")]),
        one
    );
    let id = |id: &str| format!("Subject: x\nMessage-Id: {id}\n");
    assert_eq!(key(&[]), one, "the vendor's own copy");
    for other in [
        key(&[("headers", id("<other@example.com>").as_bytes())]),
        key(&[(
            "envelope",
            b"{\"to\":[\"second@inbound.example.com\"],\"from\":\"test@example.com\"}",
        )]),
        key(&[("headers", b"Subject: no id\n")]),
        key(&[("envelope", b"")]),
    ] {
        assert_ne!(other, one);
    }
    // Without an id, mail is known by all of it.
    let nameless = |text: &[u8]| key(&[("headers", b"Subject: no id\n"), ("text", text)]);
    assert_eq!(nameless(b"a"), nameless(b"a"));
    assert_ne!(nameless(b"a"), nameless(b"b"));
    for (header, reported) in [
        ("<a@b.example>", Some("a@b.example")),
        ("a@b.example", Some("a@b.example")),
        ("", None),
        ("<>", None),
        (&format!("<{}>", "a".repeat(999)), None),
    ] {
        let mail = id_of(&id(header));
        assert_eq!(mail.as_deref(), reported, "{header}");
    }
}

/// The id of an email is its author's choice: a device that always sends the same one, or somebody who knows the id of an email
/// to other people.
#[test]
fn sf08_an_id_that_the_author_chose_is_not_the_email() {
    let key = |received: &str, text: &str| {
        let headers =
            format!("Received: from mailer ({received})\nSubject: x\nMessage-ID: <1@mailer>\n");
        let fields = [("headers", headers.as_bytes()), ("text", text.as_bytes())];
        read(mail(&fields)).dedupe_key
    };
    let hello = key("Wed, 10 Aug 2016 18:10:13", "hello");
    let cancel = key("Wed, 10 Aug 2016 18:10:14", "cancel my contract");
    assert_ne!(hello, cancel, "one of them would be lost");
    assert_eq!(hello, key("Wed, 10 Aug 2016 18:10:13", "hello"));
    // Raw email has its headers in front.
    let raw = |received: &str| {
        let mime = format!("Received: {received}\r\nMessage-ID: <1@mailer>\r\n\r\nHello\r\n");
        let fields = [("headers", &b""[..]), ("email", mime.as_bytes())];
        read(mail(&fields)).dedupe_key
    };
    assert_ne!(raw("one"), raw("two"));
    assert_eq!(raw("one"), raw("one"));
}

fn id_of(headers: &str) -> Option<String> {
    read_email(mail(&[("headers", headers.as_bytes())])).message_id
}
