//! Stripe behind anyvendor's payment trait.
