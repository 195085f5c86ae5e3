//! Values, requests and responses of the call pipeline, and the client for any API.

use anyvendor::{
    Bytes, Timestamp,
    address::api_address,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::AUTHORIZATION},
    network::{Auth, Client, ClientConfig, ClientCredentials},
    resilience::{OperationClass, Request, RequestBody, ResponseView, UnsignedRequest},
    transport::{ByteStream, Incoming, Outgoing, OutgoingBody},
    values::{Cursor, EmailAddress, Metadata, Page, PageRequest, PhoneNumber, SecretSource},
};
use anyvendor_core::form::Form;

use super::canary::{Canary, Prints};

fn headers(canary: &Canary) -> HeaderMap {
    let value = HeaderValue::try_from(canary.text()).unwrap();
    HeaderMap::from_iter([
        (AUTHORIZATION, value.clone()),
        (HeaderName::from_static("x-note"), value),
    ])
}

fn body(canary: &Canary) -> ByteStream {
    let piece = Bytes::from(canary.text());
    Box::pin(futures_util::stream::iter([Ok(piece)]))
}

pub(crate) fn add(canary: &Canary, prints: &mut Prints) {
    values(canary, prints);
    requests(canary, prints);
    client(canary, prints);
}

fn values(canary: &Canary, prints: &mut Prints) {
    prints.add("Secret", &canary.secret());
    prints.add("SecretSource", &SecretSource::from(canary.secret()));
    prints.add("EmailAddress", &canary.email());
    prints.add("PhoneNumber", &canary.phone());
    prints.add("Metadata", &canary.metadata());
    prints.add("SensitiveUrl", &canary.sensitive_url());
    let cursor = Cursor::new(canary.text()).unwrap();
    prints.add("Cursor", &cursor);
    prints.add(
        "Page",
        &Page::new(vec![canary.email()], Some(cursor.clone())),
    );
    prints.add("PageRequest", &PageRequest::first().with_after(cursor));
    // What is wrong is said without the value.
    for error in [
        SecretSource::parse(&canary.word).unwrap_err(),
        format!("{} at example", canary.word)
            .parse::<EmailAddress>()
            .unwrap_err(),
        format!("+1x{}{}", canary.word, canary.digits)
            .parse::<PhoneNumber>()
            .unwrap_err(),
        Metadata::new().with("note\n", canary.text()).unwrap_err(),
        Cursor::new(format!("{}\n", canary.word)).unwrap_err(),
    ] {
        prints.add_text("ValueError", format!("{error} {error:?} {error:#?}"));
    }
    for wrong in [
        canary.url_text(),
        canary.text(),
        format!("ftp://{}", canary.word),
    ] {
        let error = api_address("base_url", &wrong, false).unwrap_err();
        prints.add_text("Error", format!("{error} {error:?} {error:#?}"));
    }
}

fn requests(canary: &Canary, prints: &mut Prints) {
    let form = Form::default().add("name", canary.text());
    prints.add("Form", &form);
    let header = (
        HeaderName::from_static("x-note"),
        HeaderValue::try_from(canary.text()).unwrap(),
    );
    let request = Request::new(canary.url())
        .with_header(header.0, header.1)
        .with_form(form.finish());
    prints.add("Request", &request);
    prints.add(
        "RequestBody",
        &RequestBody::from(Bytes::from(canary.text())),
    );
    let sent = OutgoingBody::stream(body(canary), 12);
    prints.add("OutgoingBody", &sent);
    prints.add(
        "Outgoing",
        &Outgoing::new(Method::GET, canary.url(), headers(canary), sent),
    );
    prints.add(
        "Incoming",
        &Incoming::new(StatusCode::OK, headers(canary), body(canary)),
    );
    let (mut url, mut all, bytes) = (canary.url(), headers(canary), Bytes::from(canary.text()));
    let view = ResponseView {
        operation: "a.make",
        status: StatusCode::OK,
        headers: &all.clone(),
        body: &bytes,
    };
    prints.add("ResponseView", &view);
    let unsigned = UnsignedRequest {
        method: &Method::GET,
        url: &mut url,
        headers: &mut all,
        body: Some(&bytes),
        now: Timestamp::UNIX_EPOCH,
    };
    prints.add("UnsignedRequest", &unsigned);
}

fn client(canary: &Canary, prints: &mut Prints) {
    let own = HeaderName::from_static("x-api-key");
    let value = HeaderValue::try_from(canary.text()).unwrap();
    let token = ClientCredentials::new(canary.url_text(), canary.text(), canary.secret())
        .with_scope(canary.text())
        .with_audience("audience", canary.text());
    prints.add("ClientCredentials", &token);
    for auth in [
        Auth::none().with_header(own.clone(), value.clone()),
        Auth::bearer(canary.secret()),
        Auth::basic(canary.text(), canary.secret()),
        Auth::header(own.clone(), canary.secret()),
        Auth::query(canary.text(), canary.secret()),
        Auth::client_credentials(token),
    ] {
        prints.add("Auth", &auth);
        let config = ClientConfig::new("acme", canary.url_text()).with_auth(auth);
        prints.add("ClientConfig", &config);
        prints.add("ConnectionBuilder", &Client::builder(config));
    }
    let config = ClientConfig::new("acme", format!("https://api.example.com/{}", canary.word));
    let client = Client::new(config).unwrap();
    prints.add("Client", &client);
    let call = client
        .post("a.make", "/a/{id}", OperationClass::Unkeyed)
        .path([canary.text()])
        .query(canary.text(), canary.text())
        .header(own, value)
        .json(&canary.word);
    prints.add("ClientCall", &call);
    let call = client.post("a.make", "/a", OperationClass::Unkeyed);
    prints.add(
        "ClientCall",
        &call.form(&[(canary.word.as_str(), canary.word.as_str())]),
    );
}
