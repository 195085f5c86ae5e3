//! Which deliveries are accepted as SendGrid's.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| anyvendor_tests::adversarial::run(
    env!("CARGO_BIN_NAME"),
    bytes
));
