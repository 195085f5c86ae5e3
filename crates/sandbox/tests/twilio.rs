//! Twilio's emulator: which requests it rejects with which code, how messages progress, lists, segments.
#![expect(
    clippy::disallowed_methods,
    reason = "the emulators run on the machine's time"
)]

mod support;

use std::collections::BTreeSet;

use anyvendor_sandbox::Sandbox;
use anyvendor_sandbox::twilio::Encoding;
use reqwest::Method;
use serde_json::{Value, json};
use support::twilio::{FROM, TO, ahead, sid, with};
use support::{Lab, client};

#[tokio::test]
async fn a_sent_message_is_shown_in_the_vendors_words() {
    let lab = Lab::new().await;
    let response = lab
        .text(&with(&[("StatusCallback", "https://a.example/cb?uuid=1")]))
        .await;
    let sid = sid(&response);
    assert!(sid.starts_with("SM") && sid.len() == 34, "{sid}");
    let account = lab.sandbox.twilio().account_sid();
    let mut shown = response.json.clone();
    let created = shown["date_created"].take();
    assert_eq!(shown["date_updated"].take(), created);
    let created = created.as_str().unwrap();
    assert!(
        created.ends_with(" +0000") && created.len() == 31,
        "{created}"
    );
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
    assert_eq!(
        shown,
        json!({"sid": sid, "account_sid": account, "messaging_service_sid": null, "to": TO, "from": FROM,
            "body": "Hello", "status": "queued", "direction": "outbound-api", "num_segments": "1", "num_media": "0",
            "price": null, "price_unit": null, "error_code": null, "error_message": null, "date_created": null,
            "date_updated": null, "date_sent": null, "api_version": "2010-04-01", "uri": format!("{uri}.json"),
            "subresource_uris": {"media": format!("{uri}/Media.json")}})
    );
    let kept = lab.sandbox.twilio().state().messages();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].sid.as_str(), kept[0].segments), (sid.as_str(), 1));
    assert_eq!(kept[0].encoding, Encoding::Gsm7);
    assert_eq!(
        kept[0].status_callback.as_deref(),
        Some("https://a.example/cb?uuid=1")
    );
    // A message with pictures and without a text.
    let media = [
        ("MediaUrl", "https://a.example/1.png"),
        ("MediaUrl", "https://a.example/2.png"),
        ("Body", ""),
    ];
    let response = lab.text(&with(&media)).await;
    assert!(response.json["sid"].as_str().unwrap().starts_with("MM"));
    assert_eq!(response.json["num_media"], "2");
    // The same form again creates another message.
    let again = lab.text(&with(&media)).await;
    assert_ne!(again.json["sid"], response.json["sid"]);
    assert_eq!(lab.sandbox.twilio().state().messages().len(), 3);
}

#[tokio::test]
async fn a_message_advances_one_step_when_it_is_read() {
    let lab = Lab::new().await;
    let service = lab.sandbox.twilio().messaging_service().to_owned();
    let plain = lab.text(&with(&[("Body", &"1".repeat(161))])).await;
    assert_eq!(plain.json["num_segments"], "2");
    let by_service = lab
        .text(&[
            ("To", TO),
            ("MessagingServiceSid", &service),
            ("Body", "Hi"),
        ])
        .await;
    assert_eq!(by_service.json["status"], "accepted");
    assert_eq!(by_service.json["num_segments"], "0");
    assert_eq!(by_service.json["from"], Value::Null);
    assert_eq!(by_service.json["messaging_service_sid"], service.as_str());
    for response in [&plain, &by_service] {
        let sid = sid(response);
        for status in ["sending", "sent", "delivered", "delivered"] {
            let read = lab.read(&sid).await;
            assert_eq!((read.status, &read.json["status"]), (200, &json!(status)));
            assert_eq!(read.json["from"], FROM);
            assert_eq!(read.json["price"].is_null(), status == "sending");
        }
    }
    let last = lab.read(&sid(&plain)).await;
    assert_eq!(last.json["price"], "-0.01500");
    assert!(last.json["date_sent"].is_string());
    let path = lab.account("Balance.json");
    let balance = lab.twilio(Method::GET, &path, &[]).await;
    assert_eq!(
        balance.json,
        json!({"account_sid": lab.sandbox.twilio().account_sid(), "balance": "99.97750", "currency": "USD"})
    );
}

