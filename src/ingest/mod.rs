//! Bytes to events: the only place that knows a vendor's field names.

pub mod coverage;
