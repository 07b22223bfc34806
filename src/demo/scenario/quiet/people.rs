//! Ordinary changes of people.

use anyhow::{Context, Result};

use super::recur::{self, Recurring, Turn, engaged, recurs};
use crate::demo::act::{Habit, PlaceId};
use crate::demo::cast::{Member, Organisation};
use crate::demo::change::Change;
use crate::demo::scenario::Stage;

/// What hardly anybody uses, and somebody looks at.
const CURIOSITIES: [&str; 10] = [
    "1 sagemaker:ListNotebookInstances",
    "1 sagemaker:ListModels",
    "1 quicksight:ListDashboards",
    "1 workspaces:DescribeWorkspaces",
    "1 connect:ListInstances",
    "1 iot:ListThings",
    "1 mq:ListBrokers",
    "1 fsx:DescribeFileSystems",
    "1 appconfig:ListApplications",
    "1 dms:DescribeReplicationTasks",
];
/// What a team begins to use together.
const NOVELTIES: [[&str; 2]; 4] = [
    [
        "1 states:StartExecution {project}-flow",
        "1 states:DescribeExecution {project}-flow",
    ],
    ["1 events:PutEvents", "1 events:ListRules"],
    ["1 kinesis:PutRecord", "1 kinesis:DescribeStream"],
    ["1 codebuild:StartBuild", "1 codebuild:BatchGetBuilds"],
];

fn is_person(member: &Member) -> bool {
    member.desk.is_some()
}

fn habits(lines: &[&str]) -> Result<Vec<Habit>> {
    lines.iter().map(|line| Habit::parse(line)).collect()
}

