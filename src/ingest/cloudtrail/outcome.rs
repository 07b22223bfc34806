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

/// How a code is recognised once it is stripped and lower case.
#[derive(Clone, Copy)]
enum Fit {
    /// It is one of these.
    Is,
    /// It ends in one of these: services put their own name in front
    /// (`KMSAccessDenied`).
    EndsIn,
}

/// What codes mean; the first row that fits counts, and what fits none is an
/// error.
const CODES: &[(Outcome, Fit, &[&str])] = &[
    (
        Outcome::AuthFailure,
        Fit::Is,
        &[
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
        ],
    ),
    (Outcome::AuthFailure, Fit::EndsIn, &["invalidclienttokenid"]),
    (
        Outcome::Denied,
        Fit::Is,
        &[
            "unauthorized",
            "unauthorizedaccess",
            "authorization",
            "forbidden",
            "insufficientprivileges",
            "operationnotpermitted",
        ],
    ),
    (
        Outcome::Denied,
        Fit::EndsIn,
        &[
            "accessdenied",
            "accessdeniedforoperation",
            "unauthorizedoperation",
            "notauthorized",
        ],
    ),
    (
        Outcome::Throttled,
        Fit::Is,
        &[
            "requestlimitexceeded",
            "toomanyrequests",
            "slowdown",
            "provisionedthroughputexceeded",
            "bandwidthlimitexceeded",
        ],
    ),
    (
        Outcome::Throttled,
        Fit::EndsIn,
        &["throttling", "throttled"],
    ),
];

/// Codes that say one of two things, told apart by a word of the message.
struct Ambiguous {
    code: &'static str,
    /// Beginnings of words.
    words: &'static [&'static str],
    with: Outcome,
    without: Outcome,
}

const AMBIGUOUS: &[Ambiguous] = &[
    Ambiguous {
        code: "limitexceeded",
        words: &["rate", "throttl", "transactions"],
        with: Outcome::Throttled,
        without: Outcome::Error,
    },
    Ambiguous {
        code: "invalidaction",
        words: &["authori", "unauthori"],
        with: Outcome::Denied,
        without: Outcome::Error,
    },
    Ambiguous {
        code: "optinrequired",
        words: &["subscri"],
        with: Outcome::Error,
        without: Outcome::Denied,
    },
];

/// Words for the kind of a thing at the end of a code.
const KINDS: &[&str] = &["exception", "fault", "error"];

/// Services whose failures are failures to prove who one is.
const SIGN_IN_SERVICES: &[&str] = &["signin", "sso", "sso-oauth"];

/// What a policy's refusal says, whatever its code.
const REFUSAL: &str = "is not authorized to perform";

