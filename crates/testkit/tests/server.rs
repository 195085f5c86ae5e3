//! The scripted server and the recording transport under a real client.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use anyvendor_core::{Error, Kind, resilience::OperationClass, transport::Transport};
use anyvendor_http::{Client, ClientConfig};
use anyvendor_testkit::{
    RecordingObserver, RecordingTransport, Server, SkippingClock, Step, transport::response,
};
use serde_json::{Value, json};

/// One call; calls of class `Unkeyed` are not repeated once they may have arrived.
async fn make(server: &Server) -> Result<Value, Error> {
    let config = ClientConfig::new("acme", server.url()).with_private_addresses();
    let client = Client::builder(config).clock(Arc::new(SkippingClock::default()));
    let client = client.build().unwrap();
    let call = client.post("a.make", "/a", OperationClass::Unkeyed);
    call.query("q", "1").json(&json!({"n": 1})).read().await
}

#[tokio::test]
async fn follows_the_steps_and_keeps_what_arrived() {
    let server = Server::start([Step::json(200, "7")]).await;
    assert_eq!(make(&server).await.unwrap(), 7);
    assert_eq!(make(&server).await.unwrap(), json!({}), "no steps are left");
    assert_eq!((server.count(), server.heads()), (2, 2));
    let seen = server.seen();
    let first = seen.first().unwrap();
    assert_eq!(first.line(), "POST /a?q=1");
    assert_eq!((first.path(), first.query()), ("/a", "q=1"));
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.text(), r#"{"n":1}"#);
    assert_eq!(first.json(), json!({"n": 1}));
}

#[tokio::test]
async fn a_rule_sees_the_request_and_headers_are_sent() {
    let server = Server::answering(|seen| {
        let moved = Step::json(429, "{}").with_header("retry-after", 2);
        if seen.json() == json!({"n": 1}) {
            moved
        } else {
            Step::Close
        }
    })
    .await;
    let error = make(&server).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::RateLimited { .. }), "{error}");
    assert!(server.count() > 1, "repeated as the header allows");
}

#[tokio::test]
async fn breaks_off_as_the_step_says() {
    for step in [
        Step::Close,
        Step::CloseAfterHead,
        Step::json(200, "{}").cut(),
        Step::response(200, "").cut(),
    ] {
        let server = Server::start_then([step.clone()], Step::json(500, "")).await;
        make(&server).await.unwrap_err();
        let whole = usize::from(!matches!(step, Step::CloseAfterHead));
        assert_eq!((server.heads(), server.count()), (1, whole), "{step:?}");
    }
}

#[tokio::test]
async fn the_transport_records_and_may_respond_itself() {
    let network = RecordingTransport::responding(|_| (200, "1".to_owned()));
    let transport = RecordingTransport::before(network.clone(), |sent| {
        let first = sent.url.path() == "/first";
        async move { first.then(|| response(200, &[("x-a", "b")], "2")) }
    });
    let observer = Arc::new(RecordingObserver::default());
    let builder = Client::builder(ClientConfig::new("acme", "https://api.acme.example"))
        .transport(transport.clone() as Arc<dyn Transport>)
        .observer(observer.clone());
    let client = builder.build().unwrap();
    for (path, body) in [("/first", 2), ("/second", 1)] {
        let call = client.post("a.make", path, OperationClass::Unkeyed);
        assert_eq!(call.read::<u32>().await.unwrap(), body);
    }
    assert_eq!((transport.sent().len(), network.sent().len()), (2, 1));
    assert_eq!((observer.attempts().len(), observer.calls().len()), (2, 2));
}
