//! Members beyond the cast, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use crate::demo::cast::{Member, Rhythm};

fn organisation() -> Organisation {
    Organisation::new(400, 1).unwrap()
}

fn staged(organisation: &Organisation, days: u32) -> Stage<'_> {
    let options = DemoOptions {
        days,
        identities: organisation.members.len(),
        ..DemoOptions::default()
    };
    scenario::stage(organisation, Calendar { days }, &options).unwrap()
}

#[test]
fn no_member_is_a_clone_of_another() {
    let organisation = organisation();
    let described = |member: &Member| {
        let Member {
            rhythm,
            places,
            menu,
            ways,
            ..
        } = member;
        format!("{rhythm:?} {places:?} {menu:?} {ways:?}")
    };
    let distinct: BTreeSet<String> = organisation.members.iter().map(described).collect();
    assert_eq!(distinct.len(), organisation.members.len());
    let further = &organisation.members[organisation.n_cast..];
    let people: Vec<&Member> = further.iter().filter(|m| m.desk.is_some()).collect();
    assert!((100..220).contains(&people.len()), "{}", people.len());
    let homes: BTreeSet<&str> = people
        .iter()
        .map(|member| organisation.places[member.places[0]].prefix.as_str())
        .collect();
    assert!(homes.len() * 2 > people.len(), "{} homes", homes.len());
    let distinct_of = |what: &dyn Fn(&Member) -> String| {
        let all: BTreeSet<String> = further.iter().map(what).collect();
        all.len()
    };
    assert!(distinct_of(&|member| member.project.clone()) > 15);
    assert!(distinct_of(&|member| member.account.to_string()) > 5);
    assert!(distinct_of(&|member| format!("{:?}", member.agents)) > 10);
    let is_weekly = |member: &&Member| matches!(member.rhythm, Rhythm::Weekly { .. });
    assert!(further.iter().filter(is_weekly).count() > 2);
}

#[test]
fn another_seed_makes_other_members() {
    let names = |seed| -> Vec<String> {
        let members = Organisation::new(100, seed).unwrap().members;
        members.into_iter().map(|member| member.name).collect()
    };
    assert_eq!(names(1), names(1));
    assert_ne!(names(1), names(2));
}

#[test]
fn a_few_members_do_most_and_some_act_on_a_few_days() {
    let organisation = Organisation::new(250, 1).unwrap();
    let stage = staged(&organisation, 42);
    let spells = spells_by_member(&stage);
    let mut n_acts: BTreeMap<MemberId, usize> = BTreeMap::new();
    let mut days: BTreeMap<MemberId, BTreeSet<u32>> = BTreeMap::new();
    for day in 0..42 {
        for act in ordinary_acts(&stage, &spells, 1, day) {
            *n_acts.entry(act.who).or_default() += 1;
            days.entry(act.who).or_default().insert(day);
        }
    }
    let mut amounts: Vec<usize> = n_acts.values().copied().collect();
    amounts.sort_unstable_by(|a, b| b.cmp(a));
    let most: usize = amounts.iter().take(amounts.len() / 10).sum();
    let all: usize = amounts.iter().sum();
    assert!(most * 100 > all * 28, "a tenth does {most} of {all}");
    assert!(amounts.len() > 240, "{}", amounts.len());
    let n_rare = days.values().filter(|days| days.len() <= 10).count();
    assert!((10..80).contains(&n_rare), "{n_rare} act on up to ten days");
    let n_daily = days.values().filter(|days| days.len() >= 40).count();
    assert!(n_daily > 50, "{n_daily} act every day");
}

#[test]
fn about_one_identity_in_ten_changes_in_the_review_and_as_many_in_each_week_before() {
    let organisation = organisation();
    let stage = staged(&organisation, 63);
    let review = stage.calendar.review();
    let is_further = |spell: &&Spell| spell.who >= organisation.n_cast;
    let told: BTreeSet<_> = stage
        .spells
        .iter()
        .filter(is_further)
        .filter_map(|spell| Some((spell.story?, spell.who)))
        .filter(|(story, _)| stage.stories[*story].scenario.kind == LabelKind::Quiet)
        .collect();
    assert!((20..90).contains(&told.len()), "{}", told.len());
    let stories: BTreeSet<_> = told.iter().map(|(story, _)| *story).collect();
    assert!(stories.len() >= 10, "{stories:?}");
    for week in 1..8 {
        let days = review.start - 7 * week..review.start - 7 * (week - 1);
        let changed: BTreeSet<MemberId> = stage
            .spells
            .iter()
            .filter(|spell| days.contains(&spell.days.start) || days.contains(&spell.days.end))
            .filter(|spell| !matches!(spell.change, change::Change::Agent { .. }))
            .map(|spell| spell.who)
            .collect();
        assert!((15..200).contains(&changed.len()), "{week}: {changed:?}");
    }
}

#[test]
fn nothing_that_happened_in_the_history_is_told() {
    let organisation = organisation();
    let stage = staged(&organisation, 63);
    let review = stage.calendar.review();
    for spell in &stage.spells {
        assert!(!spell.days.is_empty(), "{spell:?}");
        let begins_in_review = review.contains(&spell.days.start);
        assert_eq!(spell.story.is_some(), begins_in_review, "{spell:?}");
    }
}

#[test]
fn without_takeovers_only_quiet_stories_are_told() {
    let organisation = organisation();
    let options = DemoOptions {
        scenarios: "quiet".parse().unwrap(),
        ..DemoOptions::default()
    };
    let calendar = Calendar { days: options.days };
    let stage = scenario::stage(&organisation, calendar, &options).unwrap();
    let spells = stage.spells.iter().filter_map(|spell| spell.story);
    let acts = stage.planted.iter().filter_map(|act| act.story);
    let told: BTreeSet<LabelKind> = spells
        .chain(acts)
        .map(|story| stage.stories[story].scenario.kind)
        .collect();
    assert_eq!(told, BTreeSet::from([LabelKind::Quiet]));
}
