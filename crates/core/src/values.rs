//! Values that are valid by construction: code that receives one never has to check it again.

mod currency;
mod email_address;
mod error;
mod idempotency_key;
mod message_reference;
mod metadata;
mod money;
mod object_key;
mod page;
mod phone_number;
mod secret;
mod secret_source;
mod sensitive_url;
mod text;
mod vendor_id;
mod vendor_ids;

pub use self::currency::Currency;
pub use self::email_address::EmailAddress;
pub use self::error::ValueError;
pub use self::idempotency_key::IdempotencyKey;
pub use self::message_reference::MessageReference;
pub use self::metadata::Metadata;
pub use self::money::Money;
pub use self::object_key::{KeyPrefix, ObjectKey};
pub use self::page::{Cursor, Page, PageRequest};
pub use self::phone_number::PhoneNumber;
pub use self::secret::Secret;
pub use self::secret_source::SecretSource;
pub use self::sensitive_url::SensitiveUrl;
pub use self::vendor_id::VendorId;
pub use self::vendor_ids::VendorIds;
