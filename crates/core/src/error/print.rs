//! An error as text: one line for people, and all fields for developers.

use std::fmt;

use super::{Delivery, Error};

impl Error {
    /// Writes what support asks for: status, code, the vendor's request id and the number of attempts.
    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        let mut separator = " (";
        let mut write = |name: &str, value: &dyn fmt::Display| {
            write!(
                f,
                "{}{name} {value}",
                std::mem::replace(&mut separator, ", ")
            )
        };
        if let Some(status) = inner.status {
            write("status", &status.as_u16())?;
        }
        if let Some(code) = &inner.vendor_code {
            write("code", code)?;
        }
        if let Some(id) = &inner.request_id {
            write("request", id)?;
        }
        if inner.attempts > 1 {
            write("attempts", &inner.attempts)?;
        }
        match separator {
            ", " => f.write_str(")"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(vendor) = inner.vendor {
            write!(f, "{vendor} ")?;
        }
        if let Some(operation) = inner.operation {
            write!(f, "{operation} ")?;
        }
        write!(f, "{}: {}", inner.kind.as_str(), inner.message)?;
        self.write_details(f)?;
        match inner.delivery {
            Delivery::Unknown => write!(f, "; the vendor may have acted")?,
            Delivery::Accepted => write!(f, "; the vendor accepted the request")?,
            Delivery::NotSent | Delivery::Refused => {}
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("delivery", &inner.delivery)
            .field("stop", &inner.stop)
            .field("message", &inner.message)
            .field("field", &inner.field)
            .field("vendor", &inner.vendor)
            .field("operation", &inner.operation)
            .field("status", &inner.status)
            .field("vendor_code", &inner.vendor_code)
            .field("request_id", &inner.request_id)
            .field("object_id", &inner.object_id)
            .field("retry_after", &inner.retry_after)
            .field("attempts", &inner.attempts)
            .field("elapsed", &inner.elapsed)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}
