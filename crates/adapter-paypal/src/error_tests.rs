//! Every documented issue, name and status, and what it means here.
