//! What a call does: its name, its place in the API and its class.

use http::Method;

/// Whether repeating a request is harmless. Stated for every operation, never guessed from the HTTP method.
///
/// # Examples
/// ```
/// use anyvendor_core::resilience::{Operation, OperationClass};
/// use http::Method;
///
/// const REFUND: Operation =
///     Operation::new("payment.refund", &Method::POST, "/v1/refunds", OperationClass::Keyed);
/// const REFUND_GET: Operation =
///     Operation::new("payment.get_refund", &Method::GET, "/v1/refunds/{id}", OperationClass::Safe);
/// assert_ne!(REFUND.class, REFUND_GET.class);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationClass {
    /// The operation only reads.
    Safe,
    /// A write that has the same effect once or ten times, such as writing the same bytes under the same key.
    Idempotent,
    /// A write with an idempotency key that the vendor honours.
    Keyed,
    /// Any other write: never repeated once it may have been sent.
    Unkeyed,
}

/// One operation of a vendor's API; a constant next to the code that calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The neutral name, such as `payment.refund`: for errors, spans and metrics.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static Method,
    /// The path with its variables in braces, such as `/v1/refunds/{id}`: the only form of the path that is printed.
    pub template: &'static str,
    /// Whether repeating the operation is harmless.
    pub class: OperationClass,
    /// Whether the usual time limits apply. Off for transfers of bulk data and for calls that the vendor may process
    /// silently for minutes: then the policy's bulk limit, the idle limit and the caller's deadline apply.
    pub attempt_limit: bool,
    /// Whether this only prepares the work, such as beginning an upload: by itself it has no effect that an application
    /// could see, so a lost one leaves nothing unknown.
    pub prepares: bool,
}

impl Operation {
    /// Creates an operation whose attempts have the usual time limit.
    #[must_use]
    pub const fn new(
        name: &'static str,
        method: &'static Method,
        template: &'static str,
        class: OperationClass,
    ) -> Self {
        Self {
            name,
            method,
            template,
            class,
            attempt_limit: true,
            prepares: false,
        }
    }

    /// The same operation without the usual time limits per attempt and per call.
    #[must_use]
    pub const fn unbounded(mut self) -> Self {
        self.attempt_limit = false;
        self
    }

    /// The same operation as one that only prepares the work.
    #[must_use]
    pub const fn preparing(mut self) -> Self {
        self.prepares = true;
        self
    }

    /// The same operation with another class.
    #[must_use]
    pub const fn with_class(mut self, class: OperationClass) -> Self {
        self.class = class;
        self
    }
}
