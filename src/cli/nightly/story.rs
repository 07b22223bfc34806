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
    let mut last: BTreeMap<String, (Slot, Severity, Vec<String>)> = BTreeMap::new();
    for alert in alerts {
        let severity = Severity::from_name(&alert.severity).unwrap_or(Severity::None);
        let families: Vec<String> = alert.families.split(',').map(str::to_owned).collect();
        let open = last
            .get(&alert.identity)
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
        last.insert(
            alert.identity.clone(),
            (alert.slot, worst.max(severity), known),
        );
    }
}

/// Names of the identities whose story ended between two horizons.
pub(super) fn resolved(alerts: &[Alert], before: Slot, now: Slot) -> Vec<String> {
    let mut last: BTreeMap<&str, &Alert> = BTreeMap::new();
    for alert in alerts {
        last.insert(&alert.identity, alert);
    }
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
}
