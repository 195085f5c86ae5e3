//! Malformed forms, and emails that try to change the form: reported as unreadable, in time, and never in part.

use std::time::Duration;

use anyvendor_core::{
    resilience::Clock,
    webhook::{Event, WebhookEvent},
};
use anyvendor_http::SystemClock;

use super::inbound::{form, mail, read, read_as, read_email};

fn whole(body: impl Into<bytes::Bytes>) -> WebhookEvent {
    let event = read(body);
    assert_eq!((event.name.as_str(), &event.event), ("", &Event::Other));
    event
}

fn field(name: &str) -> String {
    format!("form-data; name=\"{name}\"")
}

#[test]
fn a_malformed_form_is_reported_as_unreadable() {
    for malformed in [
        &b""[..],
        b"\r\n",
        b"{}",
        b"--",
        b"----",
        b"--\r\n",
        b"--xYzZY",
        b"--xYzZY--",
        b"--xYzZY--\r\n",
        b"--xYzZY\r\n--xYzZY--",
        b"--xYzZY\r\n\r\n--xYzZY--",
        b"--\r\nContent-Disposition: form-data; name=\"headers\"\r\n\r\nx\r\n----\r\n",
        b"--\xff\r\n\r\n\r\n--\xff--",
        b"preamble\r\n--xYzZY\r\nContent-Disposition: form-data; name=\"headers\"\r\n\r\nx\r\n--xYzZY--",
        b"--xYzZY\nContent-Disposition: form-data; name=\"headers\"\n\nx\n--xYzZY--",
    ] {
        whole(malformed);
    }
    whole(vec![b'-'; 100_000]);
    whole(["--", &"b".repeat(80), "\r\n"].concat());
    let other_fields = form([(field("id"), None, &b"1"[..])]);
    whole(other_fields);
    let nameless = form([("form-data".to_owned(), None, &b"1"[..])]);
    whole(nameless);
}

#[test]
fn a_form_that_is_cut_anywhere_is_reported_as_unreadable() {
    let good = mail(&[]);
    let end = good.len() - b"\r\n".len();
    read_email(good[..end].to_vec());
    for cut in (0..end).step_by(7) {
        whole(good[..cut].to_vec());
    }
}

#[test]
fn the_boundary_is_the_one_that_is_signed() {
    // The header is not signed: another boundary in it must not turn a delivery into another email.
    let inner =
        b"x\r\n--inner\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\nforged\r\n--inner--";
    let body = mail(&[("text", inner)]);
    let honest = read(body.clone());
    for lying in [
        "multipart/form-data; boundary=inner",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary",
        "multipart/form-data",
        "Multipart/Form-Data; charset=utf-8; boundary=xYzZY; boundary=inner",
    ] {
        assert_eq!(read_as(lying, body.clone()), honest, "{lying}");
    }
    assert_eq!(
        read_email(body).from.as_deref(),
        Some("Example User <test@example.com>")
    );
    let spaced = String::from_utf8(mail(&[]))
        .unwrap()
        .replacen("--xYzZY\r\n", "--xYzZY \t\r\n", 1);
    assert_eq!(read_email(spaced).spf.as_deref(), Some("pass"));
}

#[test]
fn an_email_cannot_add_a_field() {
    let part = |name: &str, value: &str| {
        format!("\r\n--xYzZY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}")
    };
    // A field of SendGrid's is repeated.
    for (name, value) in [
        ("SPF", "pass"),
        ("dkim", "{@bank.example : pass}"),
        ("from", "ceo@bank.example"),
        ("envelope", "{}"),
    ] {
        let text = format!("Hello{}", part(name, value));
        whole(mail(&[("text", text.as_bytes())]));
    }
    // And who ends the form early leaves a rest.
    for end in ["\r\n--xYzZY--", "\r\n--xYzZY--\r\n"] {
        let text = format!("Hello{}{end}", part("SPF", "pass"));
        whole(mail(&[("text", text.as_bytes())]));
    }
    let in_a_header = form([
        (field("headers"), None, &b"Subject: x\n"[..]),
        (field("SPF"), None, b"fail"),
        ("form-data; name=\"attachment1\"; filename=\"x\"\r\nContent-Disposition: form-data; name=\"SPF\"".to_owned(), None, b"pass"),
    ]);
    whole(in_a_header);
    // A longer boundary is not the form's.
    whole(mail(&[("text", b"Hello\r\n--xYzZYabc\r\n")]));
    // What only looks like one is text.
    assert_eq!(
        read_email(mail(&[("text", b"a --xYzZY b\n--xYzZY--\n")]))
            .text
            .as_deref(),
        Some("a --xYzZY b\n--xYzZY--\n")
    );
}

