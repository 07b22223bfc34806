//! How a call ended, from the four places where services say so.

use super::action::Call;
use super::fields::Record;
use crate::event::Outcome;

/// The verdict on one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// A permission probe that would have succeeded.
    pub(super) is_dry_run: bool,
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            is_dry_run: false,
        }
    }
}

/// Codes that refuse for lack of permission. Services put their own name in
/// front of the first few (`KMSAccessDenied`).
const DENIED_ENDINGS: &[&str] = &[
    "accessdenied",
    "accessdeniedforoperation",
    "unauthorizedoperation",
    "notauthorized",
];
const DENIED: &[&str] = &[
    "unauthorized",
    "unauthorizedaccess",
    "authorization",
    "forbidden",
    "insufficientprivileges",
    "operationnotpermitted",
];

/// Codes that refuse for lack of proof of identity.
const AUTH_FAILURE_ENDINGS: &[&str] = &["invalidclienttokenid"];
const AUTH_FAILURE: &[&str] = &[
    "authfailure",
    "signaturedoesnotmatch",
    "unrecognizedclient",
    "expiredtoken",
    "invalidaccesskeyid",
    "missingauthenticationtoken",
    "incompletesignature",
    "invalidgrant",
    "invalididentitytoken",
    "idprejectedclaim",
];

const THROTTLED: &[&str] = &[
    "throttling",
    "throttled",
    "requestlimitexceeded",
    "toomanyrequests",
    "slowdown",
    "provisionedthroughputexceeded",
    "bandwidthlimitexceeded",
];

/// How the call of `record` ended.
pub(super) fn verdict(record: &Record<'_>, call: &Call<'_>) -> Verdict {
    let message = record.error_message.get().unwrap_or_default();
    let response = &record.response_elements.value;
    let details = &record.service_event_details.value;
    if let Some(code) = record.error_code.get() {
        return by_code(code, message);
    }
    if response.says_failure() || details.says_failure() {
        return Outcome::AuthFailure.into();
    }
    if !message.is_empty() {
        return match message {
            _ if is_refusal(message) => Outcome::Denied,
            _ if call.is_login() => Outcome::AuthFailure,
            _ => Outcome::Error,
        }
        .into();
    }
    if let Some(code) = response.error_code.get() {
        return by_code(code, message);
    }
    match response.status_code.0 {
        Some(401) => Outcome::AuthFailure,
        Some(403) => Outcome::Denied,
        Some(400..) => Outcome::Error,
        _ if response.body.value.error.0 => Outcome::Error,
        _ => Outcome::Success,
    }
    .into()
}

fn by_code(code: &str, message: &str) -> Verdict {
    let lower = code.to_ascii_lowercase();
    let whole = strip_kind(&lower);
    let last = whole.rsplit('.').next().unwrap_or(whole);
    if last == "dryrunoperation" {
        return Verdict {
            outcome: Outcome::Success,
            is_dry_run: true,
        };
    }
    let message = message.to_ascii_lowercase();
    let is = |codes: &[&str]| codes.contains(&last);
    let ends = |codes: &[&str]| codes.iter().any(|ending| last.ends_with(ending));
    if is(AUTH_FAILURE) || ends(AUTH_FAILURE_ENDINGS) {
        Outcome::AuthFailure
    } else if is(DENIED) || ends(DENIED_ENDINGS) || is_refusal(&message) {
        Outcome::Denied
    } else if is(THROTTLED) || (last == "limitexceeded" && message.contains("rate")) {
        Outcome::Throttled
    } else if (last == "invalidaction" && message.contains("authoriz"))
        || (last == "optinrequired" && !message.contains("subscri"))
    {
        Outcome::Denied
    } else {
        Outcome::Error
    }
    .into()
}

/// `code` without the word for its kind at the end.
fn strip_kind(code: &str) -> &str {
    ["exception", "fault", "error"]
        .iter()
        .find_map(|kind| code.strip_suffix(kind))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(code)
}

/// Whether a message is the refusal of a policy, whatever its code.
fn is_refusal(message: &str) -> bool {
    message.contains("is not authorized to perform")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ends(code: &str, message: &str, expected: Outcome) {
        assert_eq!(by_code(code, message).outcome, expected, "{code}");
    }

    #[test]
    fn refusals_are_denied_in_every_spelling() {
        for code in [
            "AccessDenied",
            "AccessDeniedException",
            "Client.UnauthorizedOperation",
            "AuthorizationError",
            "KMSAccessDeniedException",
            "KMS.AccessDeniedException",
            "VpceAccessDenied",
            "UnauthorizedAccess",
            "NotAuthorizedException",
            "Forbidden",
        ] {
            ends(code, "", Outcome::Denied);
        }
        let message = "User: x is not authorized to perform: s3:GetObject because";
        ends("InternalFailure", message, Outcome::Denied);
        ends("InvalidAction", "not Authorized", Outcome::Denied);
        ends("InvalidAction", "no such action", Outcome::Error);
        ends("OptInRequired", "You need a subscription", Outcome::Error);
        ends("OptInRequired", "", Outcome::Denied);
    }

    #[test]
    fn bad_credentials_throttling_and_errors_are_told_apart() {
        ends("InvalidClientTokenId", "", Outcome::AuthFailure);
        ends(
            "CloudTrailInvalidClientTokenIdException",
            "",
            Outcome::AuthFailure,
        );
        ends("ExpiredTokenException", "", Outcome::AuthFailure);
        ends("AuthFailure", "", Outcome::AuthFailure);
        ends("ThrottlingException", "", Outcome::Throttled);
        ends("Client.RequestLimitExceeded", "", Outcome::Throttled);
        ends(
            "LimitExceededException",
            "Rate exceeded",
            Outcome::Throttled,
        );
        ends("LimitExceededException", "too many keys", Outcome::Error);
        ends("NoSuchKey", "", Outcome::Error);
        ends("Client.InvalidVpcID.NotFound", "", Outcome::Error);
        ends("Exception", "", Outcome::Error);
    }

    #[test]
    fn dry_run_is_a_success_that_probed() {
        let expected = Verdict {
            outcome: Outcome::Success,
            is_dry_run: true,
        };
        assert_eq!(by_code("Client.DryRunOperation", ""), expected);
        assert_eq!(by_code("DryRunOperation", ""), expected);
    }
}
