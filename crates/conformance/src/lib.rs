//! The contract of each anyvendor trait as a suite that any adapter can run.
