//! The traits, models, errors and call pipeline of anyvendor; knows no vendor.