#[tokio::test]
async fn each_wrong_field_has_its_code() {
    let lab = Lab::new().await;
    let service = lab.sandbox.twilio().messaging_service().to_owned();
    let (long, fine) = ("x".repeat(1601), "x".repeat(1600));
    let media = [("MediaUrl", "https://a.example/1.png")].repeat(11);
    for (form, status, code) in [
        (with(&[("To", "")]), 400, 21604),
        (with(&[("To", "12345")]), 400, 21211),
        (with(&[("To", "+15005550001")]), 400, 21211),
        (with(&[("To", "+15005550002")]), 400, 21612),
        (with(&[("To", "+15005550003")]), 400, 21408),
        (with(&[("To", "+15005550004")]), 400, 21610),
        (with(&[("To", "+15005550009")]), 400, 21614),
        (with(&[("From", "")]), 400, 21603),
        (with(&[("From", "a name that is too long")]), 400, 21212),
        (with(&[("From", "+15005550001")]), 400, 21212),
        (with(&[("From", "+15005550007")]), 400, 21606),
        (with(&[("From", "+15005550008")]), 429, 21611),
        (with(&[("To", FROM)]), 400, 21266),
        (with(&[("From", "whatsapp:+15005550006")]), 400, 21910),
        (with(&[("MessagingServiceSid", "MG00")]), 400, 21701),
        (with(&[("Body", "")]), 400, 21602),
        (with(&[("Body", &long)]), 400, 21617),
        (with(&media), 400, 21623),
        (with(&[("MediaUrl", "nowhere")]), 400, 21620),
        (
            with(&[("MediaUrl", "https://unreachable.invalid/a.png")]),
            400,
            21620,
        ),
        (with(&[("ContentSid", "HX00")]), 400, 21655),
        (with(&[("ContentVariables", "[]")]), 400, 21656),
        (
            with(&[("StatusCallback", "https://a_b.example/")]),
            400,
            21609,
        ),
        (with(&[("StatusCallback", "a.example")]), 400, 21609),
        (with(&[("ValidityPeriod", "0")]), 400, 21624),
        (with(&[("ValidityPeriod", "36001")]), 400, 21624),
        (with(&[("ScheduleType", "fixed")]), 400, 35111),
        (
            with(&[("ScheduleType", "fixed"), ("SendAt", &ahead(3600))]),
            400,
            35118,
        ),
        (
            with(&[("ScheduleType", "soon"), ("SendAt", &ahead(3600))]),
            400,
            35126,
        ),
        (with(&[("SendAt", &ahead(3600))]), 400, 35119),
        (
            with(&[
                ("ScheduleType", "fixed"),
                ("MessagingServiceSid", &service),
                ("SendAt", &ahead(200)),
            ]),
            400,
            35115,
        ),
        (
            with(&[
                ("ScheduleType", "fixed"),
                ("MessagingServiceSid", &service),
                ("SendAt", &ahead(36 * 86_400)),
            ]),
            400,
            35115,
        ),
        (
            with(&[
                ("ScheduleType", "fixed"),
                ("MessagingServiceSid", &service),
                ("SendAt", "tomorrow"),
            ]),
            400,
            35115,
        ),
    ] {
        let response = lab.text(&form).await;
        assert_eq!(
            (response.status, &response.json["code"]),
            (status, &json!(code)),
            "{form:?}"
        );
        assert_eq!(response.json["status"], status);
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        assert_eq!(response.json["more_info"], more);
        assert!(!response.json["message"].as_str().unwrap().is_empty());
    }
    assert_eq!(lab.sandbox.twilio().state().messages().len(), 0);
    for form in [
        with(&[("Body", &fine)]),
        with(&[("From", "My Shop")]),
        with(&[("ValidityPeriod", "36000")]),
        with(&media[..10]),
    ] {
        assert_eq!(lab.text(&form).await.status, 201, "{form:?}");
    }
}

#[tokio::test]
async fn some_numbers_are_never_reached() {
    let lab = Lab::new().await;
    for code in [30003, 30005, 30006, 30007, 30008] {
        let to = format!("+15005553{:03}", code % 1000);
        let sid = sid(&lab.text(&with(&[("To", &to)])).await);
        for status in ["sending", "sent", "undelivered", "undelivered"] {
            assert_eq!(lab.read(&sid).await.json["status"], status, "{to}");
        }
        let last = lab.read(&sid).await.json;
        assert_eq!(last["error_code"], code, "{to}");
        assert!(last["error_message"].is_string());
    }
}

