//! An abstention: why an identity has no p-value, and what would give it one.

use super::case::Case;
use super::wording::{self, counted, number};
use crate::ledger::Dimension;
use crate::model::Abstention;
use crate::model::subject::Day;

/// Active periods of history from which an identity is ranked: the model's
/// warm-up, and as many usable ones. Held against the model by a test.
pub(super) const RANKED_FROM: u32 = 6;

/// The reason as a sentence. It quotes no logged text.
pub(super) fn reason(case: &Case<'_>, abstention: Abstention) -> String {
    match abstention {
        Abstention::NoHistory => no_history(case),
        Abstention::Shared => shared(case),
        Abstention::NotJudged => "this class is not judged without a history of its own; export \
             logs that reach further back"
            .to_owned(),
    }
}

fn no_history(case: &Case<'_>) -> String {
    format!(
        "no event in the {} of history, so there is nothing to compare with; ranked from {} on",
        case.background.covered(),
        wording::active(RANKED_FROM, case.slate().period),
    )
}

fn shared(case: &Case<'_>) -> String {
    let most = |of: &dyn Fn(&Day) -> u32| {
        let days = case.subject.history().iter();
        days.map(of).max().unwrap_or_default()
    };
    let values = |dimension| most(&|day| n_values(case, day, dimension));
    let parts = [
        counted(most(&|day| day.amounts.n_subs), "session", "sessions"),
        counted(values(Dimension::Network), "network", "networks"),
        counted(values(Dimension::Client), "client", "clients"),
    ];
    format!(
        "many callers share it: up to {} on one of its {}, so there is no one habit to depart \
         from; give each caller a role or a session name of its own",
        wording::list(&parts),
        case.active(),
    )
}

fn n_values(case: &Case<'_>, day: &Day, dimension: Dimension) -> u32 {
    let marks = day.atoms.iter();
    let marks = marks.filter_map(|at| case.subject.atoms.get(usize::try_from(*at).ok()?));
    number(marks.filter(|mark| mark.dimension == dimension).count())
}
