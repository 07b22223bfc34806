//! The tables beside this file: their rows, as written.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;

use super::act::Habit;
use super::cast::{Place, Rhythm, Sort};
use super::release::Line;

/// Reads a list of habits.
pub(super) fn parse_menu(lines: &[String]) -> Result<Vec<Habit>> {
    lines.iter().map(|line| Habit::parse(line)).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlacesTable {
    pub place: Vec<Place>,
    pub agent: BTreeMap<String, String>,
    pub release: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleTable {
    pub person: Vec<PersonRow>,
    pub curiosity: Vec<String>,
    pub job: BTreeMap<String, Job>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MachinesTable {
    pub machine: Vec<MachineRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub project: String,
    pub account: String,
    pub region: String,
    pub permission: String,
    pub apps: Vec<String>,
    pub menu: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonRow {
    pub login: String,
    pub name: String,
    pub job: String,
    pub home: u8,
    pub start: u32,
    #[serde(default = "oslo")]
    pub city: String,
    #[serde(default = "norway")]
    pub country: String,
    #[serde(default = "half")]
    pub office: u32,
    #[serde(default)]
    pub vpn: u32,
    #[serde(default = "thirty")]
    pub explores: u32,
    #[serde(default = "seven")]
    pub acts: u32,
    #[serde(default = "cli_mac")]
    pub tool: String,
    #[serde(default = "chrome")]
    pub browser: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MachineRow {
    pub name: String,
    pub sort: Sort,
    pub places: Vec<String>,
    pub agent: String,
    #[serde(default)]
    pub agents: Vec<String>,
    pub project: String,
    #[serde(default = "main_account")]
    pub account: String,
    #[serde(default = "main_region")]
    pub region: String,
    pub rhythm: Rhythm,
    pub menu: Vec<String>,
}

fn oslo() -> String {
    "Oslo".to_owned()
}

fn norway() -> String {
    "Norway".to_owned()
}

fn half() -> u32 {
    50
}

fn thirty() -> u32 {
    30
}

fn seven() -> u32 {
    7
}

fn cli_mac() -> String {
    "cli-mac".to_owned()
}

fn chrome() -> String {
    "chrome".to_owned()
}

fn main_account() -> String {
    "111122223333".to_owned()
}

fn main_region() -> String {
    "eu-west-1".to_owned()
}