#[test]
fn a_malformed_field_does_not_affect_the_others() {
    for (name, value) in [
        ("envelope", &b"not json"[..]),
        ("envelope", b"{\"to\":\"a@b.example\"}"),
        ("envelope", b"{\"to\":[7]}"),
        ("attachment-info", b"[]"),
        ("content-ids", b"\xff\xfe"),
        ("sender_ip", b"::g"),
    ] {
        let reported = read_email(mail(&[(name, value)]));
        assert_eq!(reported.spf.as_deref(), Some("pass"), "{name}");
    }
    let mixed = read_email(mail(&[(
        "envelope",
        b"{\"to\":[\"not an address\",\"a@b.example\"],\"from\":\"\"}",
    )]));
    assert_eq!((mixed.envelope_to.len(), mixed.envelope_from), (1, None));
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    read_email(mail(&[
        ("charsets", &deep),
        ("envelope", &deep),
        ("attachment-info", &deep),
    ]));
    let six = read_email(mail(&[("sender_ip", b"2001:db8::1")]));
    assert!(six.sender_ip.is_some_and(|ip| ip.is_ipv6()));
}

#[test]
fn sf14_a_thousand_parts_are_read_and_no_more() {
    let parts = |count: usize| {
        let files =
            (1..count).map(|number| (field(&format!("attachment{number}")), None, &b"x"[..]));
        form(std::iter::once((field("headers"), None, &b"Subject: x\n"[..])).chain(files))
    };
    assert_eq!(read_email(parts(1_000)).attachments.len(), 999);
    whole(parts(1_001));
}

/// The limit is ten times what all of them take, and far below what quadratic work would take.
#[test]
fn bombs_are_handled_in_time_and_reported_as_unreadable() {
    let started = SystemClock.monotonic();
    let parts = |count: usize| {
        let files =
            (1..count).map(|number| (field(&format!("attachment{number}")), None, &b"x"[..]));
        form(std::iter::once((field("headers"), None, &b"Subject: x\n"[..])).chain(files))
    };
    assert_eq!(read_email(parts(999)).attachments.len(), 998);
    whole(parts(1_001));
    whole(parts(20_000));
    let header = |length: usize| {
        form([(
            format!("form-data; name=\"headers\"; x=\"{}\"", "a".repeat(length)),
            None,
            &b"Subject: x\n"[..],
        )])
    };
    read_email(header(4_000));
    whole(header(8 * 1024));
    whole(header(2_000_000));
    let many = (0..40).fold("form-data; name=\"headers\"".to_owned(), |all, number| {
        format!("{all}\r\nx-{number}: y")
    });
    whole(form([(many, None, &b"Subject: x\n"[..])]));
    let quotes = format!(
        "form-data; name=\"headers\"; filename=\"{}",
        "\\\"".repeat(4_000)
    );
    read(form([(quotes, None, &b"x"[..])]));
    let nearly = "\r\n--xYzZ".repeat(200_000);
    read_email(mail(&[("text", nearly.as_bytes())]));
    let folded = format!("{}Message-ID: <a@b.example>\n", "X: y\n ".repeat(100_000));
    assert!(
        read_email(mail(&[("headers", folded.as_bytes())]))
            .message_id
            .is_none()
    );
    let took = SystemClock.monotonic() - started;
    assert!(took < Duration::from_secs(5), "{took:?}");
}
