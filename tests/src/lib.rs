//! Support shared by the tests across crates.
