//! One request to the vendor: authorize, send, read and classify, all under one deadline.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::{
    Operation, Request, ResponseHead, ResponseView, UnsignedRequest,
    classify::Failure,
    clock::Clock,
    quota::retry_after,
    request::Standing,
    retry::{AttemptFailure, before_sending, delivery_of_response},
    shared::Shared,
    timer::{Limit, within},
};
use crate::{
    error::{Delivery, Error, Kind, ProtocolReason, TimeoutPhase, TransportPhase},
    transport::{
        BodyClaim, ByteStream, Incoming, Outgoing, OutgoingBody, OutgoingContent, TransportCause,
        TransportError,
    },
};

/// The body of a successful call.
pub(super) enum Accepted {
    Whole(Bytes),
    Streaming(ByteStream),
}

/// One attempt of a call.
pub(super) struct Attempt<'a> {
    pub(super) shared: &'a Shared,
    pub(super) operation: &'a Operation,
    /// How long the attempt may take in all.
    pub(super) time: Duration,
    pub(super) streaming: bool,
}

impl Attempt<'_> {
    /// Sends the request once. `sent` is incremented when it is handed to the transport; `generation` is set to that
    /// of the credential.
    pub(super) async fn send(
        &self,
        request: &mut Request,
        sent: &mut u32,
        generation: &mut u64,
    ) -> Result<(ResponseHead, Accepted), AttemptFailure> {
        // One limit for authorizing, sending and reading.
        let mut limit = Limit::new(self.shared.clock.as_ref(), self.time);
        let mut url = request.url.clone();
        let mut headers = request.headers.clone();
        let content = request.body.take();
        let body = match &content {
            OutgoingContent::Bytes(bytes) => Some(bytes.clone()),
            OutgoingContent::Empty => Some(Bytes::new()),
            OutgoingContent::Stream(..) => None,
        };
        let unsigned = UnsignedRequest {
            method: self.operation.method,
            url: &mut url,
            headers: &mut headers,
            body: body.as_ref(),
            now: self.shared.clock.wall(),
        };
        match limit.run(self.shared.authorizer.authorize(unsigned)).await {
            Some(Ok(used)) => *generation = used,
            Some(Err(error)) => return Err(from_authorizer(&error)),
            None => {
                return Err(AttemptFailure {
                    of_credentials: true,
                    ..timed_out(TimeoutPhase::Connect, Delivery::NotSent, &request.url)
                });
            }
        }
        // A transport never reads an empty body, so its claim proves nothing.
        let provable = content.len() > 0;
        let claim = BodyClaim::default();
        let body = OutgoingBody::new(content, claim.clone());
        let outgoing = Outgoing::new(self.operation.method.clone(), url, headers, body);
        *sent += 1;
        // The body is withdrawn in the same step that finds it unread: whoever reads it afterwards gets an error, even on
        // another thread that still has the request.
        let withdrawn = || {
            if claim.withdraw() && provable {
                Delivery::NotSent
            } else {
                Delivery::Unknown
            }
        };
        match limit.run(self.shared.transport.send(outgoing)).await {
            None => {
                let delivery = withdrawn();
                let phase = match delivery {
                    Delivery::NotSent => TimeoutPhase::Send,
                    _ => TimeoutPhase::FirstByte,
                };
                Err(timed_out(phase, delivery, &request.url))
            }
            Some(Err(error)) => Err(from_transport(error, withdrawn())),
            Some(Ok(incoming)) => self.read(incoming, request, &mut limit).await,
        }
    }

    /// Reads the response and asks the classifier what it means.
    async fn read(
        &self,
        incoming: Incoming,
        request: &Request,
        limit: &mut Limit,
    ) -> Result<(ResponseHead, Accepted), AttemptFailure> {
        let Incoming {
            status,
            headers,
            body,
        } = incoming;
        let request_id = self.shared.classifier.request_id(&headers);
        let streams = self.streaming && status.is_success();
        let (accepted, whole) = if streams {
            (
                Some(Accepted::Streaming(idle_limited(
                    body,
                    Arc::clone(&self.shared.clock),
                    self.shared.policy.idle_timeout,
                ))),
                Bytes::new(),
            )
        } else if self.operation.method == Method::HEAD {
            // A HEAD response carries a Content-Length but no body.
            (None, Bytes::new())
        } else {
            let whole = read_capped(body, &headers, self.shared.policy.max_response_bytes);
            match limit.run(whole).await {
                Some(Ok(whole)) => (None, whole),
                Some(Err(cut)) => return Err(self.cut(status, request_id, cut)),
                None => return Err(self.cut(status, request_id, Cut::Late)),
            }
        };
        let view = ResponseView {
            operation: self.operation.name,
            status,
            headers: &headers,
            body: &whole,
        };
        if let Some(failure) = self.shared.classifier.classify(view) {
            return Err(self.refused(status, &headers, request_id, failure));
        }
        let head = ResponseHead {
            status,
            headers,
            request_id,
            vendor: self.shared.vendor,
            operation: self.operation.name,
            idempotency_key: request.key.clone(),
            standing: Standing::Main,
        };
        Ok((head, accepted.unwrap_or(Accepted::Whole(whole))))
    }

    fn refused(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        request_id: Option<String>,
        failure: Failure,
    ) -> AttemptFailure {
        let wall = self.shared.clock.wall();
        // Only these two statuses give `Retry-After` the meaning of "retry then".
        let asked = match status.as_u16() {
            429 | 503 => retry_after(headers, wall),
            _ => None,
        };
        let quota = self.shared.quota.read(headers, wall);
        let reset = match failure.kind {
            Kind::RateLimited { .. } => quota
                .iter()
                .filter(|window| window.remaining.unwrap_or(0) == 0)
                .filter_map(|window| window.resets_in)
                .max(),
            _ => None,
        };
        let server_delay = asked.or(failure.hint.delay).or(reset);
        let delivery = delivery_of_response(
            self.operation.class,
            self.shared.profile,
            status,
            &failure,
            server_delay.is_some(),
        );
        let date = headers
            .get(http::header::DATE)
            .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok())
            .and_then(|date| jiff::Timestamp::try_from(date).ok());
        AttemptFailure {
            status: Some(status),
            request_id,
            date,
            server_delay,
            ..AttemptFailure::new(failure, delivery)
        }
    }

    /// Builds the failure of a response whose body did not arrive completely.
    fn cut(&self, status: StatusCode, request_id: Option<String>, cut: Cut) -> AttemptFailure {
        let success = status.is_success();
        let is_late = matches!(cut, Cut::Late);
        let (kind, message, delivery) = match cut {
            Cut::TooLarge => (
                Kind::Protocol(ProtocolReason::TooLarge),
                "the response's body is larger than the limit",
                Delivery::Accepted,
            ),
            Cut::Unreadable => (
                Kind::Protocol(ProtocolReason::BadEncoding),
                "the response's encoding cannot be decoded",
                Delivery::Accepted,
            ),
            Cut::Late => (
                Kind::Timeout {
                    phase: TimeoutPhase::Body,
                },
                "the response's body arrived too late",
                Delivery::Unknown,
            ),
            Cut::Broken => (
                Kind::Transport {
                    phase: TransportPhase::Receive,
                },
                "the response's body was cut off",
                Delivery::Unknown,
            ),
        };
        // Without its body, an error response does not prove that it is the vendor's own.
        let (failure, delivery) = match Failure::from_status(status) {
            Some(failure) => {
                let delivery = delivery_of_response(
                    self.operation.class,
                    self.shared.profile,
                    status,
                    &failure,
                    false,
                );
                (failure, delivery)
            }
            None => (Failure::new(kind, message), delivery),
        };
        AttemptFailure {
            status: Some(status),
            request_id,
            cut_success: success,
            out_of_time: is_late,
            ..AttemptFailure::new(failure, delivery)
        }
    }
}

