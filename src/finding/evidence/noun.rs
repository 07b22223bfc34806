//! Nouns: what the values of each dimension are called, and what an identity
//! does with them.

use crate::finding::case::{Case, readable_name};
use crate::finding::wording;
use crate::ledger::Dimension;

/// The words around the values of a dimension.
pub(super) struct Noun {
    /// Of one: `network`.
    pub(super) one: &'static str,
    /// Of several: `networks`.
    pub(super) many: &'static str,
    /// What an identity never did with it: `used`.
    pub(super) did: &'static str,
}

const fn noun(one: &'static str, many: &'static str, did: &'static str) -> Noun {
    Noun { one, many, did }
}

/// The words around the values of `dimension`.
pub(super) const fn of(dimension: Dimension) -> Noun {
    match dimension {
        Dimension::Action => noun("action", "actions", "attempted"),
        Dimension::Service => noun("service", "services", "used"),
        Dimension::Error => noun("kind of failure", "kinds of failure", "met"),
        Dimension::Scope => noun("resource", "resources", "touched"),
        Dimension::Area => noun("top-level resource", "top-level resources", "touched"),
        Dimension::Account => noun("account", "accounts", "entered"),
        Dimension::Network => noun("network", "networks", "used"),
        Dimension::Client => noun("client", "clients", "used"),
        Dimension::Access => noun("way in", "ways in", "used"),
        Dimension::Region => noun("region", "regions", "used"),
        Dimension::Place => noun("place", "places", "used"),
        Dimension::Edge => noun(
            "act on another identity",
            "acts on other identities",
            "attempted",
        ),
        Dimension::Owner => noun(
            "set of another identity's resources",
            "sets of other identities' resources",
            "touched",
        ),
        Dimension::Tactic => noun("order of tactics", "orders of tactics", "followed"),
        Dimension::Sensitive => noun("sensitive action", "sensitive actions", "attempted"),
        Dimension::Hour => noun("hour", "hours", "active at"),
        Dimension::Bigram => noun("step", "steps", "taken"),
    }
}

/// The verb for the value `text` of `dimension`.
pub(super) fn did(dimension: Dimension, text: &str) -> &'static str {
    match dimension {
        Dimension::Edge if text.starts_with("undergo:") => "undergone",
        _ => of(dimension).did,
    }
}

/// What stands before a value that opens a sentence.
pub(super) const fn opening(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Action | Dimension::Sensitive => "action ",
        Dimension::Service => "service ",
        Dimension::Scope => "resource ",
        Dimension::Area => "top-level resource ",
        Dimension::Account => "in account ",
        Dimension::Network => "from ",
        Dimension::Client => "with client ",
        Dimension::Access => "came in through ",
        Dimension::Region => "in region ",
        Dimension::Place => "from ",
        Dimension::Owner => "touched ",
        Dimension::Tactic => "followed the order ",
        Dimension::Error | Dimension::Edge | Dimension::Hour | Dimension::Bigram => "",
    }
}

/// A value in words.
pub(super) fn value(case: &Case<'_>, dimension: Dimension, text: &str) -> String {
    match dimension {
        Dimension::Network => network(text),
        Dimension::Access => access(text),
        Dimension::Place => place(text),
        Dimension::Error => error(text),
        Dimension::Edge => edge(case, text),
        Dimension::Owner => format!("resources of {}", target_name(case, text)),
        Dimension::Tactic => wording::value(&text.replace('>', " > ")),
        Dimension::Scope => resource(case, text),
        _ => wording::value(text),
    }
}

/// `private/<tenant>/10.1.0.0/16` as a private network of that tenant.
fn network(text: &str) -> String {
    let private = text
        .strip_prefix("private/")
        .and_then(|t| t.split_once('/'));
    match private {
        Some((UNNAMED, prefix)) => format!("private network {}", wording::value(prefix)),
        Some((tenant, prefix)) => format!(
            "private network {} of {}",
            wording::value(prefix),
            wording::value(tenant)
        ),
        None if text.starts_with("vpce-") => format!("VPC endpoint {}", wording::value(text)),
        None => format!("network {}", wording::value(text)),
    }
}

/// The tenant of an organisation or cluster that nobody has named.
const UNNAMED: &str = "default";

const INTERFACES: &[(&str, &str)] = &[
    ("console", "the web console"),
    ("cloudshell", "the cloud shell"),
    ("login", "a sign-in"),
    ("api", "the API"),
];

const CREDENTIALS: &[(&str, &str)] = &[
    ("access_key", "with a long-term access key"),
    ("session_key", "with temporary session credentials"),
    ("bearer", "with a bearer token"),
    ("console", "with console credentials"),
    ("api_token", "with an API token"),
    ("oauth", "with an OAuth grant"),
    ("vault_token", "with a Vault token"),
    ("web_session", "with a web session"),
];

const FACTORS: &[(&str, &str)] = &[
    ("mfa", "and a second factor"),
    ("nomfa", "and no second factor"),
];

const NETWORK_KINDS: &[(&str, &str)] = &[
    ("public", "a public network"),
    ("hosting", "a cloud or hosting provider's network"),
    ("private", "a private network"),
    ("vpce", "a VPC endpoint"),
    ("anonymiser", "an anonymiser (VPN, proxy or Tor)"),
];

