//! Teams: a file that says which identities belong together.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use clap::Args;

use super::inputs::LABELS;
use super::selection::IdentityPattern;
use crate::model::Teams;

/// The header that a file may have.
const HEADER: [&str; 2] = ["pattern", "team"];
/// A larger file is no list of teams.
const MAX_BYTES: u64 = 16 << 20;

/// Which identities belong together, besides those that look so.
#[derive(Clone, Debug, Args)]
pub(super) struct PeersArgs {
    /// Compare with their team the identities that this file names
    ///
    /// Lines of a pattern, as for --identity, and a team: 'role/pay-*',payments. A file that ends in .toml
    /// has them as pattern = "team". An identity may be in several teams.
    #[arg(long, help_heading = LABELS, value_name = "FILE", value_parser = TeamsArg::load, hide_short_help = true)]
    peers: Option<TeamsArg>,
}

impl PeersArgs {
    /// The teams of the file, if one is named.
    pub(super) fn teams(&self) -> Teams {
        self.peers.clone().unwrap_or_default().0
    }
}

/// Teams that the user has told us of.
#[derive(Clone, Debug, Default)]
struct TeamsArg(Teams);

impl TeamsArg {
    /// The teams in the file of that name: TOML if it is called so, else CSV.
    ///
    /// # Errors
    ///
    /// When it cannot be read, and where it makes no sense.
    fn load(name: &str) -> anyhow::Result<Self> {
        let path = Path::new(name);
        let mut text = String::new();
        let size = File::open(path)?
            .take(MAX_BYTES + 1)
            .read_to_string(&mut text)?;
        ensure!(
            size as u64 <= MAX_BYTES,
            "the file is too large for a list of teams"
        );
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let teams = if is_toml {
            of_toml(&text)
        } else {
            of_csv(&text)
        };
        teams.map(Self).map_err(|error| anyhow!("{error:#}"))
    }
}

fn of_csv(text: &str) -> anyhow::Result<Teams> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut teams = Teams::default();
    for row in reader.records() {
        let row = row?;
        let line = row.position().map_or(0, csv::Position::line);
        if line == 1 && row.iter().eq(HEADER) {
            continue;
        }
        ensure!(
            row.len() == HEADER.len(),
            "line {line}: write a pattern, a comma and a team, as in role/pay-*,payments"
        );
        let [pattern, team] = [0, 1].map(|at| row.get(at).unwrap_or_default());
        add(&mut teams, pattern, team).with_context(|| format!("line {line}"))?;
    }
    non_empty(teams)
}

fn of_toml(text: &str) -> anyhow::Result<Teams> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        anyhow!("{}", error.to_string().trim_end().replace('\n', "; "))
    })?;
    let mut teams = Teams::default();
    for (pattern, team) in &table {
        let team = team.as_str().ok_or_else(|| {
            anyhow!(r#"{pattern:?}: write a text, as in "role/pay-*" = "payments""#)
        })?;
        add(&mut teams, pattern, team).with_context(|| format!("{pattern:?}"))?;
    }
    non_empty(teams)
}

fn add(teams: &mut Teams, pattern: &str, team: &str) -> anyhow::Result<()> {
    ensure!(!team.is_empty(), "the team has no name");
    let pattern = IdentityPattern::new(pattern)?;
    teams.add(pattern.into_regex(), team);
    Ok(())
}

fn non_empty(teams: Teams) -> anyhow::Result<Teams> {
    ensure!(!teams.is_empty(), "it names no team");
    Ok(teams)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[track_caller]
    fn refused(teams: anyhow::Result<Teams>, expected: &str) {
        assert_eq!(format!("{:#}", teams.unwrap_err()), expected);
    }

    #[test]
    fn both_notations_say_the_same() {
        let csv = "pattern,team\n# who pays\nrole/pay-*,payments\n\"alice\", payments\n";
        let toml = "\"role/pay-*\" = \"payments\"\nalice = \"payments\"\n";
        assert_eq!(of_csv(csv).unwrap().len(), 2);
        assert_eq!(of_toml(toml).unwrap().len(), 2);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        refused(
            of_csv("role/pay-*,payments\nalice\n"),
            "line 2: write a pattern, a comma and a team, as in role/pay-*,payments",
        );
        refused(of_csv("alice,\n"), "line 1: the team has no name");
        refused(
            of_csv(",payments\n"),
            "line 1: write a name or a part of it, as in alice or 'role/ci-*'",
        );
        refused(of_csv("pattern,team\n"), "it names no team");
        refused(
            of_toml("alice = 3\n"),
            r#""alice": write a text, as in "role/pay-*" = "payments""#,
        );
        assert!(of_toml("alice\n").is_err());
    }
}
