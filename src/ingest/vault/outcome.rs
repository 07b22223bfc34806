//! How a call ended, over both of its lines.

use super::entry::{Entry, Failure};
use super::shape::Payload;
use crate::event::Outcome;

const DENIED: Failure = Failure {
    outcome: Outcome::Denied,
    code: "permission_denied",
};
const LOGIN_FAILED: Failure = Failure {
    outcome: Outcome::AuthFailure,
    code: "login_failed",
};
const ERROR_RESPONSE: Failure = Failure {
    outcome: Outcome::Error,
    code: "error_response",
};

/// The code of a read that found nothing: a success to Vault, although its HTTP
/// layer answers 404.
const EMPTY: &str = "empty";

fn is_empty(payload: &Payload) -> bool {
    !payload.is_present && !payload.is_wrapped
}

/// The outcome and its code. A denied call has its error on both lines and is
/// still one denial.
pub(super) fn outcome<'e>(
    lines: impl Iterator<Item = &'e Entry> + Clone,
    is_login: bool,
    is_read: bool,
) -> (Outcome, Option<&'static str>) {
    let response = lines.clone().find(|entry| entry.is_response);
    let told = |outcome: Outcome| {
        let failures = lines.clone().filter_map(|entry| entry.failure);
        failures
            .into_iter()
            .find(|failure| failure.outcome == outcome)
    };
    let is_refused = lines.clone().any(|entry| entry.is_refused);
    let has_error = response.is_some_and(|entry| entry.payload.has_error);
    // The backend's own refusal is a response like any other, hashed.
    let has_failed_to_log_in = is_login
        && response
            .is_some_and(|entry| entry.issued.is_none() && (has_error || entry.failure.is_some()));
    let failure = told(Outcome::Denied)
        .or(is_refused.then_some(DENIED))
        .or_else(|| told(Outcome::AuthFailure))
        .or(has_failed_to_log_in.then_some(LOGIN_FAILED))
        .or_else(|| told(Outcome::Throttled))
        .or_else(|| told(Outcome::Error))
        .or(has_error.then_some(ERROR_RESPONSE));
    match (failure, response) {
        (Some(failure), _) => (failure.outcome, Some(failure.code)),
        // The end of the line would have told.
        (None, Some(entry)) if entry.is_cut => (Outcome::Unknown, None),
        (None, Some(entry)) if is_read && is_empty(&entry.payload) => {
            (Outcome::Success, Some(EMPTY))
        }
        (None, Some(_)) => (Outcome::Success, None),
        // A request that nothing answered: a crash, or a lost line.
        (None, None) => (Outcome::Unknown, None),
    }
}