const OUTCOMES: &[(&str, &str)] = &[
    ("denied", "refusals"),
    ("auth_failure", "failed sign-ins"),
    ("error", "failures"),
];

const EDGES: &[(&str, &str)] = &[
    ("assume", "taking on"),
    ("mint", "getting a credential for"),
    ("grant", "changing the permissions of"),
    ("share", "sharing with"),
    ("invoke", "invoking"),
    ("chain", "taking on"),
    ("touch", "acting on"),
    ("undergo", "undergoing"),
];

/// What is done in a relation of this kind: "taking on" for `assume`.
#[must_use]
pub fn doing(kind: &str) -> Option<&'static str> {
    find(EDGES, kind)
}

fn find(table: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    let row = table.iter().find(|(own, _)| *own == code)?;
    Some(row.1)
}

/// An Okta user by its name, anything else as it is.
fn resource(case: &Case<'_>, text: &str) -> String {
    let user = text
        .strip_prefix("user/")
        .filter(|id| id.starts_with("00u"));
    let name = user.and_then(|id| {
        let keys = format!("okta:{}/{id}", case.subject.row.tenant);
        name_of(case, &keys)
    });
    name.map_or_else(
        || wording::value(text),
        |name| format!("user {}", wording::value(&name)),
    )
}

/// The readable name behind a key, of who acted or was acted upon.
fn name_of(case: &Case<'_>, key: &str) -> Option<String> {
    let ledgers = [case.background.review, case.background.history];
    let mut accounts = ledgers.into_iter().filter_map(|ledger| ledger.account(key));
    let named = accounts.find(|account| !account.row.name.is_empty())?;
    Some(readable_name(&named.row))
}

/// `console/session_key/nomfa` as a way in.
fn access(text: &str) -> String {
    let mut codes = text.split('/');
    let mut next = |table| find(table, codes.next().unwrap_or_default());
    let Some(interface) = next(INTERFACES) else {
        return wording::value(text);
    };
    let credential = next(CREDENTIALS);
    let factor = next(FACTORS);
    let factor = match (credential, factor) {
        (None, Some("and a second factor")) => Some("with a second factor"),
        (None, Some(_)) => Some("with no second factor"),
        (_, factor) => factor,
    };
    let parts = [Some(interface), credential, factor];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `<country>/<kind of network>`.
fn place(text: &str) -> String {
    let (country, kind) = text.rsplit_once('/').unwrap_or((text, ""));
    let kind = find(NETWORK_KINDS, kind);
    match (country, kind) {
        ("-", Some(kind)) => kind.to_owned(),
        (country, Some(kind)) => format!("{kind} in {}", wording::value(country)),
        (country, None) => wording::value(country),
    }
}

/// `<outcome>/<service>/<code>`; a service may hold slashes, so may a code.
fn error(text: &str) -> String {
    let (outcome, rest) = text.split_once('/').unwrap_or(("", text));
    let (service, code) = rest.split_once('/').unwrap_or((rest, "-"));
    let what = find(OUTCOMES, outcome).unwrap_or("failures");
    match code {
        "-" => format!("{what} by {}", wording::value(service)),
        code => format!(
            "{what} by {} with {}",
            wording::value(service),
            wording::value(code)
        ),
    }
}

/// `<kind>:<target>`, the target with its name where it is an identity that is
/// known.
fn edge(case: &Case<'_>, text: &str) -> String {
    let (kind, target) = text.split_once(':').unwrap_or(("", text));
    let Some(relation) = find(EDGES, kind) else {
        return wording::value(text);
    };
    if let Some((first, second)) = target.split_once('>').filter(|_| kind == "chain") {
        return format!(
            "{relation} {} and through it {}",
            target_name(case, first),
            target_name(case, second)
        );
    }
    match target.split_once(" by ").filter(|_| kind == "undergo") {
        Some((action, whom)) => format!(
            "{relation} {} by {}",
            wording::value(action),
            target_name(case, whom)
        ),
        None => format!("{relation} {}", target_name(case, target)),
    }
}

/// The target of a relation by its readable name: that of a known identity,
/// else what its key or ARN says, with the account where it is another one.
fn target_name(case: &Case<'_>, target: &str) -> String {
    if let Some(name) = name_of(case, target) {
        return wording::value(&name);
    }
    let Some((account, path)) = iam_path(target) else {
        return wording::value(target);
    };
    if account == case.subject.row.tenant.as_ref() {
        wording::value(&path)
    } else {
        format!("{} in {}", wording::value(&path), wording::value(account))
    }
}

/// `111122223333` and `role/deploy` of `arn:aws:iam::111122223333:role/deploy`
/// and of `aws:role:111122223333/deploy`.
fn iam_path(target: &str) -> Option<(&str, String)> {
    let is_account = |text: &&str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((_, rest)) = target.split_once(":iam::") {
        let (account, path) = rest.split_once(':')?;
        return is_account(&account).then(|| (account, path.to_owned()));
    }
    let (kind, rest) = target.strip_prefix("aws:")?.split_once(':')?;
    let (account, name) = rest.split_once('/')?;
    is_account(&account).then(|| (account, format!("{kind}/{name}")))
}
