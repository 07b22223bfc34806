//! Which scenarios are told.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::{Scenario, all};
use crate::demo::LabelKind;

/// A set of scenarios, written `S01,S08,Q03`, or as one of the words `all`,
/// `planted`, `quiet` and `none`.
///
/// # Examples
///
/// ```
/// # use habitual::demo::Scenarios;
/// let some: Scenarios = "s01,quiet".parse().unwrap();
/// assert!(some.contains("S01") && some.contains("Q01") && !some.contains("S08"));
/// assert!("S99".parse::<Scenarios>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenarios(BTreeSet<&'static str>);

impl Scenarios {
    /// Every scenario there is.
    #[must_use]
    pub fn all() -> Self {
        Self::chosen(|_| true)
    }

    /// Whether the scenario `code` is among them.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.0.contains(code)
    }

    /// Their codes, sorted.
    pub(in crate::demo) fn codes(&self) -> &BTreeSet<&'static str> {
        &self.0
    }

    fn chosen(is_chosen: impl Fn(&Scenario) -> bool) -> Self {
        let chosen = all().filter(|scenario| is_chosen(scenario));
        Self(chosen.map(|scenario| scenario.code).collect())
    }
}

impl FromStr for Scenarios {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut codes = BTreeSet::new();
        for word in text.split(',').map(str::trim) {
            let chosen = match word.to_ascii_lowercase().as_str() {
                "all" => Self::all(),
                "planted" => Self::chosen(|scenario| scenario.kind == LabelKind::Planted),
                "quiet" => Self::chosen(|scenario| scenario.kind == LabelKind::Quiet),
                "none" => Self::chosen(|_| false),
                _ => {
                    let is_it = |scenario: &Scenario| scenario.code.eq_ignore_ascii_case(word);
                    if !all().any(is_it) {
                        return Err(UnknownScenario(word.to_owned()));
                    }
                    Self::chosen(is_it)
                }
            };
            codes.extend(chosen.0);
        }
        Ok(Self(codes))
    }
}

/// A scenario was asked for that there is none of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScenario(String);

impl fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = all().map(|scenario| scenario.code).collect();
        write!(
            f,
            "no scenario is called {:?}; there are {}, and the words all, planted, quiet, none",
            self.0,
            codes.join(" ")
        )
    }
}

impl std::error::Error for UnknownScenario {}