/// Why a body did not arrive completely.
enum Cut {
    TooLarge,
    Unreadable,
    Late,
    Broken,
}

impl Cut {
    fn from_error(error: &Error) -> Self {
        match error.kind() {
            Kind::Protocol(ProtocolReason::BadEncoding) => Self::Unreadable,
            _ => Self::Broken,
        }
    }
}

async fn read_capped(mut body: ByteStream, headers: &HeaderMap, cap: u64) -> Result<Bytes, Cut> {
    let announced = headers
        .get(http::header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > cap) {
        return Err(Cut::TooLarge);
    }
    let Some(first) = body.next().await else {
        return Ok(Bytes::new());
    };
    let first = first.map_err(|error| Cut::from_error(&error))?;
    if first.len() as u64 > cap {
        return Err(Cut::TooLarge);
    }
    // Most responses are one piece, which is kept as it is.
    let Some(second) = body.next().await else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(piece) = next {
        let piece = piece.map_err(|error| Cut::from_error(&error))?;
        if (whole.len() as u64).saturating_add(piece.len() as u64) > cap {
            return Err(Cut::TooLarge);
        }
        whole.extend_from_slice(&piece);
        next = body.next().await;
    }
    Ok(whole.freeze())
}

/// Limits each wait for the next piece. The timer runs only while the reader waits, so a slow reader is not a stall.
fn idle_limited(body: ByteStream, clock: Arc<dyn Clock>, idle: Duration) -> ByteStream {
    let pieces = stream::unfold(Some((body, clock)), move |state| async move {
        let (mut body, clock) = state?;
        match within(clock.as_ref(), idle, body.next()).await {
            Some(Some(Ok(piece))) => Some((Ok(piece), Some((body, clock)))),
            Some(Some(Err(error))) => Some((Err(error), None)),
            Some(None) => None,
            None => {
                let kind = Kind::Timeout {
                    phase: TimeoutPhase::Body,
                };
                let message = "no piece of the body came within the idle timeout";
                Some((Err(Error::new(kind, Delivery::Accepted, message)), None))
            }
        }
    });
    Box::pin(pieces)
}

