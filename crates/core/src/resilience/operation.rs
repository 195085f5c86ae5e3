//! What a call does to the world: its name, its place in the API and its class.

use http::Method;

/// Whether repeating a request is harmless. Stated for every operation, never guessed from the HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationClass {
    /// Reads only.
    Safe,
    /// A write that has the same effect once or ten times, such as putting the same bytes under the same key.
    Idempotent,
    /// A write that carries a key which the vendor honours.
    Keyed,
    /// Any other write: never repeated once it may have been sent.
    Unkeyed,
}

/// One operation of a vendor's API; a constant beside the code that calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The neutral name, such as `payment.refund`: for errors, spans and metrics.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static Method,
    /// The path with its variables in braces, such as `/v1/refunds/{id}`: the only form of the path that is printed.
    pub template: &'static str,
    /// Whether repeating is harmless.
    pub class: OperationClass,
    /// Whether the usual time limits hold. Off for transfers of bulk data and for calls that the vendor may work on in
    /// silence for minutes: the policy's bulk limit, the idle limit and the caller's deadline hold instead.
    pub attempt_limit: bool,
}

impl Operation {
    /// An operation whose attempts have the usual time limit.
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
        }
    }

    /// The same operation without a time limit per attempt and without the default total limit.
    #[must_use]
    pub const fn unbounded(mut self) -> Self {
        self.attempt_limit = false;
        self
    }

    /// The same operation in another class.
    #[must_use]
    pub const fn with_class(mut self, class: OperationClass) -> Self {
        self.class = class;
        self
    }
}
