//! Local doubles of the vendors: state, idempotency, faults, no account.
