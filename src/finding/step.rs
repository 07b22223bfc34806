//! Next steps: commands to run and questions to ask. A step holds logged text
//! only as a quoted shell word, so that pasting it can do no harm; whatever
//! would change something is told in words, never given as a command.

mod pivot;

use super::case::{Case, readable_name};
use super::record::first_sign;
use super::shell::word;
use super::{Evidence, Severity, finding_id};
use crate::event::{KeyBasis, Source, Timestamp, Untrusted, Window};
use crate::ingest::coverage::FileCoverage;
use crate::model::Statistic;

/// Inputs written out in a command; beyond that nobody reads them.
const MAX_INPUTS: usize = 4;
/// Stands for inputs that cannot be written out.
const PLACEHOLDER: &str = "PATH...";
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Up to seven steps for a departure from habit; how to look closer otherwise.
pub(super) fn steps(case: &Case<'_>, severity: Severity, evidence: &[Evidence]) -> Vec<Untrusted> {
    let mut steps = vec![raw_record(case, evidence), pivot::on_identity(case)];
    if severity > Severity::None {
        steps.push(pivot::on_network(case, evidence));
        steps.push(pivot::who_else(case, evidence));
        steps.push(question(case, evidence));
    }
    steps.push(explain(case));
    if severity >= Severity::High {
        steps.push(containment(case, evidence));
    }
    steps.into_iter().flatten().map(Untrusted::from).collect()
}

/// The identity by name, else by key.
fn who(case: &Case<'_>) -> Option<String> {
    let person = case.person();
    word(&readable_name(person)).or_else(|| word(&person.key))
}

/// The command that tells how the finding came about, over the same windows.
fn explain(case: &Case<'_>) -> Option<String> {
    let id = finding_id(&case.person().key, case.background.windows.1);
    let mut command = format!("habitual explain {id}");
    if !case.background.are_windows_default {
        let (history, review) = case.background.windows;
        for (flag, window) in [("--history", history), ("--review", review)] {
            if let Some(window) = window_word(window) {
                command.push_str(&format!(" {flag} {window}"));
            }
        }
    }
    Some(format!("{command} {}", inputs(case)))
}

fn inputs(case: &Case<'_>) -> String {
    let inputs = case.background.inputs;
    let words: Option<Vec<String>> = inputs.iter().map(|path| word(path)).collect();
    // Standard input cannot be read a second time.
    let is_told = (1..=MAX_INPUTS).contains(&inputs.len()) && inputs.iter().all(|path| path != "-");
    let is_flag = inputs.iter().any(|path| path.starts_with('-'));
    match words {
        Some(words) if is_told => {
            format!("{}{}", if is_flag { "-- " } else { "" }, words.join(" "))
        }
        _ => PLACEHOLDER.to_owned(),
    }
}

/// `START..END`, as dates where both are midnight; `None` for a window without
/// an end.
fn window_word(window: Window) -> Option<String> {
    let is_midnight = |time: Timestamp| time.micros().rem_euclid(MICROS_PER_DAY) == 0;
    let is_bounded = window.start.plausible().is_some() && window.end.plausible().is_some();
    is_bounded.then(|| {
        if is_midnight(window.start) && is_midnight(window.end) {
            format!("{}..{}", window.start.date(), window.end.date())
        } else {
            format!("{}..{}", window.start.rfc3339(), window.end.rfc3339())
        }
    })
}

/// The command that prints the first cited record of the leading evidence as
/// it was logged. It finds the record wherever the export has put it.
fn raw_record(case: &Case<'_>, evidence: &[Evidence]) -> Option<String> {
    let lead = evidence.first()?;
    let (id, record) = (lead.event_ids.first()?, lead.records.first()?);
    let (path, _) = record.as_raw().rsplit_once(':')?;
    let file = case
        .background
        .files
        .iter()
        .find(|f| f.path.as_raw() == path)?;
    if id.is_empty() || path == "-" {
        return None;
    }
    let source = source_of(case, file)?;
    if source == Source::Vault && file.format.contains("lines") && !is_gzip(file) {
        // One line per entry: this finds the request and its response.
        let (id, path) = (word(id.as_raw())?, word(path)?);
        return Some(format!("grep -Fe {id} -- {path} | jq -c ."));
    }
    let wanted = serde_json::to_string(id.as_raw()).ok()?;
    let field = match source {
        Source::CloudTrail => ".eventID?",
        Source::Okta => ".uuid?",
        Source::Vault => ".request?.id?",
        Source::Generic => return None,
    };
    let filter = word(&format!("..|select({field}=={wanted})"))?;
    if let Some(find) = find_file(case, path) {
        return Some(format!("{find} | jq -c {filter}"));
    }
    let path = word(path)?;
    Some(if is_gzip(file) {
        format!("gzip -cd < {path} | jq -c {filter}")
    } else {
        format!("jq -c {filter} < {path}")
    })
}

