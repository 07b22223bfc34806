//! How an Okta event ended.

use std::borrow::Cow;

use super::event_types::Meaning;
use super::known;
use super::record::Result;
use crate::event::Outcome;
use crate::ingest::record::Notes;

/// Words in the reason of a failure that make it a refusal.
const REFUSALS: [&str; 4] = [
    "access denied",
    "not authorized",
    "forbidden",
    "insufficient",
];

/// The outcome, given what the event type means.
pub(super) fn outcome(logged: &Result<'_>, meaning: &Meaning, notes: &mut Notes) -> Outcome {
    let Some(result) = known(&logged.result) else {
        return Outcome::Unknown;
    };
    match result {
        "SUCCESS" | "ALLOW" => Outcome::Success,
        "DENY" => Outcome::Denied,
        "CHALLENGE" => Outcome::Challenge,
        "RATE_LIMIT" => Outcome::Throttled,
        // An unanswered push says as much as a refused one.
        "UNANSWERED" | "ABANDONED" => Outcome::AuthFailure,
        "FAILURE" if meaning.failure == Outcome::Error && is_refusal(logged) => Outcome::Denied,
        "FAILURE" => meaning.failure,
        "SKIPPED" | "DEFERRED" | "SCHEDULED" => Outcome::Unknown,
        _ => {
            notes.unknown("okta.outcome.result");
            Outcome::Unknown
        }
    }
}

fn is_refusal(logged: &Result<'_>) -> bool {
    let reason = logged.reason.get().unwrap_or_default().to_lowercase();
    REFUSALS.iter().any(|words| reason.contains(words))
}

/// The reason, where it is a code rather than prose: `INVALID_CREDENTIALS`.
pub(super) fn code<'a>(logged: &Result<'a>, outcome: Outcome) -> Option<Cow<'a, str>> {
    let is_code = |reason: &Cow<'_, str>| {
        (3..=64).contains(&reason.len())
            && reason
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b' '))
    };
    let reason = logged.reason.cloned().filter(is_code);
    // How a push ended is told by the result alone.
    let silence = || logged.result.cloned().filter(|_| is_unanswered(logged));
    reason
        .or_else(silence)
        .filter(|_| outcome != Outcome::Success)
}

/// Whether somebody who was asked for a factor did not react.
fn is_unanswered(logged: &Result<'_>) -> bool {
    logged.result.is("UNANSWERED") || logged.result.is("ABANDONED")
}
