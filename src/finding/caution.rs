//! Cautions: what limits everything that a report says.

use super::case::{Background, Case, readable_name};
use super::wording::{self, count, counted, number};
use crate::event::{Timestamp, Untrusted};
use crate::model::{Abstention, Judgement, Verdict};

/// A history that covers less is thin for everybody.
const FULL_COVER_SECONDS: i64 = 14 * 86_400;
/// From this share of thin identities on it is worth a sentence, in percent.
const THIN_PERCENT: usize = 25;
/// Set-aside periods that are named.
const NAMED: usize = 5;

/// Every caution that applies, as finished sentences.
pub(super) fn cautions(background: &Background<'_>, cases: &[Case<'_>]) -> Vec<Untrusted> {
    let thin = thin_history(background).or_else(|| thin_identities(cases));
    [thin, abstentions(cases), set_aside(background)]
        .into_iter()
        .flatten()
        .map(Untrusted::from)
        .collect()
}

fn thin_history(background: &Background<'_>) -> Option<String> {
    match background.covered_seconds {
        0 => Some("There is no history before the review: nobody can be judged.".to_owned()),
        s if s < FULL_COVER_SECONDS => Some(format!(
            "The history covers only {}: every number here is weak, and no severity goes \
             beyond medium.",
            background.covered()
        )),
        _ => None,
    }
}

fn thin_identities(cases: &[Case<'_>]) -> Option<String> {
    let judged = |case: &&Case<'_>| case.score.judgement.review().is_some();
    let n = cases.iter().filter(judged).count();
    let is_thin = |case: &&Case<'_>| case.score.verdicts.contains(&Verdict::Thin);
    let n_thin = cases.iter().filter(judged).filter(is_thin).count();
    let is_many = n_thin > 0 && n_thin.saturating_mul(100) >= n.saturating_mul(THIN_PERCENT);
    is_many.then(|| {
        format!(
            "Too little history to be sure of {} of {} judged identities; their severity ends at \
             medium.",
            count(number(n_thin)),
            count(number(n)),
        )
    })
}

fn abstentions(cases: &[Case<'_>]) -> Option<String> {
    let n_of = |wanted: Abstention| {
        let is_wanted = |case: &&Case<'_>| case.score.judgement == Judgement::Abstained(wanted);
        number(cases.iter().filter(is_wanted).count())
    };
    let reasons = [
        (n_of(Abstention::NoHistory), "without any history"),
        (n_of(Abstention::Shared), "shared by many callers"),
        (n_of(Abstention::NotJudged), "of a class that is not judged"),
    ];
    let total: u32 = reasons.iter().map(|(n, _)| n).sum();
    let parts: Vec<String> = reasons
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, reason)| match *n == total {
            true => (*reason).to_owned(),
            false => format!("{} {reason}", count(*n)),
        })
        .collect();
    (total > 0).then(|| {
        format!(
            "{} active in the review could not be judged: {}.",
            counted(total, "identity", "identities"),
            wording::list(&parts),
        )
    })
}

/// History periods so unusual themselves that nothing was learned from them.
fn set_aside(background: &Background<'_>) -> Option<String> {
    let slate = background.slate();
    let mut periods: Vec<(Timestamp, &str, String)> = slate
        .subjects
        .iter()
        .flat_map(|subject| {
            let hidden = subject.hidden.iter().filter(|at| !slate.is_review(*at));
            hidden.map(|at| {
                let text = format!(
                    "{} on {}",
                    wording::value(&readable_name(&subject.row)),
                    background.label(at)
                );
                (slate.start_of(at), subject.row.key.as_ref(), text)
            })
        })
        .collect();
    periods.sort_unstable();
    let named: Vec<String> = periods.iter().take(NAMED).map(|p| p.2.clone()).collect();
    let n_more = number(periods.len().saturating_sub(NAMED));
    let more = if n_more > 0 {
        format!(" and {} more", count(n_more))
    } else {
        String::new()
    };
    let one = wording::period(slate.period);
    let how_many = match number(periods.len()) {
        0 => return None,
        1 => format!("1 identity-{one} of the history looks unusual itself and was"),
        n => format!(
            "{} identity-{one}s of the history look unusual themselves and were",
            count(n)
        ),
    };
    Some(format!(
        "{how_many} not learned from; look there before trusting the baseline: {}{more}.",
        named.join(", "),
    ))
}
