//! Webhooks: what a vendor posts to us is verified first, then converted into neutral events.
//!
//! # For callers
//! A delivery becomes a [`Verified`] or a [`WebhookError`]; events are read only from a `Verified`. The
//! [`WebhookEvent`]s arrive late, twice and out of order: recognize duplicates by [`WebhookEvent::dedupe_key`], and
//! merge the events into a [`PaymentState`], an [`EmailState`] or a [`MessageState`], which only moves forward. The
//! facade's receiver verifies and deduplicates for you.
//!
//! # For adapter authors
//! Implement [`WebhookVerifier`]. `precheck` judges the head, so that a stranger costs nothing. `verify` is pure: its
//! result depends on nothing but its arguments. Check in this order: the size
//! ([`WebhookRequest::check_body_length`]), the head by `precheck`, the signature over the raw bytes by
//! `anyvendor_http::signature`, the time by a [`Window`]. Only then call [`Verified::new_unchecked`]. An event without
//! a neutral counterpart is reported as well, as [`Event::Other`] with the vendor's payload.

mod dedupe;
mod dedupe_key;
mod email;
mod error;
mod event;
mod head;
mod merge;
mod message;
mod payment;
mod request;
mod secrets;
mod verified;
mod verifier;
mod window;
mod word;

pub use self::{
    dedupe::{Claim, DedupeStore, EventKey},
    dedupe_key::DedupeKey,
    email::{
        BounceKind, EmailChange, EmailDropReason, EmailEvent, InboundAttachment, InboundEmail,
    },
    error::WebhookError,
    event::{Event, RawEvent, WebhookEvent},
    head::WebhookHead,
    merge::{EmailState, Merge, MessageState, PaymentState},
    message::{InboundMedia, InboundMessage, MessageEvent, OptKeyword},
    payment::{
        CustomerChange, CustomerEvent, DisputeStatus, PaymentChange, PaymentEvent, SourceChange,
        SourceEvent,
    },
    request::{DEFAULT_MAX_BODY, WebhookRequest},
    secrets::signing_secrets,
    verified::{Prefetched, SignedContent, Verified},
    verifier::WebhookVerifier,
    window::Window,
};