/// The longest path that a command spells out.
const MAX_PATH: usize = 60;
/// The end of a file's name that tells it from its neighbours.
const NAME_END: usize = 30;

/// The command that prints a file with a long path, by the folder that was
/// given and the end of its name; `None` where the path is short.
fn find_file(case: &Case<'_>, path: &str) -> Option<String> {
    let folder = pivot::input_of(case, path).filter(|folder| *folder != path)?;
    let name = path.rsplit('/').next()?;
    let end = name.get(name.len().checked_sub(NAME_END)?..)?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if path.len() <= MAX_PATH || folder.starts_with('-') || !end.bytes().all(is_plain) {
        return None;
    }
    let folder = word(folder)?;
    Some(format!(
        "find {folder} -name '*{end}' -exec gzip -cdf {{}} +"
    ))
}

/// The product that wrote a file: the identity's only one, else by the file's
/// format.
fn source_of(case: &Case<'_>, file: &FileCoverage) -> Option<Source> {
    let sources = case.sources();
    if let [only] = sources.as_slice() {
        return Some(*only);
    }
    let format = file.format.to_ascii_lowercase();
    sources
        .into_iter()
        .find(|source| format.contains(source.name()))
}

fn is_gzip(file: &FileCoverage) -> bool {
    file.format.contains("gzip") || file.path.as_raw().to_ascii_lowercase().ends_with(".gz")
}

/// What to ask, by the dimension that leads the evidence: what stands before
/// the value, between it and the identity, and after.
struct Question(
    &'static [&'static str],
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const QUESTIONS: &[Question] = &[
    Question(&["network", "place"], "Ask whether", "is a known office, VPN or runner of", ""),
    Question(&["client", "access"], "Ask whether", "is a known way to use", ""),
    Question(&["action", "service", "edge"], "Look for a change request that has", "done by", ""),
    Question(&["scope", "area", "account", "region"], "Ask the owner of", "what business", " has there"),
];

fn question(case: &Case<'_>, evidence: &[Evidence]) -> Option<String> {
    let who = who(case)?;
    let Some(lead) = evidence.first() else {
        return Some(format!(
            "Ask whoever answers for {who} about planned work in the review"
        ));
    };
    let value = lead.values.first().and_then(|value| word(value.as_raw()));
    let question = QUESTIONS.iter().find(|q| q.0.contains(&lead.dimension));
    Some(match (question, value) {
        (Some(Question(_, before, between, after)), Some(value)) => {
            format!("{before} {value} {between} {who}{after}")
        }
        _ => by_level(lead, &who),
    })
}

fn by_level(lead: &Evidence, who: &str) -> String {
    let day = &lead.day;
    let is = |statistic: Statistic| statistic.name() == lead.dimension;
    if is(Statistic::Hour) || is(Statistic::HourWindow) {
        format!("Compare with schedules and on-call duty of {who} on {day}")
    } else if lead.dimension.starts_with("denied") {
        format!("Find out who could grant {who} what was refused on {day}, and whether they did")
    } else {
        format!("Compare with jobs, releases and migrations planned for {who} on {day}")
    }
}

/// How to stop it, in words: by what kind of credential it holds.
fn containment(case: &Case<'_>, evidence: &[Evidence]) -> Option<String> {
    let who = who(case)?;
    let row = &case.subject.row;
    let how = match row.basis {
        KeyBasis::User => return user_containment(&row.name),
        KeyBasis::Root => "change the root password and remove its access keys",
        KeyBasis::Sso | KeyBasis::OnBehalfOf => {
            "end the active sessions of the user in IAM Identity Center"
        }
        KeyBasis::OktaActor | KeyBasis::OktaLogin => "clear the sessions of the user in Okta",
        KeyBasis::VaultEntity
        | KeyBasis::VaultMount
        | KeyBasis::VaultDisplayName
        | KeyBasis::VaultToken => "revoke its tokens by accessor in Vault, or disable the entity",
        KeyBasis::Account => "remove the other account from the policies that let it in",
        _ => "revoke the active sessions of the role in the IAM console",
    };
    let first = first_sign(evidence).map_or_else(String::new, |time| {
        format!(", first sign at {}", time.rfc3339())
    });
    Some(format!("Once sure, contain {who}: {how}{first}"))
}

/// Which keys there are can be asked at once; switching one off is a comment.
fn user_containment(name: &str) -> Option<String> {
    let name = word(name).filter(|name| !name.starts_with('-'))?;
    Some(format!(
        "aws iam list-access-keys --user-name {name} # once sure: aws iam update-access-key \
         --status Inactive --access-key-id ID"
    ))
}
