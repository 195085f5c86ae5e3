//! AWS S3 and compatible stores behind anyvendor's storage trait.
