//! SendGrid behind anyvendor's email trait.
