//! The class of an identity: what one record suggests, corrected by what the
//! history reveals.

use super::pattern::is_email_shaped;
use crate::event::{Class, KeyBasis, Traits};

/// Parts of names that people give to accounts of programs.
const PROGRAM_HINTS: &[&str] = &[
    "svc-",
    "-svc",
    "-bot",
    "bot-",
    "ci-",
    "-ci",
    "terraform",
    "deploy",
];

/// The most that a name may move a confidence.
const MAX_HINT: u8 = 15;

/// The class of an identity and how sure it is (0 to 100), from the `guess` of
/// its records and what its history revealed.
///
/// Only the classes that one record cannot tell are reconsidered: IAM users,
/// named sessions and Okta users. A name alone never makes a class; it moves
/// the confidence by at most 15.
///
/// # Examples
///
/// ```
/// # use habitual::event::{Class, KeyBasis, Traits};
/// # use habitual::identity::settle;
/// let traits = Traits::LONG_LIVED_KEY.with(Traits::PROGRAM);
/// let (class, _) = settle(KeyBasis::User, Class::Unknown, 50, traits, "backup");
/// assert_eq!(class, Class::ServiceAccount);
/// ```
#[must_use]
pub fn settle(
    basis: KeyBasis,
    guess: Class,
    confidence: u8,
    traits: Traits,
    name: &str,
) -> (Class, u8) {
    let is_interactive = traits.has(Traits::CONSOLE) || traits.has(Traits::LOGIN);
    let is_program = traits.has(Traits::PROGRAM);
    match (basis, guess) {
        // The user says so.
        _ if confidence == 100 => (guess, confidence),
        (_, Class::Agent) => (guess, confidence),
        (KeyBasis::User, _) if is_interactive => hinted(Class::Human, 80, name),
        (KeyBasis::User, _) if traits.has(Traits::LONG_LIVED_KEY) && is_program => {
            hinted(Class::ServiceAccount, 85, name)
        }
        (KeyBasis::User, _) => (Class::Unknown, 50),
        (KeyBasis::StableSession, _) if is_email_shaped(name) => (Class::Human, 80),
        (KeyBasis::StableSession, _) => (Class::Federated, 60),
        (KeyBasis::OktaActor | KeyBasis::OktaLogin, Class::Human)
            if !is_interactive && (is_program || traits.has(Traits::API_TOKEN)) =>
        {
            (Class::ServiceAccount, 70)
        }
        _ => (guess, confidence),
    }
}

/// `confidence` in `class`, moved by what the name suggests.
fn hinted(class: Class, confidence: u8, name: &str) -> (Class, u8) {
    let name = name.to_ascii_lowercase();
    let suggested = if PROGRAM_HINTS.iter().any(|hint| name.contains(hint)) {
        Class::ServiceAccount
    } else if is_email_shaped(&name) {
        Class::Human
    } else {
        return (class, confidence);
    };
    let moved = if suggested == class {
        confidence.saturating_add(MAX_HINT).min(100)
    } else {
        confidence.saturating_sub(MAX_HINT)
    };
    (class, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn settles(basis: KeyBasis, guess: Class, traits: Traits, name: &str, expected: (Class, u8)) {
        assert_eq!(settle(basis, guess, 85, traits, name), expected);
    }

    const NONE: Traits = Traits::MFA;
    const KEY: Traits = Traits::LONG_LIVED_KEY;
    const PROGRAM: Traits = Traits::PROGRAM;

    #[test]
    fn iam_user_is_what_its_history_shows() {
        let user = |traits, name, expected| {
            settles(KeyBasis::User, Class::Unknown, traits, name, expected);
        };
        user(
            Traits::CONSOLE.with(KEY).with(PROGRAM),
            "ann",
            (Class::Human, 80),
        );
        user(Traits::LOGIN, "ann", (Class::Human, 80));
        user(KEY.with(PROGRAM), "ann", (Class::ServiceAccount, 85));
        user(KEY, "ann", (Class::Unknown, 50));
        user(PROGRAM, "ann", (Class::Unknown, 50));
        user(NONE, "svc-backup", (Class::Unknown, 50));
    }

    #[test]
    fn name_moves_the_confidence_but_never_the_class() {
        let user = |traits, name, expected| {
            settles(KeyBasis::User, Class::Unknown, traits, name, expected);
        };
        user(
            KEY.with(PROGRAM),
            "svc-backup",
            (Class::ServiceAccount, 100),
        );
        user(
            KEY.with(PROGRAM),
            "ann@corp.example",
            (Class::ServiceAccount, 70),
        );
        user(Traits::LOGIN, "Deploy-Bot", (Class::Human, 65));
        user(Traits::LOGIN, "ann@corp.example", (Class::Human, 95));
    }

    #[test]
    fn named_session_is_a_person_only_by_its_address() {
        let basis = KeyBasis::StableSession;
        settles(
            basis,
            Class::Workload,
            PROGRAM,
            "etl",
            (Class::Federated, 60),
        );
        settles(
            basis,
            Class::Workload,
            NONE,
            "a@b.example",
            (Class::Human, 80),
        );
    }

    #[test]
    fn okta_user_without_any_sign_in_is_a_service_account() {
        let basis = KeyBasis::OktaActor;
        let token = Traits::API_TOKEN;
        settles(basis, Class::Human, token, "x", (Class::ServiceAccount, 70));
        settles(
            basis,
            Class::Human,
            token.with(Traits::LOGIN),
            "x",
            (Class::Human, 85),
        );
        settles(basis, Class::Human, NONE, "x", (Class::Human, 85));
        settles(
            basis,
            Class::CloudService,
            token,
            "x",
            (Class::CloudService, 85),
        );
    }

    #[test]
    fn what_the_record_tells_is_kept() {
        settles(
            KeyBasis::Sso,
            Class::Human,
            PROGRAM,
            "ci-1",
            (Class::Human, 85),
        );
        settles(
            KeyBasis::User,
            Class::Agent,
            PROGRAM,
            "ann",
            (Class::Agent, 85),
        );
    }
}