/// How the call of `record` ended.
pub(super) fn verdict(record: &Record<'_>, call: &Call<'_>) -> Verdict {
    let message = record.error_message.get().unwrap_or_default();
    let response = &record.response_elements.value;
    let details = &record.service_event_details.value;
    if let Some(code) = record.error_code.get() {
        return by_code(code, message);
    }
    if response.says_failure || details.says_failure {
        let is_sign_in = SIGN_IN_SERVICES.contains(&&*call.service);
        return if is_sign_in {
            Outcome::AuthFailure
        } else {
            Outcome::Error
        }
        .into();
    }
    if !message.is_empty() {
        return match message {
            _ if is_refusal(&message.to_ascii_lowercase()) => Outcome::Denied,
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

/// What a code means that is an HTTP status: some services give every call one,
/// those that succeed included.
fn by_status(code: &str) -> Option<Outcome> {
    let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    Some(match code.parse::<u16>().ok().filter(|_| digits)? {
        200..=399 => Outcome::Success,
        401 => Outcome::AuthFailure,
        403 => Outcome::Denied,
        429 => Outcome::Throttled,
        _ => Outcome::Error,
    })
}

fn by_code(code: &str, message: &str) -> Verdict {
    if let Some(outcome) = by_status(code) {
        return outcome.into();
    }
    let lower = code.to_ascii_lowercase();
    let code = strip(&lower);
    if code == "dryrunoperation" {
        return Verdict {
            outcome: Outcome::Success,
            is_dry_run: true,
        };
    }
    let message = message.to_ascii_lowercase();
    if is_refusal(&message) {
        return Outcome::Denied.into();
    }
    if let Some(ambiguous) = AMBIGUOUS.iter().find(|row| row.code == code) {
        let is_told = ambiguous.words.iter().any(|word| has_word(&message, word));
        return if is_told {
            ambiguous.with
        } else {
            ambiguous.without
        }
        .into();
    }
    CODES
        .iter()
        .find(|(_, fit, codes)| {
            codes.iter().any(|known| match fit {
                Fit::Is => code == *known,
                Fit::EndsIn => code.ends_with(known),
            })
        })
        .map_or(Outcome::Error, |(outcome, ..)| *outcome)
        .into()
}

/// `code` without side or service in front (`Client.`, `KMS.`), and without
/// the word for its kind at the end.
fn strip(code: &str) -> &str {
    let stem = KINDS
        .iter()
        .find_map(|kind| code.strip_suffix(kind))
        .filter(|rest| !rest.is_empty() && !rest.ends_with('.'))
        .unwrap_or(code);
    stem.rsplit('.').next().unwrap_or(stem)
}

/// Whether a message, in lower case, is the refusal of a policy.
fn is_refusal(message: &str) -> bool {
    message.contains(REFUSAL)
}

/// Whether a word of `message` begins with `start`.
fn has_word(message: &str, start: &str) -> bool {
    message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word.starts_with(start))
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
        ends("AuthFailure", message, Outcome::Denied);
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
        ends(
            "LimitExceededException",
            "cannot generate more keys",
            Outcome::Error,
        );
        ends("NoSuchKey", "", Outcome::Error);
        ends("Client.InvalidVpcID.NotFound", "", Outcome::Error);
        ends("Exception", "", Outcome::Error);
    }

    #[test]
    fn every_documented_code_has_its_outcome() {
        let all = |codes: &str, expected| {
            for code in codes.split_whitespace() {
                ends(code, "", expected);
                ends(&format!("Client.{code}Exception"), "", expected);
                ends(&format!("Server.{code}Fault"), "", expected);
                ends(&format!("{}Error", code.to_uppercase()), "", expected);
            }
        };
        all(
            "AccessDenied AccessDeniedForOperation UnauthorizedOperation Unauthorized \
             UnauthorizedAccess Authorization NotAuthorized Forbidden InsufficientPrivileges \
             OperationNotPermitted VpceAccessDenied KMSAccessDenied",
            Outcome::Denied,
        );
        all(
            "AuthFailure InvalidClientTokenId SignatureDoesNotMatch UnrecognizedClient \
             ExpiredToken InvalidAccessKeyId MissingAuthenticationToken IncompleteSignature \
             InvalidGrant InvalidIdentityToken IDPRejectedClaim",
            Outcome::AuthFailure,
        );
        all(
            "Throttling Throttled RequestLimitExceeded TooManyRequests SlowDown \
             ProvisionedThroughputExceeded BandwidthLimitExceeded EC2Throttled",
            Outcome::Throttled,
        );
        all(
            "NoSuchKey NoSuchBucket NoSuchEntity ResourceNotFound Validation \
             InvalidParameterValue",
            Outcome::Error,
        );
    }

    #[test]
    fn a_status_in_place_of_a_code_is_read_as_one() {
        ends("200", "", Outcome::Success);
        ends("304", "", Outcome::Success);
        ends("401", "", Outcome::AuthFailure);
        ends("403", "", Outcome::Denied);
        ends("429", "", Outcome::Throttled);
        ends("500", "", Outcome::Error);
        ends("2000", "", Outcome::Error);
        ends("+20", "", Outcome::Error);
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
