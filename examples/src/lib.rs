//! Support shared by the examples.
