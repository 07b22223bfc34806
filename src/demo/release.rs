//! Releases: the successive versions of the clients, and who uses which when.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context, Result};
use serde::Deserialize;

/// How many earlier versions a client has.
const N_EARLIER: u32 = 20;

/// Clients that are released together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// Their names in the list of agents.
    pub agents: Vec<String>,
    /// What their text has before the number of the version.
    pub before: String,
    /// The number of the current version.
    pub number: u32,
    /// Days from one version to the next.
    pub every: u32,
}

/// The name of `agent`'s version `back` releases ago.
pub(super) fn earlier(agent: &str, back: u32) -> Rc<str> {
    format!("{agent}-{back}-back").into()
}

/// The name of `agent`'s next version.
pub(super) fn next(agent: &str) -> Rc<str> {
    format!("{agent}-next").into()
}

/// Adds the earlier versions and the next one of every line to `agents`.
///
/// # Errors
///
/// When a line names an unknown client, or one whose text has no such version.
pub(super) fn publish(agents: &mut BTreeMap<String, String>, lines: &[Line]) -> Result<()> {
    for line in lines {
        let current = format!("{}{}", line.before, line.number);
        for agent in &line.agents {
            let text = agents
                .get(agent)
                .filter(|text| text.contains(&current))
                .with_context(|| format!("{agent} has no version {current}"))?
                .clone();
            let version = |number: u32| text.replace(&current, &format!("{}{number}", line.before));
            agents.insert(next(agent).to_string(), version(line.number + 1));
            for back in 1..=N_EARLIER.min(line.number) {
                let name = earlier(agent, back).to_string();
                agents.insert(name, version(line.number - back));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_differs() {
        let mut agents = BTreeMap::from([("web".to_owned(), "Moz/5.0 Web/142.0 x".to_owned())]);
        let mut line = Line {
            agents: vec!["web".to_owned()],
            before: "Web/".to_owned(),
            number: 142,
            every: 28,
        };
        publish(&mut agents, &[line.clone()]).unwrap();
        assert_eq!(agents[&*next("web")], "Moz/5.0 Web/143.0 x");
        assert_eq!(agents[&*earlier("web", 2)], "Moz/5.0 Web/140.0 x");
        line.number = 7;
        assert!(publish(&mut agents, &[line]).is_err());
    }
}