fn timed_out(phase: TimeoutPhase, delivery: Delivery, url: &Url) -> AttemptFailure {
    let what = match phase {
        TimeoutPhase::Connect | TimeoutPhase::Send => "no connection",
        _ => "no response",
    };
    let host = url.host_str().unwrap_or_default();
    let message = format!("{what} within the time limit ({host})");
    AttemptFailure {
        out_of_time: true,
        ..AttemptFailure::new(Failure::new(Kind::Timeout { phase }, message), delivery)
    }
}

/// No credentials were available, and nothing was sent. A temporary failure is retried like any other.
fn from_authorizer(error: &Error) -> AttemptFailure {
    let mut failure = Failure::new(error.kind().clone(), error.message());
    failure.field = error.field();
    AttemptFailure {
        status: error.status(),
        server_delay: error.retry_after(),
        of_credentials: true,
        ..AttemptFailure::new(failure, Delivery::NotSent)
    }
}

/// `delivery` is what the body's claim says; some causes prove more.
fn from_transport(error: TransportError, delivery: Delivery) -> AttemptFailure {
    let (kind, delivery) = match error.cause {
        TransportCause::Network(phase) => {
            let proven = if before_sending(phase) {
                Delivery::NotSent
            } else {
                delivery
            };
            (Kind::Transport { phase }, proven)
        }
        TransportCause::Timeout(phase @ TimeoutPhase::Connect) => {
            (Kind::Timeout { phase }, Delivery::NotSent)
        }
        TransportCause::Timeout(phase) => (Kind::Timeout { phase }, delivery),
        TransportCause::Unprocessed => {
            let kind = Kind::Transport {
                phase: TransportPhase::Send,
            };
            let failure = Failure::new(kind, error.message);
            return AttemptFailure {
                unprocessed: true,
                ..AttemptFailure::new(failure, Delivery::NotSent)
            };
        }
        TransportCause::Certificate => (Kind::Config, Delivery::NotSent),
        TransportCause::BlockedAddress => (
            Kind::Protocol(ProtocolReason::BlockedAddress),
            Delivery::NotSent,
        ),
        TransportCause::Malformed => (Kind::InvalidRequest, Delivery::NotSent),
        TransportCause::BadEncoding => (Kind::Protocol(ProtocolReason::BadEncoding), delivery),
    };
    AttemptFailure::new(Failure::new(kind, error.message), delivery)
}
