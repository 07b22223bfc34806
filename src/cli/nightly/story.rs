//! One story per identity: which findings are new, and which go on.

use std::collections::BTreeMap;

use crate::finding::{Recurrence, Severity};
use crate::ledger::Slot;
use crate::state::Alert;

/// Days without a finding after which a story is over.
pub(super) const QUIET_DAYS: Slot = 7;

/// Says of every alert how it relates to those before it. Alerts come in
/// order of their days.
pub(super) fn tell(alerts: &mut [Alert]) {
    let stories = stories(alerts);
    let mut last: BTreeMap<usize, (Slot, Severity, Vec<String>)> = BTreeMap::new();
    for (alert, story) in alerts.iter_mut().zip(stories) {
        let severity = Severity::from_name(&alert.severity).unwrap_or(Severity::None);
        let families: Vec<String> = alert.families.split(',').map(str::to_owned).collect();
        let open = last
            .get(&story)
            .filter(|(day, ..)| alert.slot.saturating_sub(*day) <= QUIET_DAYS);
        let status = match open {
            None => Recurrence::New,
            Some((_, worst, known)) => {
                let has_more = families.iter().any(|family| !known.contains(family));
                if severity > *worst || has_more {
                    Recurrence::Changed
                } else {
                    Recurrence::Ongoing
                }
            }
        };
        alert.status = status.name().to_owned();
        let (worst, mut known) = open.map_or((Severity::None, Vec::new()), |(_, worst, known)| {
            (*worst, known.clone())
        });
        known.extend(families);
        known.sort_unstable();
        known.dedup();
        last.insert(story, (alert.slot, worst.max(severity), known));
    }
}

/// The number of the story that each alert belongs to. A person may be told by
/// one account at first and by another later, once it is known that they are
/// one; a role passes from hand to hand, and its story with it to nobody.
fn stories(alerts: &[Alert]) -> Vec<usize> {
    let mut stories: BTreeMap<&str, usize> = BTreeMap::new();
    let told = alerts.iter().enumerate().map(|(number, alert)| {
        let accounts = alert.accounts.iter().map(String::as_str);
        let accounts = accounts.filter(|key| !key.starts_with("aws:role:"));
        let keys = || std::iter::once(alert.identity.as_str()).chain(accounts.clone());
        let known = keys().find_map(|key| stories.get(key).copied());
        let story = known.unwrap_or(number);
        stories.extend(keys().map(|key| (key, story)));
        story
    });
    told.collect()
}

/// Names of the identities whose story ended between two horizons.
pub(super) fn resolved(alerts: &[Alert], before: Slot, now: Slot) -> Vec<String> {
    let last: BTreeMap<usize, &Alert> = stories(alerts).into_iter().zip(alerts).collect();
    let ends = |alert: &Alert| alert.slot.saturating_add(QUIET_DAYS);
    let mut names: Vec<String> = last
        .into_values()
        .filter(|alert| {
            before <= ends(alert).saturating_add(1) && ends(alert).saturating_add(1) < now
        })
        .map(|alert| alert.name.clone())
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn alert(identity: &str, slot: Slot, severity: &str, families: &str) -> Alert {
        Alert {
            identity: identity.to_owned(),
            name: identity.to_owned(),
            slot,
            finding_id: String::new(),
            severity: severity.to_owned(),
            families: families.to_owned(),
            status: String::new(),
            reason: String::new(),
            is_held: false,
            is_suppressed: false,
            accounts: BTreeSet::new(),
        }
    }

    #[test]
    fn a_story_is_new_goes_on_grows_and_ends() {
        let mut alerts = [
            alert("ann", 1, "medium", "what"),
            alert("bob", 1, "low", "when"),
            alert("ann", 2, "low", "what"),
            alert("ann", 5, "low", "what,where_from"),
            alert("ann", 6, "high", "what"),
            alert("ann", 7, "high", "where_from"),
            alert("bob", 9, "low", "when"),
        ];
        tell(&mut alerts);
        let told: Vec<&str> = alerts.iter().map(|alert| alert.status.as_str()).collect();
        assert_eq!(
            told,
            [
                "new", "new", "ongoing", "changed", "changed", "ongoing", "new"
            ]
        );
        assert_eq!(resolved(&alerts, 10, 15), Vec::<String>::new());
        assert_eq!(resolved(&alerts, 15, 16), ["ann"]);
        assert_eq!(resolved(&alerts, 16, 17), Vec::<String>::new());
        assert_eq!(resolved(&alerts, 10, 30), ["ann", "bob"]);
    }

    #[test]
    fn a_story_goes_on_when_another_account_is_linked() {
        let linked = |identity: &str, slot: Slot, accounts: &[&str]| Alert {
            accounts: accounts.iter().map(|key| (*key).to_owned()).collect(),
            ..alert(identity, slot, "medium", "what")
        };
        let mut alerts = [
            alert("aws:sso:ann", 1, "medium", "what"),
            linked("okta:o/1", 3, &["aws:sso:ann", "aws:role:R"]),
            linked("okta:o/1", 4, &["vault:v:entity:1"]),
            // A role that Ann took on is somebody else's now.
            linked("okta:o/2", 5, &["aws:role:R"]),
            alert("vault:v:entity:1", 6, "medium", "what"),
        ];
        tell(&mut alerts);
        let told: Vec<&str> = alerts.iter().map(|alert| alert.status.as_str()).collect();
        assert_eq!(told, ["new", "ongoing", "ongoing", "new", "ongoing"]);
        assert_eq!(resolved(&alerts, 13, 30), ["okta:o/2", "vault:v:entity:1"]);
    }
}
