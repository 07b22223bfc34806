//! What is put on the stage, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::demo::calendar::Calendar;
use crate::demo::cast::Organisation;
use crate::demo::scenario::{self, Scenarios, Stage};
use crate::demo::{DemoOptions, Difficulty, LabelKind};

fn organisation(identities: usize) -> Organisation {
    Organisation::new(identities, 1).unwrap()
}

fn staged<'a>(organisation: &'a Organisation, options: &DemoOptions) -> Stage<'a> {
    let calendar = Calendar { days: options.days };
    scenario::stage(organisation, calendar, options).unwrap()
}

fn chosen(text: &str) -> DemoOptions {
    DemoOptions {
        scenarios: text.parse().unwrap(),
        ..DemoOptions::default()
    }
}

/// How many acts tell each planted scenario.
fn amounts(difficulty: Difficulty) -> BTreeMap<&'static str, usize> {
    let organisation = organisation(0);
    let options = DemoOptions {
        difficulty,
        ..chosen("planted")
    };
    let stage = staged(&organisation, &options);
    let mut amounts = BTreeMap::new();
    for act in &stage.planted {
        if let Some(story) = act.story {
            *amounts
                .entry(stage.stories[story].scenario.code)
                .or_default() += 1;
        }
    }
    amounts
}

#[test]
fn every_takeover_is_told_by_more_acts_the_louder_it_is() {
    let [loud, moderate, stealthy] =
        [Difficulty::Loud, Difficulty::Moderate, Difficulty::Stealthy].map(amounts);
    let planted = scenario::all().filter(|scenario| scenario.kind == LabelKind::Planted);
    for code in planted.map(|scenario| scenario.code) {
        let [loud, moderate, stealthy] = [&loud, &moderate, &stealthy].map(|all| all[code]);
        assert!(
            loud > moderate && moderate > stealthy && stealthy > 0,
            "{code}: {loud} {moderate} {stealthy}"
        );
        let handful = match code {
            "S13" => 80,
            "S14" => 25,
            _ => 22,
        };
        assert!(stealthy <= handful, "{code}: {stealthy}");
    }
}

#[test]
fn only_the_stories_that_are_asked_for_are_told() {
    let organisation = organisation(0);
    let told = |text| -> Vec<&str> {
        let stage = staged(&organisation, &chosen(text));
        stage.stories.iter().map(|s| s.scenario.code).collect()
    };
    assert_eq!(told("Q03,s08 ,S01"), ["S01", "S08", "Q03"]);
    assert_eq!(told("quiet,S01").len(), 1 + told("quiet").len());
    assert_eq!(told("all").len(), scenario::all().count());
    let none = staged(&organisation, &chosen("none"));
    assert!(none.stories.is_empty() && none.planted.is_empty());
    assert!(none.spells.is_empty() && none.faults.is_empty() && none.absences.is_empty());
}

#[test]
fn an_unknown_scenario_is_refused_by_name() {
    for text in ["S99", "S01,S99", "", "S01,,S02"] {
        let error = text.parse::<Scenarios>().unwrap_err().to_string();
        let named = if text.contains("S99") {
            "\"S99\""
        } else {
            "\"\""
        };
        assert!(
            error.contains(named) && error.contains("S01 S02"),
            "{error}"
        );
    }
}

#[test]
fn a_larger_organisation_has_more_takeovers_of_other_members() {
    let larger = organisation(400);
    let stage = staged(&larger, &chosen("planted"));
    let n_scenarios = chosen("planted").scenarios.codes().len();
    let n_extra = (400 - 65) / 20;
    assert_eq!(stage.stories.len(), n_scenarios + n_extra);
    let few = staged(&larger, &chosen("S01,S20"));
    let n_copies = (400 - 65_usize) / 64;
    assert!(few.stories.len() > 2 * n_copies, "{}", few.stories.len());

    let mut told: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut days: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for act in few.planted.iter().filter(|act| act.story.is_some()) {
        told.entry(act.who).or_default().extend(act.story);
        let code = few.stories[act.story.unwrap()].scenario.code;
        days.entry(code)
            .or_default()
            .insert(few.calendar.day_of(act.at));
    }
    assert_eq!(told.len(), few.stories.len(), "each is about one member");
    assert!(told.values().all(|stories| stories.len() == 1));
    assert!(days.values().all(|days| days.len() > 3), "{days:?}");
}

#[test]
fn no_member_is_taken_over_twice_nor_besides_an_ordinary_change() {
    let organisation = organisation(0);
    let stage = staged(&organisation, &DemoOptions::default());
    let mut by_member: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let acts = stage.planted.iter().map(|act| (act.who, act.story));
    let spells = stage.spells.iter().map(|spell| (spell.who, spell.story));
    for (who, story) in acts.chain(spells) {
        let code = story.map(|story| stage.stories[story].scenario);
        let codes = by_member.entry(who).or_default();
        codes.extend(code.map(|scenario| scenario.code));
    }
    for (who, codes) in by_member {
        let is_taken_over = codes.iter().any(|code| code.starts_with('S'));
        assert!(
            !is_taken_over || codes.len() == 1,
            "{}: {codes:?}",
            organisation.members[who].name
        );
    }
}

#[test]
fn a_loud_intruder_comes_from_elsewhere_where_the_origin_is_no_part_of_the_story() {
    let organisation = organisation(0);
    let options = DemoOptions {
        difficulty: Difficulty::Loud,
        ..chosen("planted")
    };
    let stage = staged(&organisation, &options);
    let foreign: BTreeSet<&str> = stage
        .planted
        .iter()
        .filter(|act| organisation.places[act.place].intruder)
        .filter_map(|act| Some(stage.stories[act.story?].scenario.code))
        .collect();
    let inside: Vec<&str> = chosen("planted")
        .scenarios
        .codes()
        .iter()
        .copied()
        .filter(|code| !foreign.contains(code))
        .collect();
    // The hour and region, the volume of a contract, the right place, mimicry.
    assert_eq!(inside, ["S03", "S13", "S17", "S25"]);
}
