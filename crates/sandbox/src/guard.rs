//! Who may talk to a listener: this machine by its own names, and no foreign page in a browser on it.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode};

use crate::body::ResponseBody;
use crate::reply::problem;

/// Pages of the control address load nothing but its own style sheet.
const CONTROL_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Whatever an emulator returns, such as a stored HTML file, runs nothing and loads nothing in a browser.
const EMULATOR_POLICY: &str =
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The control address, which only its own pages and programs use.
    Control,
    /// A vendor's API, and the pages to which a shop sends its payer.
    Emulator,
}

/// The rules of one listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) purpose: Purpose,
    /// The listener's own port.
    pub(crate) port: u16,
}

impl Guard {
    /// The response to a request that is refused; its body is not read.
    pub(crate) fn refuse<B>(&self, request: &Request<B>) -> Option<Response<ResponseBody>> {
        let (status, error) = self.judge(request).err()?;
        let mut response = problem(status, error);
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        Some(response)
    }

    fn judge<B>(&self, request: &Request<B>) -> Result<(), (StatusCode, &'static str)> {
        if !self.is_addressed(request) {
            let error = "this is a sandbox on this machine: the host must be 127.0.0.1, localhost, [::1] or a name that \
                         ends in .localhost, with the sandbox's port";
            return Err((StatusCode::MISDIRECTED_REQUEST, error));
        }
        let headers = request.headers();
        let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_open = is_safe && (self.purpose == Purpose::Emulator || is_opened(headers));
        if !is_open && !is_same_origin(headers) {
            let error = "a page of another origin may not do this";
            return Err((StatusCode::FORBIDDEN, error));
        }
        if self.purpose == Purpose::Control && !is_safe && !is_json(headers) {
            let error = "send content-type: application/json, also without a body";
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, error));
        }
        Ok(())
    }

    /// Whether the request names this listener, in its one `Host` and, if it has one there, in its target.
    fn is_addressed<B>(&self, request: &Request<B>) -> bool {
        let host = only(request.headers(), header::HOST);
        let host = host.and_then(|host| host.parse::<Authority>().ok());
        let target = request.uri().authority();
        host.is_some_and(|host| self.is_own(&host)) && target.is_none_or(|host| self.is_own(host))
    }

    fn is_own(&self, authority: &Authority) -> bool {
        let host = authority.host().to_ascii_lowercase();
        let is_local = match host.strip_suffix(".localhost") {
            Some(below) => below.split('.').all(is_label),
            None => matches!(host.as_str(), "127.0.0.1" | "localhost" | "[::1]"),
        };
        let port = authority.port_u16().unwrap_or(80);
        is_local && port == self.port && !authority.as_str().contains('@')
    }

    /// Adds the headers that keep a browser from doing more with a response than showing it.
    pub(crate) fn protect(&self, response: &mut Response<ResponseBody>) {
        let headers = response.headers_mut();
        let mut set =
            |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::REFERRER_POLICY, "no-referrer");
        let policy = match self.purpose {
            Purpose::Control => {
                set(
                    HeaderName::from_static("cross-origin-opener-policy"),
                    "same-origin",
                );
                set(
                    HeaderName::from_static("cross-origin-resource-policy"),
                    "same-origin",
                );
                set(header::X_DNS_PREFETCH_CONTROL, "off");
                set(header::CACHE_CONTROL, "no-store");
                CONTROL_POLICY
            }
            Purpose::Emulator => {
                // A stored object has an entity tag, and its own `Cache-Control` or none.
                if !headers.contains_key(header::ETAG) {
                    let entry = headers.entry(header::CACHE_CONTROL);
                    entry.or_insert(HeaderValue::from_static("no-store"));
                }
                EMULATOR_POLICY
            }
        };
        let entry = headers.entry(header::CONTENT_SECURITY_POLICY);
        entry.or_insert(HeaderValue::from_static(policy));
    }
}

fn is_label(label: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !label.is_empty() && label.bytes().all(is_allowed)
}

/// The value of a header that the request has exactly once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn fetch<'h>(headers: &'h HeaderMap, name: &'static str) -> Option<&'h str> {
    only(headers, HeaderName::from_static(name))
}

/// Whether a person opens the address, for instance by a link in a chat.
fn is_opened(headers: &HeaderMap) -> bool {
    fetch(headers, "sec-fetch-mode") == Some("navigate")
        && fetch(headers, "sec-fetch-dest") == Some("document")
        && !headers.contains_key(header::ORIGIN)
}

/// Whether a program sends the request, or a page of the same origin. Browsers write `Sec-Fetch-*` and `Origin` themselves; other
/// ports of this machine are the same site, and another origin.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let site = fetch(headers, "sec-fetch-site");
    let is_browser = headers
        .keys()
        .any(|name| name.as_str().starts_with("sec-fetch-"));
    if is_browser && !matches!(site, Some("same-origin" | "none")) {
        return false;
    }
    if !headers.contains_key(header::ORIGIN) {
        return true;
    }
    let host = only(headers, header::HOST).unwrap_or_default();
    match only(headers, header::ORIGIN) {
        // Forms of a page without referrers.
        Some("null") => site == Some("same-origin"),
        Some(origin) => origin
            .strip_prefix("http://")
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host)),
        None => false,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    only(headers, header::CONTENT_TYPE).is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    })
}
