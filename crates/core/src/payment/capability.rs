//! What a payment vendor can do, as data.

/// What a payment vendor can do. The default is nothing; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaymentCapabilities {
    /// Taking the money later than reserving it.
    pub capture: CaptureCapability,
    /// Giving money back.
    pub refund: RefundCapability,
    /// Customers and their saved sources.
    pub source: SourceCapability,
    /// Charging while the payer is away.
    pub off_session: bool,
    /// Listing payments.
    pub list: bool,
    /// How long the vendor remembers an idempotency key, in hours; `None` where it has no such keys.
    pub idempotency_hours: Option<u32>,
}

/// Taking the money later than reserving it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureCapability {
    /// Reserve now, capture later.
    pub manual: bool,
    /// Capture less than was reserved; the rest is released.
    pub partial: bool,
    /// Capture several times until the reserved amount is used up.
    pub multiple: bool,
}

/// Giving money back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefundCapability {
    /// Refunds at all.
    pub full: bool,
    /// Refund less than was captured, several times.
    pub partial: bool,
}

/// Customers and their saved sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceCapability {
    /// The vendor keeps customer objects.
    pub customers: bool,
    /// Save a source without paying.
    pub save: bool,
    /// Save the source of a payment for later.
    pub save_with_payment: bool,
    /// List and remove saved sources.
    pub list: bool,
}
