//! The history of one subject, day by day: what each of its days said, given
//! those before it.

use super::first_use::{TypedDay, WARM_UP};
use super::firsts::Firsts;
use super::level::Levels;
use super::novelty::{GroupRates, Habit, Totals, by_class};
use super::past::PastWindow;
use super::rows::Rows;
use super::sequence::{ClassSteps, sequence_statistics};
use super::slate::Slate;
use super::subject::{Day, Subject};
use super::{Parameters, parallel};

/// Days a subject may learn from, in order, with their position.
pub(super) fn learned_days(subject: &Subject) -> impl Iterator<Item = (usize, &Day)> {
    subject
        .history()
        .iter()
        .enumerate()
        .filter(|(_, day)| subject.learns_from(day.ordinal))
}

/// What a subject's days are counted as: usable windows, behind the warm-up.
pub(super) fn usable_days(subject: &Subject) -> impl Iterator<Item = (usize, &Day)> {
    learned_days(subject).skip(WARM_UP)
}

/// What identities of one kind have in common.
pub(super) struct Group<'g> {
    pub(super) rates: &'g [GroupRates],
    pub(super) levels: &'g Levels,
    pub(super) class_steps: &'g ClassSteps,
}

/// The history of one subject, before it is calibrated.
pub(super) struct Replayed {
    pub(super) windows: Vec<PastWindow>,
    pub(super) rows: Rows,
    pub(super) habit: Habit,
}

impl Replayed {
    pub(super) fn of(
        slate: &Slate,
        peers: &[usize],
        parameters: &Parameters,
        group: &Group<'_>,
        firsts: &Firsts,
        at: usize,
    ) -> Self {
        let mut own = Self {
            windows: Vec::new(),
            rows: Rows::default(),
            habit: Habit::default(),
        };
        let (Some(subject), Some(rates)) = (slate.subjects.get(at), group.rates.get(at)) else {
            return own;
        };
        own.habit = Habit::new(subject);
        let mut row = vec![0.0; parameters.statistics.len()];
        for (position, day) in subject.history().iter().enumerate() {
            let is_hidden = !subject.learns_from(day.ordinal);
            if own.habit.n_days < WARM_UP {
                if !is_hidden {
                    own.habit.learn(subject, day, &TypedDay::default());
                }
                continue;
            }
            let typed = firsts.typed_as_of(slate, peers, at, day);
            row.fill(0.0);
            group
                .levels
                .statistics(parameters, slate, subject, day, &mut row);
            own.habit.statistics(parameters, &typed, rates, &mut row);
            let excused = parameters.excused(&typed);
            let steps = own
                .habit
                .step_bits(subject, day, group.class_steps, excused);
            sequence_statistics(parameters, &steps, &mut row);
            own.rows.push(&row);
            if !is_hidden {
                own.habit.learn(subject, day, &typed);
            }
            own.windows.push(PastWindow {
                subject: at,
                day: position,
                ordinal: day.ordinal,
                n_values: typed.dimensions.iter().map(|own| own.n).sum(),
                n_new: typed.dimensions.iter().map(|own| own.all()).sum(),
                scores: [0.0; 3],
                p_final: 1.0,
                is_hidden,
            });
        }
        own
    }
}

/// How often values are new to each subject, its peers and its class.
pub(super) fn group_rates(
    slate: &Slate,
    peers: &[Vec<usize>],
    parameters: &Parameters,
    firsts: &[Firsts],
) -> Vec<GroupRates> {
    let totals = parallel::map(parameters.threads, slate.subjects.len(), |at| {
        let own = slate.subjects.get(at).zip(firsts.get(at));
        own.map_or_else(Totals::default, |(own, firsts)| {
            totals_of(slate, own, firsts)
        })
    });
    let mut organisation = Totals::default();
    for own in &totals {
        organisation.add(own);
    }
    let classes = by_class(slate, &totals);
    slate
        .subjects
        .iter()
        .zip(peers)
        .map(|(subject, peers)| {
            let mut of_peers = Totals::default();
            for peer in peers.iter().filter_map(|peer| totals.get(*peer)) {
                of_peers.add(peer);
            }
            let class = classes.iter().find(|(class, _)| *class == subject.class);
            GroupRates::new(
                &organisation,
                class.map_or(&organisation, |(_, totals)| totals),
                &of_peers,
            )
        })
        .collect()
}

/// The distinct and the new values of one subject's history.
fn totals_of(slate: &Slate, subject: &Subject, firsts: &Firsts) -> Totals {
    let mut totals = Totals::default();
    for (_, day) in usable_days(subject) {
        totals.add_window(&firsts.typed(slate, subject, day));
    }
    let mut habit = Habit::new(subject);
    for (_, day) in learned_days(subject) {
        habit.learn(subject, day, &TypedDay::default());
    }
    totals.add_values(&habit);
    totals
}
