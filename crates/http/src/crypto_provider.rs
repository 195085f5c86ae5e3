//! The process's default crypto provider of rustls, for applications that use reqwest themselves.

/// Makes ring the default crypto provider of rustls in this process, unless there is a default already. Returns whether this
/// call set it.
///
/// anyvendor does not need a default and never sets one by itself, because an application may want to set its own. But Cargo
/// unifies features: an application that uses reqwest without a TLS feature of its own gets reqwest with
/// `rustls-no-provider`, and its `Client::builder().build()` panics with "No rustls crypto provider is configured". Call this
/// function before the first client is built, or switch on one of reqwest's TLS features.
///
/// ```
/// anyvendor_http::install_crypto_provider();
/// let client = reqwest::Client::builder().build();
/// assert!(client.is_ok());
/// ```
pub fn install_crypto_provider() -> bool {
    rustls::crypto::ring::default_provider()
        .install_default()
        .is_ok()
}
