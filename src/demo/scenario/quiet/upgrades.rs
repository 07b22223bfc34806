//! Upgrades: clients are replaced by their next versions, one member after the
//! other.

use std::rc::Rc;

use anyhow::{Context, Result};

use super::recur::{self, Recurring, Turn, first_free, recurs};
use crate::demo::act::MemberId;
use crate::demo::cast::{Member, Sort};
use crate::demo::change::Change;
use crate::demo::scenario::Stage;
use crate::demo::{ids, release};

const BROWSERS: [&str; 3] = ["chrome", "edge", "firefox"];
const COMMAND_LINES: [&str; 3] = ["cli-mac", "cli-linux", "terraform"];
const LIBRARIES: [&str; 5] = ["boto", "go", "java", "js", "lambda"];

pub(super) fn browsers(stage: &mut Stage<'_>) -> Result<()> {
    for (name, from) in [
        ("chen.wei", 0),
        ("petra.lund", 1),
        ("karin.moe", 2),
        ("gustav.holm", 3),
        ("hana.sato", 1),
    ] {
        upgrade(stage, name, from, "chrome")?;
    }
    rolled_through(stage, &BROWSERS);
    recurs(
        stage,
        &recurring(is_person, |stage, turn| change(stage, turn, &BROWSERS)),
    )
}

pub(super) fn command_lines(stage: &mut Stage<'_>) -> Result<()> {
    upgrade(stage, "emil.strand", 1, "cli-linux")?;
    upgrade(stage, "jonas.vik", 3, "cli-mac")?;
    rolled_through(stage, &COMMAND_LINES);
    recurs(
        stage,
        &recurring(is_person, |stage, turn| change(stage, turn, &COMMAND_LINES)),
    )
}

pub(super) fn libraries(stage: &mut Stage<'_>) -> Result<()> {
    let function = first_free(
        stage,
        &["webhook-receiver", "thumbnailer", "search-indexer"],
    );
    let who = stage.organisation.member(function)?;
    let member = stage.organisation.members.get(who).context("no member")?;
    let agent = member.agents.first().cloned().unwrap_or_default();
    upgrade(stage, function, 2, &agent)?;
    rolled_through(stage, &LIBRARIES);
    recurs(
        stage,
        &recurring(is_machine, |stage, turn| change(stage, turn, &LIBRARIES)),
    )
}

fn recurring(
    befalls: fn(&Member) -> bool,
    change: fn(&mut Stage<'_>, &Turn) -> Result<()>,
) -> Recurring {
    Recurring {
        common: 1,
        befalls,
        with_cast: false,
        change,
    }
}

fn is_person(member: &Member) -> bool {
    member.desk.is_some()
}

fn is_machine(member: &Member) -> bool {
    member.desk.is_none() && !matches!(member.sort, Sort::AppRole | Sort::Kubernetes)
}

/// One of the cast takes the next version of `agent`.
fn upgrade(stage: &mut Stage<'_>, name: &str, from: u32, agent: &str) -> Result<()> {
    let days = stage.review_days(from, 7);
    let change = Change::Agent {
        from: agent.into(),
        to: release::next(agent),
    };
    stage.spell(name, days, change)
}

/// The clients of `who`, browser included.
fn clients(stage: &Stage<'_>, who: MemberId) -> Vec<Rc<str>> {
    let Some(member) = stage.organisation.members.get(who) else {
        return Vec::new();
    };
    let browser = member.desk.iter().map(|desk| &desk.browser);
    let mut clients: Vec<Rc<str>> = member.agents.iter().chain(browser).cloned().collect();
    clients.sort();
    clients.dedup();
    clients
}

/// A further member takes the next version of its clients among `agents`; what
/// was before is told of all by [`rolled_through`].
fn change(stage: &mut Stage<'_>, turn: &Turn, agents: &[&str]) -> Result<()> {
    if turn.is_past {
        return Ok(());
    }
    for from in clients(stage, turn.who) {
        if agents.contains(&&*from) {
            let to = release::next(&from);
            let days = turn.lasting(stage);
            recur::spell(stage, turn.who, days, Change::Agent { from, to });
        }
    }
    Ok(())
}

/// Everybody had earlier versions of `agents` before, and took each when it
/// suited them.
fn rolled_through(stage: &mut Stage<'_>, agents: &[&str]) {
    let review = stage.calendar.review().start;
    for who in 0..stage.organisation.members.len() {
        for from in clients(stage, who) {
            let mut lines = stage.organisation.releases.iter();
            let line = lines.find(|line| line.agents.iter().any(|agent| **agent == *from));
            let (Some(line), true) = (line, agents.contains(&&*from)) else {
                continue;
            };
            let own = ids::hash(&format!("{who} {from}")) % u64::from(line.every);
            let mut end = review.saturating_sub(u32::try_from(own).unwrap_or_default());
            let every = line.every;
            for back in 1.. {
                if end == 0 {
                    break;
                }
                let start = end.saturating_sub(every);
                let to = release::earlier(&from, back);
                let from = Rc::clone(&from);
                recur::spell(stage, who, start..end, Change::Agent { from, to });
                end = start;
            }
        }
    }
}
