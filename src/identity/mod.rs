//! Who is who: which names denote a caller, and what kind of caller it is.
//!
//! One record rarely tells. What a record parser cannot decide is decided here
//! from the history alone, once, and stored with the baseline: a rule that was
//! applied differently to the review would look like every identity changing
//! its habits on one day.

mod class;
pub mod link;
mod lookalike;
mod mount;
mod pattern;
mod session;

pub use class::settle;
pub use lookalike::skeleton;
pub use mount::{LoginMounts, MountedIdentity};
pub use pattern::{SessionShape, is_email_shaped, session_shape};
pub use session::{RoleDecision, RoleMode, SessionStats, decide, session_key};

/// How the names of roles begin that IAM Identity Center makes for people.
pub const SSO_ROLE: &str = "AWSReservedSSO_";

/// Version of the rules that make identity keys. A baseline built under
/// another version names other identities and must be rebuilt.
pub const IDENTITY_RULES_VERSION: u32 = 3;
