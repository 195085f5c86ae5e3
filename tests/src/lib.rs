//! Support shared by the tests across crates, and by the fuzz targets.

pub mod adversarial;

/// The examples in the documents, which are compiled.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[doc = include_str!("../../docs/webhooks.md")]
    struct Webhooks;
}
