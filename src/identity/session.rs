//! A role session: does its name denote a caller that recurs, or only this one
//! use of the role?

use std::collections::BTreeSet;

use super::pattern::{SessionShape, session_shape};
use crate::event::encode_component;

/// How often one session name of a role occurred in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStats<'a> {
    /// The session name as logged.
    pub name: &'a str,
    /// Distinct days it was active on.
    pub n_days: u32,
    /// Distinct access keys it was active under.
    pub n_keys: u32,
}

/// How the sessions of a role are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleMode {
    /// Each stable session name is an identity.
    PerSession,
    /// The role is the identity, whatever its sessions are called.
    Collapsed,
}

/// What the history says about the sessions of one role. Stored with the
/// baseline; the review uses it and never decides anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDecision {
    /// How the sessions are learned.
    pub mode: RoleMode,
    /// Session names that recur.
    pub stable: BTreeSet<String>,
}

impl RoleDecision {
    /// Whether the session `name` is an identity of its own.
    #[must_use]
    pub fn is_own_identity(&self, name: &str) -> bool {
        self.mode == RoleMode::PerSession && self.stable.contains(name)
    }
}

/// A name is stable when it recurs on this many days …
const MIN_DAYS: u32 = 3;
/// … or on this many days …
const MIN_DAYS_WITH_KEYS: u32 = 2;
/// … under this many access keys.
const MIN_KEYS: u32 = 5;
/// Stable names must cover this share of the role's access keys, in percent.
const MIN_COVER_PERCENT: u64 = 60;

/// Decides from the history whether the sessions of a role are identities.
///
/// `n_role_keys` counts all distinct access keys of the role, those of
/// generated session names included. Without any access key in the logs the
/// cover is unknown, and the role stays one identity.
///
/// # Examples
///
/// ```
/// # use habitual::identity::{RoleMode, SessionStats, decide};
/// let alice = SessionStats { name: "alice", n_days: 3, n_keys: 6 };
/// assert_eq!(decide(&[alice], 10).mode, RoleMode::PerSession);
/// assert_eq!(decide(&[alice], 11).mode, RoleMode::Collapsed);
/// ```
#[must_use]
pub fn decide(sessions: &[SessionStats<'_>], n_role_keys: u32) -> RoleDecision {
    let stable = || sessions.iter().filter(|session| is_stable(session));
    let n_covered: u64 = stable().map(|session| u64::from(session.n_keys)).sum();
    let needed = u64::from(n_role_keys).saturating_mul(MIN_COVER_PERCENT);
    let is_covered = n_role_keys > 0 && n_covered.saturating_mul(100) >= needed;
    RoleDecision {
        mode: if is_covered {
            RoleMode::PerSession
        } else {
            RoleMode::Collapsed
        },
        stable: stable().map(|session| session.name.to_owned()).collect(),
    }
}

fn is_stable(session: &SessionStats<'_>) -> bool {
    let recurs = session.n_days >= MIN_DAYS;
    match session_shape(session.name) {
        // Generated names do not recur over days; many keys prove nothing.
        SessionShape::WeakNoise => recurs,
        shape if shape.may_be_stable() => {
            recurs || (session.n_keys >= MIN_KEYS && session.n_days >= MIN_DAYS_WITH_KEYS)
        }
        _ => false,
    }
}

/// The key of a stable session as an identity of its own. It keeps the role:
/// the name was chosen by the caller, who may have chosen a colleague's.
///
/// # Examples
///
/// ```
/// # use habitual::identity::session_key;
/// assert_eq!(session_key("aws:role:AROA1", "x#y"), "aws:role:AROA1#x%23y");
/// ```
#[must_use]
pub fn session_key(role_key: &str, session: &str) -> String {
    format!("{role_key}#{}", encode_component(session))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(name: &str, n_days: u32, n_keys: u32) -> SessionStats<'_> {
        SessionStats {
            name,
            n_days,
            n_keys,
        }
    }

    #[track_caller]
    fn stable(name: &str, n_days: u32, n_keys: u32, expected: bool) {
        let decision = decide(&[stats(name, n_days, n_keys)], n_keys);
        assert_eq!(decision.stable.contains(name), expected, "{name}");
        assert_eq!(decision.is_own_identity(name), expected, "{name}");
    }

    #[test]
    fn recurrence_makes_a_name_stable() {
        stable("reporter", 3, 1, true);
        stable("reporter", 2, 4, false);
        stable("reporter", 2, 5, true);
        stable("reporter", 1, 50, false);
        stable("bob@corp.example", 3, 3, true);
    }

    #[test]
    fn weak_noise_needs_days_and_strong_noise_never_qualifies() {
        stable("employee-00012345", 2, 9, false);
        stable("employee-00012345", 3, 3, true);
        stable("GitHubActions", 30, 90, false);
        stable("i-0123456789abcdef0", 30, 90, false);
        stable("botocore-session-1699350000", 30, 90, false);
    }

    #[test]
    fn generated_names_collapse_a_role() {
        let names: Vec<_> = (0..500)
            .map(|n| format!("botocore-session-{n:010}"))
            .collect();
        let sessions: Vec<_> = names.iter().map(|name| stats(name, 1, 1)).collect();
        let decision = decide(&sessions, 500);
        assert_eq!(decision.mode, RoleMode::Collapsed);
        assert!(decision.stable.is_empty());
    }

    #[test]
    fn two_recurring_names_are_two_identities_and_a_new_one_is_none() {
        let decision = decide(&[stats("etl", 9, 9), stats("audit", 8, 8)], 17);
        assert!(decision.is_own_identity("etl") && decision.is_own_identity("audit"));
        assert!(!decision.is_own_identity("deploy-7"));
    }

    #[test]
    fn stable_names_must_cover_most_keys() {
        let sessions = [stats("etl", 9, 59), stats("job-1", 1, 41)];
        assert_eq!(decide(&sessions, 100).mode, RoleMode::Collapsed);
        assert!(!decide(&sessions, 100).is_own_identity("etl"));
        let sessions = [stats("etl", 9, 60), stats("job-1", 1, 40)];
        assert_eq!(decide(&sessions, 100).mode, RoleMode::PerSession);
    }

    #[test]
    fn role_without_access_keys_stays_one_identity() {
        assert_eq!(decide(&[], 0).mode, RoleMode::Collapsed);
        assert_eq!(decide(&[stats("etl", 9, 0)], 0).mode, RoleMode::Collapsed);
    }
}