#[tokio::test]
async fn only_the_account_or_its_key_has_access() {
    let lab = Lab::new().await;
    let sandbox = &lab.sandbox;
    let other = Sandbox::builder().seed(2).start().await.unwrap();
    let (account, token) = (
        sandbox.twilio().account_sid(),
        sandbox.twilio().auth_token(),
    );
    let (key, secret) = (sandbox.twilio().api_key(), sandbox.twilio().api_secret());
    let own = lab.account("Balance.json");
    let foreign = format!(
        "/2010-04-01/Accounts/{}/Balance.json",
        other.twilio().account_sid()
    );
    for (path, user, password, status) in [
        (&own, account, token, 200),
        (&own, key, secret, 200),
        (&own, account, "wrong", 401),
        (&own, key, token, 401),
        (
            &own,
            other.twilio().account_sid(),
            other.twilio().auth_token(),
            401,
        ),
        (&foreign, account, token, 401),
    ] {
        let url = format!("{}{path}", sandbox.twilio().url());
        let request = client().get(url).basic_auth(user, Some(password));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        if status == 401 {
            let body: Value = response.json().await.unwrap();
            assert_eq!(
                (&body["code"], &body["status"]),
                (&json!(20003), &json!(401))
            );
        }
    }
    let url = format!("{}{own}", sandbox.twilio().url());
    assert_eq!(client().get(url).send().await.unwrap().status(), 401);
    for (method, rest, status, code) in [
        (Method::GET, "Messages/SM00.json", 404, 20404),
        (Method::DELETE, "Messages/SM00.json", 404, 20404),
        (Method::GET, "Calls.json", 404, 20404),
        (Method::DELETE, "Messages.json", 405, 20004),
    ] {
        let response = lab.twilio(method, &lab.account(rest), &[]).await;
        assert_eq!(
            (response.status, &response.json["code"]),
            (status, &json!(code)),
            "{rest}"
        );
    }
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let lab = Lab::new().await;
    let mut sids = Vec::new();
    for n in 0..7 {
        sids.push(sid(&lab.text(&with(&[("Body", &n.to_string())])).await));
    }
    lab.text(&with(&[("To", "+15551234567")])).await;
    sids.reverse();
    let first = lab.list(&[("To", TO), ("PageSize", "3")]).await;
    let (mut seen, mut pages, mut page) = (Vec::new(), Vec::new(), first.json);
    loop {
        let list = page["messages"].as_array().unwrap();
        seen.extend(list.iter().map(|m| m["sid"].as_str().unwrap().to_owned()));
        pages.push((
            page["page"].clone(),
            page["start"].clone(),
            page["end"].clone(),
            list.len(),
        ));
        let Some(next) = page["next_page_uri"].as_str() else {
            break;
        };
        assert!(
            next.starts_with("/2010-04-01/") && next.contains("To=%2B"),
            "{next}"
        );
        // A message that arrives in the meantime does not shift the pages.
        lab.text(&with(&[])).await;
        page = lab.twilio(Method::GET, next, &[]).await.json;
    }
    assert_eq!(seen, sids);
    assert_eq!(
        pages,
        [
            (json!(0), json!(0), json!(2), 3),
            (json!(1), json!(3), json!(5), 3),
            (json!(2), json!(6), json!(6), 1)
        ]
    );
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let count = lab.sandbox.twilio().state().messages().len();
    for (query, expected) in [
        (vec![("DateSent", today.as_str())], count),
        (vec![("DateSent>", today.as_str())], count),
        (vec![("DateSent<", today.as_str())], count),
        (vec![("DateSent", "2020-01-01")], 0),
        (vec![("DateSent<", "2020-01-01")], 0),
        (vec![("DateSent>", "2020-01-01"), ("To", "+15551234567")], 1),
        (vec![("DateSent>", "2099-01-01T00:00:00Z")], 0),
        (vec![("From", FROM)], count),
        (vec![("From", "+15550000000")], 0),
        (vec![("PageSize", "5000")], count),
        (vec![("PageSize", "2"), ("Page", "1")], 2),
    ] {
        let response = lab.list(&query).await;
        assert_eq!(
            response.json["messages"].as_array().unwrap().len(),
            expected,
            "{query:?}"
        );
    }
    assert_eq!(
        lab.list(&[("PageSize", "5000")]).await.json["page_size"],
        1000
    );
    assert_eq!(lab.list(&[]).await.json["page_size"], 50);
    assert_eq!(lab.list(&[("DateSent", "soon")]).await.json["code"], 20001);
    assert_eq!(lab.list(&[("PageToken", "PASM00")]).await.status, 400);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 7);
}

#[tokio::test]
async fn fifty_at_once_are_fifty_messages() {
    let lab = Lab::new().await;
    let form = with(&[]);
    let responses = futures_util::future::join_all((0..50).map(|_| lab.text(&form))).await;
    let sids: BTreeSet<String> = responses.iter().map(sid).collect();
    assert_eq!(sids.len(), 50);
    let kept = lab.sandbox.twilio().state().messages();
    let kept: BTreeSet<String> = kept.iter().map(|m| m.sid.clone()).collect();
    assert_eq!(kept, sids);
}

#[tokio::test]
async fn segments_are_counted_as_the_vendor_does() {
    let lab = Lab::new().await;
    let rows = [
        ("1".repeat(160), Encoding::Gsm7, "1"),
        ("1".repeat(161), Encoding::Gsm7, "2"),
        ("1".repeat(307), Encoding::Gsm7, "3"),
        ("]".repeat(153), Encoding::Gsm7, "3"),
        (format!("€{}", "1".repeat(159)), Encoding::Gsm7, "2"),
        ("ç".repeat(70), Encoding::Ucs2, "1"),
        ("ç".repeat(71), Encoding::Ucs2, "2"),
        (format!("\u{1F61C}{}", "1".repeat(133)), Encoding::Ucs2, "3"),
    ];
    for (body, encoding, parts) in rows {
        let response = lab.text(&with(&[("Body", &body)])).await;
        assert_eq!(response.json["num_segments"], parts, "{body}");
        assert_eq!(
            lab.sandbox
                .twilio()
                .state()
                .messages()
                .last()
                .unwrap()
                .encoding,
            encoding
        );
    }
}
