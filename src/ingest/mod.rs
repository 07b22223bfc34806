//! Bytes to events: the only place that knows a vendor's field names.

pub mod cloudtrail;
pub mod coverage;
pub mod net;
pub mod okta;
pub mod record;
#[cfg(test)]
pub(crate) mod sample_logs;
pub mod text;
pub mod time;
pub mod user_agent;
pub mod vault;
