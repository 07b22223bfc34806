//! What the tables are called and which columns they have.

use super::{Column, Kind, Table};

/// A table's name and columns.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Its name.
    pub name: &'static str,
    /// Names and kinds of its columns, in order.
    pub columns: &'static [(&'static str, Kind)],
}

impl Layout {
    /// The table without a row.
    #[must_use]
    pub fn empty(&self) -> Table {
        let columns = self.columns.iter();
        Table {
            name: self.name,
            columns: columns
                .map(|(name, kind)| (*name, Column::new(*kind)))
                .collect(),
        }
    }
}

/// Every table. Columns may be added within a schema version, at the end.
pub const TABLES: [Layout; 23] = {
    use Kind::{Bytes, Count, Flag, Slot, Slots, Small, Text, Time};
    const fn table(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Layout {
        Layout { name, columns }
    }
    [
        table(
            "identities",
            &[
                ("identity", Text),
                ("name", Text),
                ("class", Text),
                ("class_confidence", Small),
                ("basis", Text),
                ("tenant", Text),
                ("native", Text),
                ("role", Text),
                ("session", Text),
                ("role_name", Text),
                ("is_email", Flag),
                ("traits", Small),
                ("sources", Small),
                ("n_events", Count),
            ],
        ),
        table(
            "samples",
            &[
                ("identity", Text),
                ("dimension", Text),
                ("threshold", Count),
            ],
        ),
        table(
            "atoms",
            &[
                ("identity", Text),
                ("dimension", Text),
                ("value", Text),
                ("slots", Slots),
            ],
        ),
        table(
            "days",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("n_events", Small),
                ("n_direct", Small),
                ("bytes_out", Count),
                ("listed", Small),
                ("listed_set", Bytes),
                ("origins", Small),
                ("origins_set", Bytes),
                ("credentials", Small),
                ("credentials_set", Bytes),
                ("subs", Small),
                ("subs_set", Bytes),
                ("transactions", Small),
                ("transactions_set", Bytes),
                ("n_denied", Small),
                ("n_denied_privileged", Small),
                ("denied_actions", Small),
                ("denied_actions_set", Bytes),
                ("secrets", Small),
                ("secrets_set", Bytes),
                ("last_sign_in", Small),
            ],
        ),
        table(
            "rhythm",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("hour", Small),
                ("is_direct", Flag),
                ("n_events", Small),
                ("targets", Small),
                ("targets_set", Bytes),
                ("transactions", Small),
                ("transactions_set", Bytes),
            ],
        ),
        table(
            "attempts",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("action", Text),
                ("first_denial_us", Time),
                ("last_success_us", Time),
            ],
        ),
        table(
            "sensitive",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("kind", Text),
                ("action", Text),
                ("n_events", Small),
                ("first_us", Time),
                ("first_event_id", Text),
            ],
        ),
        table(
            "notable",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("kind", Text),
                ("action", Text),
                ("n_events", Small),
                ("first_us", Time),
                ("first_event_id", Text),
            ],
        ),
        table(
            "sequences",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("stream", Small),
                ("step", Text),
                ("first_second", Small),
            ],
        ),
        table(
            "uses",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("credential", Small),
                ("network", Small),
                ("first_second", Small),
                ("last_second", Small),
            ],
        ),
        table(
            "keys",
            &[("identity", Text), ("credential", Small), ("slots", Slots)],
        ),
        table(
            "aliases",
            &[
                ("identity", Text),
                ("kind", Text),
                ("name", Text),
                ("slot", Slot),
                ("times", Small),
            ],
        ),
        table("roles", &[("role", Text), ("threshold", Count)]),
        table(
            "chains",
            &[("role", Text), ("issued", Small), ("issued_set", Bytes)],
        ),
        table(
            "callers",
            &[("role", Text), ("caller", Text), ("slots", Slots)],
        ),
        table(
            "tenants",
            &[
                ("tenant", Text),
                ("slot", Slot),
                ("n_events", Count),
                ("is_crowded", Flag),
            ],
        ),
        table(
            "logins",
            &[
                ("tenant", Text),
                ("slot", Slot),
                ("mount", Text),
                ("class", Text),
                ("class_confidence", Small),
            ],
        ),
        table(
            "stores",
            &[
                ("tenant", Text),
                ("slot", Slot),
                ("mount", Text),
                ("paths", Small),
                ("paths_set", Bytes),
                ("with_verb", Small),
                ("with_verb_set", Bytes),
            ],
        ),
        table(
            "addresses",
            &[
                ("tenant", Text),
                ("slot", Slot),
                ("address", Text),
                ("network", Text),
                ("n_events", Count),
                ("identities_set", Bytes),
            ],
        ),
        table("records", &[("slot", Slot), ("n_records", Count)]),
        table(
            "overflow",
            &[("n_events", Count), ("identities_set", Bytes)],
        ),
        table(
            "visits",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("day", Slot),
                ("address", Small),
                ("network", Small),
                ("hours", Small),
            ],
        ),
        table(
            "arrivals",
            &[
                ("identity", Text),
                ("slot", Slot),
                ("at_us", Time),
                ("address", Small),
                ("network", Small),
                ("product", Text),
            ],
        ),
    ]
};