pub(super) fn tries_once(stage: &mut Stage<'_>) -> Result<()> {
    let day = stage.review(2);
    let mut scene = stage.scene("farah.aziz", day, "10:40")?;
    scene.does("sagemaker:ListNotebookInstances")?;
    scene.does("sagemaker:ListModels")?;
    let story = Recurring {
        common: 4,
        befalls: is_person,
        with_cast: true,
        change: |stage, turn| {
            let mut seen = Vec::new();
            for _ in 0..stage.rng.between(1, 3) {
                seen.extend(stage.rng.pick(&CURIOSITIES).copied());
            }
            let days = turn.some_days(stage, 1);
            recur::spell(stage, turn.who, days, Change::Once(habits(&seen)?));
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn creates(stage: &mut Stage<'_>) -> Result<()> {
    let lines = [
        "1 s3:CreateBucket platform-audit-{week}",
        "1 s3:PutBucketTagging platform-audit-{week}",
        "1 iam:CreateRole platform-audit-{week}",
        "1 iam:AttachRolePolicy platform-audit-{week}",
    ];
    for day in [stage.before(26), stage.before(12), stage.review(3)] {
        let change = Change::Once(habits(&lines)?);
        stage.spell("ingrid.dahl", day..day + 1, change)?;
    }
    let story = Recurring {
        common: 2,
        befalls: is_person,
        with_cast: false,
        change: |stage, turn| {
            let lines = [
                "1 s3:CreateBucket {project}-{word}-{day}",
                "1 s3:PutObject {project}-{word}-{day}/eu/readme.txt",
                "1 iam:CreateRole {project}-{word}-{day}",
            ];
            let days = turn.some_days(stage, 1);
            recur::spell(stage, turn.who, days, Change::Once(habits(&lines)?));
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn adopts(stage: &mut Stage<'_>) -> Result<()> {
    let team = [
        "alice.berg",
        "bjorn.lie",
        "dana.novak",
        "emil.strand",
        "chen.wei",
    ];
    let lines = [
        "1 states:StartExecution refunds-flow|chargeback-flow",
        "1 states:DescribeExecution refunds-flow|chargeback-flow",
    ];
    for name in team {
        for habit in habits(&lines)? {
            let days = stage.review_days(1, 5);
            let change = Change::Also {
                habit,
                per_mille: 500,
            };
            stage.spell(name, days, change)?;
        }
    }
    let story = Recurring {
        common: 1,
        befalls: is_person,
        with_cast: false,
        change: team_adopts,
    };
    recurs(stage, &story)
}

/// The team of `turn.who` begins to use something, and goes on doing so.
fn team_adopts(stage: &mut Stage<'_>, turn: &Turn) -> Result<()> {
    let organisation = stage.organisation;
    let somebody = organisation.members.get(turn.who).context("no member")?;
    let lines = stage.rng.pick(&NOVELTIES).context("nothing to adopt")?;
    let engaged = engaged(stage);
    for (who, member) in organisation.members.iter().enumerate() {
        let is_free = turn.is_past || !engaged.contains(&who);
        if member.project != somebody.project || member.desk.is_none() || !is_free {
            continue;
        }
        let from = turn.day + stage.rng.below(3);
        for habit in habits(lines)? {
            let change = Change::Also {
                habit,
                per_mille: 400,
            };
            recur::spell(stage, who, from..stage.calendar.days, change);
        }
    }
    Ok(())
}

pub(super) fn on_call(stage: &mut Stage<'_>) -> Result<()> {
    for days in [33, 31, 30, 18, 16, 15] {
        let day = stage.before(days);
        stage.spell("ingrid.dahl", day..day + 1, Change::Night)?;
    }
    for day in [1, 3] {
        let days = stage.review_days(day, day + 1);
        stage.spell("ingrid.dahl", days, Change::Night)?;
    }
    let story = Recurring {
        common: 1,
        befalls: is_person,
        with_cast: false,
        // Every third week; whoever is called in the review was before.
        change: |stage, turn| {
            for week in (0..=turn.day / 7).step_by(3) {
                let day = turn.day - 7 * week;
                recur::spell(stage, turn.who, day..day + 1, Change::Night);
            }
            Ok(())
        },
    };
    recurs(stage, &story)
}

/// One of the places called `flat 0`, `flat 1` and so on.
fn spare_place(stage: &mut Stage<'_>, what: &str) -> Result<PlaceId> {
    let places = stage.organisation.places.iter();
    let is_one = |name: &str| name.starts_with(what);
    let n = places.filter(|place| is_one(&place.name)).count();
    let number = stage.rng.below(u32::try_from(n).unwrap_or(u32::MAX));
    stage.organisation.place(&format!("{what} {number}"))
}

pub(super) fn travel(stage: &mut Stage<'_>) -> Result<()> {
    let lisbon = stage.organisation.place("hotel-lisbon")?;
    let tokyo = stage.organisation.place("hotel-tokyo")?;
    let before = stage.before(27)..stage.before(24);
    stage.spell("liam.oneill", before, Change::Place(lisbon))?;
    let days = stage.review_days(1, 3);
    stage.spell("liam.oneill", days, Change::Place(tokyo))?;
    let story = Recurring {
        common: 4,
        befalls: is_person,
        with_cast: true,
        change: |stage, turn| {
            let place = spare_place(stage, "trip")?;
            let n = stage.rng.between(2, 5);
            let days = turn.some_days(stage, n);
            recur::spell(stage, turn.who, days, Change::Place(place));
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn moved(stage: &mut Stage<'_>) -> Result<()> {
    let flat = stage.organisation.place("new-flat")?;
    let days = stage.review_days(2, 7);
    stage.spell("ivan.petrov", days, Change::Place(flat))?;
    let story = Recurring {
        common: 1,
        befalls: |member| member.desk.as_ref().is_some_and(|desk| desk.office < 90),
        with_cast: true,
        change: |stage, turn| {
            let member = stage.organisation.members.get(turn.who);
            let home = member.and_then(|member| member.places.first().copied());
            let from = home.context("no home")?;
            let to = spare_place(stage, "flat")?;
            let days = turn.lasting(stage);
            recur::spell(stage, turn.who, days, Change::Moves { from, to });
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn vpn(stage: &mut Stage<'_>) -> Result<()> {
    let vpn = stage.organisation.place("vpn")?;
    for name in ["jonas.vik", "omar.diallo"] {
        let days = stage.review_days(2, 4);
        stage.spell(name, days, Change::Place(vpn))?;
    }
    let story = Recurring {
        common: 2,
        befalls: |member| member.desk.as_ref().is_some_and(|desk| desk.vpn == 0),
        with_cast: true,
        change: |stage, turn| {
            let vpn = stage.organisation.place("vpn")?;
            let days = turn.some_days(stage, 2);
            recur::spell(stage, turn.who, days, Change::Place(vpn));
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn new_hire(stage: &mut Stage<'_>) -> Result<()> {
    let before = 0..stage.review(0);
    stage.spell("rosa.blanco", before, Change::Away)?;
    let days = stage.review_days(0, 7);
    stage.spell("rosa.blanco", days, Change::Noted)?;
    let story = Recurring {
        common: 2,
        befalls: is_person,
        with_cast: false,
        change: |stage, turn| {
            recur::spell(stage, turn.who, 0..turn.day, Change::Away);
            if !turn.is_past {
                let days = turn.lasting(stage);
                recur::spell(stage, turn.who, days, Change::Noted);
            }
            Ok(())
        },
    };
    recurs(stage, &story)
}

pub(super) fn holiday(stage: &mut Stage<'_>) -> Result<()> {
    let days = stage.review_days(0, 7);
    stage.spell("quinn.aas", days.clone(), Change::Away)?;
    stage.absent("quinn.aas", days, Member::aws_key)?;
    let story = Recurring {
        common: 4,
        befalls: is_person,
        with_cast: true,
        change: |stage, turn| {
            let n = stage.rng.between(2, 9);
            let days = turn.some_days(stage, n);
            if !turn.is_past {
                let name = name_of(stage.organisation, turn)?;
                stage.absent(&name, days.clone(), Member::aws_key)?;
            }
            recur::spell(stage, turn.who, days, Change::Away);
            Ok(())
        },
    };
    recurs(stage, &story)
}

fn name_of(organisation: &Organisation, turn: &Turn) -> Result<String> {
    let member = organisation.members.get(turn.who).context("no member")?;
    Ok(member.name.clone())
}
