//! Maps reqwest's errors. This is the only place that reads them; their text is never passed on, because it may contain the URL.

use std::{error::Error as StdError, io};

use anyvendor_core::{
    error::{TimeoutPhase, TransportPhase},
    transport::{TransportCause, TransportError},
};

use url::Url;

use super::address::Blocked;

/// The error of a request without a response.
pub(super) fn of_send(error: reqwest::Error) -> TransportError {
    let (cause, message) = if found::<Blocked>(&error).is_some() {
        (
            TransportCause::BlockedAddress,
            "the host resolves to a private address",
        )
    } else if error.is_builder() {
        (TransportCause::Malformed, "the request cannot be built")
    } else if is_certificate(&error) {
        (
            TransportCause::Certificate,
            "the host's certificate was refused",
        )
    } else if error.is_connect() && error.is_timeout() {
        (
            TransportCause::Timeout(TimeoutPhase::Connect),
            "no connection within the connect timeout",
        )
    } else if error.is_connect() {
        of_connect(&error)
    } else if is_unprocessed(&error) {
        (
            TransportCause::Unprocessed,
            "the host left the request unprocessed",
        )
    } else if error.is_timeout() {
        (
            TransportCause::Timeout(TimeoutPhase::FirstByte),
            "no response in time",
        )
    } else if error.is_decode() {
        (
            TransportCause::BadEncoding,
            "the response cannot be decoded",
        )
    } else if error.is_body() || found::<anyvendor_core::Error>(&error).is_some() {
        // Our own error type is the one that a caller's stream fails with.
        (
            TransportCause::Network(TransportPhase::Send),
            "the request's body could not be sent",
        )
    } else {
        (
            TransportCause::Network(TransportPhase::Receive),
            "the connection ended before a response came",
        )
    };
    let at = error.url().map(host_and_port).unwrap_or_default();
    let message = match found::<io::Error>(&error).map(io::Error::kind) {
        Some(io::ErrorKind::Other) | None => format!("{message} ({at})"),
        Some(kind) => format!("{message} ({at}, {kind})"),
    };
    TransportError { cause, message }
}

/// The host and the port of a URL, for messages: both are settings and no secrets.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{host}:{port}")
}

/// The error of a response whose body is incomplete.
pub(super) fn of_receive(error: reqwest::Error) -> TransportError {
    // The decoder reports invalid bytes in this way; a body that was cut off is reported as an unexpected end.
    let senseless = found::<io::Error>(&error).is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        )
    });
    let (cause, message) = if senseless {
        (
            TransportCause::BadEncoding,
            "the response cannot be decoded",
        )
    } else {
        (
            TransportCause::Network(TransportPhase::Receive),
            "the response's body was cut",
        )
    };
    TransportError {
        cause,
        message: message.to_owned(),
    }
}

fn of_connect(error: &reqwest::Error) -> (TransportCause, &'static str) {
    if found::<rustls::Error>(error).is_some() {
        return (
            TransportCause::Network(TransportPhase::Tls),
            "the TLS handshake failed",
        );
    }
    // hyper-util reports "dns error"; its error type is private.
    let dns = chain(error).any(|cause| cause.to_string().starts_with("dns error"));
    if dns {
        (
            TransportCause::Network(TransportPhase::Dns),
            "the host's name cannot be resolved",
        )
    } else {
        (
            TransportCause::Network(TransportPhase::Connect),
            "no connection could be made",
        )
    }
}

fn is_certificate(error: &reqwest::Error) -> bool {
    matches!(
        found::<rustls::Error>(error),
        Some(rustls::Error::InvalidCertificate(_))
    )
}

/// Whether HTTP/2 reports that the request was not processed: this stream was refused, or the connection was closed before it.
/// (h2 reports GOAWAY to a stream only if the peer listed it as unprocessed.) We cannot name h2's error type, so its message
/// decides; if the wording changes, the outcome is unknown, which is safe.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    chain(error).any(|cause| {
        let text = cause.to_string();
        text.starts_with("stream error received: refused stream")
            || text.starts_with("connection error received: ")
    })
}

/// The error and its causes, from the outside in. rustls's error is inside an `io::Error`, whose source skips it.
fn chain<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let first: &'a (dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |error: &&'a (dyn StdError + 'static)| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn found<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|cause| cause.downcast_ref::<T>())
}
