//! What reqwest's errors mean. The only place that reads them; nothing of their text goes on, for it may hold the URL.

use std::{error::Error as StdError, io};

use anyvendor_core::{
    error::{TimeoutPhase, TransportPhase},
    transport::{TransportCause, TransportError},
};

use super::address::Blocked;

/// A request that got no head of a response.
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
            "the response's encoding cannot be undone",
        )
    } else if error.is_body() || found::<anyvendor_core::Error>(&error).is_some() {
        // Ours is what a caller's stream fails with.
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
    TransportError {
        cause,
        message: message.to_owned(),
    }
}

/// A response whose body did not come whole.
pub(super) fn of_receive(error: reqwest::Error) -> TransportError {
    // How the decoder says that the bytes make no sense; one that was cut short misses an end instead.
    let senseless = found::<io::Error>(&error).is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        )
    });
    let (cause, message) = if senseless {
        (
            TransportCause::BadEncoding,
            "the response's encoding cannot be undone",
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
    // hyper-util says "dns error" and keeps the type to itself.
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

/// HTTP/2's own word that the request was not looked at: this stream was refused, or the connection was left before it.
/// (h2 tells a stream of the peer's leaving only when the peer numbered it among the unprocessed.) Its error type is not
/// ours to name, so its text decides; a wording that changes makes the outcome unknown, which is safe.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    chain(error).any(|cause| {
        let text = cause.to_string();
        text.starts_with("stream error received: refused stream")
            || text.starts_with("connection error received: ")
    })
}

/// The causes, from the error itself inwards. rustls hides inside `io::Error`, whose source skips it.
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
