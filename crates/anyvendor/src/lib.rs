//! One Rust API for payments, email and object storage: the vendor is a line in a config file.
