//! A ledger to its tables.

use super::{SavedLedger, TABLES, Table};
use crate::ledger::chains::RoleChain;
use crate::ledger::tenants::Tally;
use crate::ledger::transactions::Transactions;
use crate::ledger::whereabouts::Stay;
use crate::ledger::{Account, Cell, DistinctCount, Ledger, Slot, Streams, Strings};

impl Ledger {
    /// The ledger as plain tables.
    ///
    /// It holds every event so far and is settled ([`Ledger::settle`]);
    /// nothing was decided on it yet.
    #[must_use]
    pub fn save(&self) -> SavedLedger {
        let mut tables = Tables(TABLES.iter().map(super::Layout::empty).collect());
        let mut accounts: Vec<&Account> = self.accounts.iter().collect();
        accounts.sort_unstable_by(|a, b| a.row.key.cmp(&b.row.key));
        for account in accounts {
            tables.account(account, &self.strings);
        }
        tables.roles(self);
        for (role, chain) in &self.chains.roles {
            tables.chain(role, chain);
        }
        for (tenant, slots) in &self.tenants.0 {
            for (slot, tally) in slots {
                tables.tally(tenant, *slot, tally);
            }
        }
        for (slot, n) in self.records.iter() {
            tables.of("records").row().slot(slot).count(*n);
        }
        let overflow = &self.overflow;
        if overflow.n_events > 0 || !overflow.sketch.0.is_empty() {
            let row = tables.of("overflow").row().count(overflow.n_events);
            row.bytes(overflow.sketch.0.as_slice());
        }
        SavedLedger {
            period: self.period,
            coarsest: self.coarsest,
            span: self.span,
            threshold: self.threshold,
            tables: tables.0,
        }
    }
}

/// The tables that are filled.
struct Tables(Vec<Table>);

impl Tables {
    fn of(&mut self, name: &str) -> &mut Table {
        let at = self.0.iter().position(|table| table.name == name);
        #[expect(clippy::indexing_slicing, reason = "named as in TABLES")]
        &mut self.0[at.unwrap_or_default()]
    }

    fn account(&mut self, account: &Account, strings: &Strings) {
        let (row, key) = (&account.row, account.row.key.as_ref());
        let session = row.session.as_deref();
        self.of("identities")
            .row()
            .text(key)
            .text(&row.name)
            .text(row.class.name())
            .small(row.class_confidence)
            .text(row.basis.name())
            .text(&row.tenant)
            .maybe_text(row.native.as_deref())
            .maybe_text(session.map(|session| session.role.as_ref()))
            .maybe_text(session.map(|session| session.name.as_ref()))
            .maybe_text(session.map(|session| session.role_name.as_ref()))
            .flag(session.is_some_and(|session| session.is_email))
            .small(row.traits.bits())
            .small(row.sources)
            .count(row.n_events);
        let sample = account.sample.as_deref().into_iter();
        let mut thresholds: Vec<_> = sample.flat_map(|own| own.thresholds.iter()).collect();
        thresholds.sort_unstable();
        for (dimension, threshold) in thresholds {
            let row = self.of("samples").row().text(key).text(dimension.name());
            row.count(*threshold);
        }
        let mut atoms: Vec<_> = account.atoms.iter().collect();
        atoms.sort_unstable_by_key(|atom| (atom.dimension, strings.text(atom.value)));
        for atom in atoms {
            self.of("atoms")
                .row()
                .text(key)
                .text(atom.dimension.name())
                .text(strings.text(atom.value))
                .slots(&atom.slots);
        }
        for (credential, slots) in account.keys.iter() {
            let row = self.of("keys").row().text(key).small(credential);
            row.slots(slots);
        }
        for told in account.aliases.iter() {
            for (slot, n) in told.slots.iter() {
                let row = self.of("aliases").row().text(key);
                let row = row.text(told.kind.name()).text(&told.name);
                row.slot(slot).small(*n);
            }
        }
        for (slot, stay) in account.whereabouts.iter() {
            self.stay(key, slot, stay);
        }
        for (slot, cell) in account.cells.iter() {
            self.cell(key, slot, cell, strings);
        }
    }

    fn stay(&mut self, key: &str, slot: Slot, stay: &Stay) {
        for visit in &stay.visits {
            let row = self.of("visits").row().text(key).slot(slot);
            row.slot(visit.day)
                .small(visit.address)
                .small(visit.network)
                .small(visit.hours);
        }
        for arrival in &stay.arrivals {
            let row = self.of("arrivals").row().text(key).slot(slot);
            row.time(Some(arrival.at.micros()))
                .small(arrival.address)
                .small(arrival.network)
                .text(arrival.to.name());
        }
    }

    fn cell(&mut self, key: &str, slot: Slot, cell: &Cell, strings: &Strings) {
        let rare = cell.rare();
        let nothing = Transactions::default();
        let transactions = cell.transactions.as_deref().unwrap_or(&nothing);
        let row = self.of("days").row().text(key).slot(slot);
        row.small(cell.n_events)
            .small(cell.n_direct)
            .count(cell.bytes_out)
            .distinct(&cell.listed)
            .distinct(&cell.origins)
            .distinct(&cell.credentials)
            .distinct(&cell.subs)
            .distinct(&transactions.all)
            .small(rare.n_denied)
            .small(rare.n_denied_privileged)
            .distinct(&rare.denied_actions)
            .distinct(&rare.secrets)
            .small(cell.streams().map_or(0, Streams::last_sign_in));
        for hour in 0..24 {
            self.hour(key, slot, cell, transactions, hour);
        }
        let mut attempts: Vec<_> = rare.attempts.iter().collect();
        attempts.sort_unstable_by_key(|attempt| strings.text(attempt.action));
        for attempt in attempts {
            let row = self.of("attempts").row().text(key).slot(slot);
            row.text(strings.text(attempt.action))
                .time(attempt.first_denial.map(|time| time.micros()))
                .time(attempt.last_success.map(|time| time.micros()));
        }
        self.streams(key, slot, cell, strings);
        let mut notable: Vec<_> = rare.notable.iter().collect();
        notable.sort_unstable_by_key(|act| (act.kind, strings.text(act.action)));
        for act in notable {
            let row = self.of("notable").row().text(key).slot(slot);
            row.text(act.kind.name())
                .text(strings.text(act.action))
                .small(act.n_events)
                .time(Some(act.citation.time.micros()))
                .text(&act.citation.native_id.to_string());
        }
        let mut acts: Vec<_> = rare.sensitive.iter().collect();
        acts.sort_unstable_by_key(|act| (act.kind, strings.text(act.action)));
        for act in acts {
            let row = self.of("sensitive").row().text(key).slot(slot);
            row.text(act.kind.name())
                .text(strings.text(act.action))
                .small(act.n_events)
                .time(Some(act.citation.time.micros()))
                .text(&act.citation.native_id.to_string());
        }
    }

    fn streams(&mut self, key: &str, slot: Slot, cell: &Cell, strings: &Strings) {
        let Some(streams) = cell.streams() else {
            return;
        };
        let mut steps: Vec<_> = streams.steps(strings).collect();
        steps.sort_unstable();
        for (stream, step, second) in steps {
            let row = self.of("sequences").row().text(key).slot(slot);
            row.small(stream).text(step).small(second);
        }
        for one in streams.uses() {
            let row = self.of("uses").row().text(key).slot(slot);
            row.small(one.credential)
                .small(one.network)
                .small(one.first)
                .small(one.last);
        }
    }

    fn hour(&mut self, key: &str, slot: Slot, cell: &Cell, of: &Transactions, hour: u8) {
        let tally = cell.hours.iter().find(|tally| tally.hour == hour);
        let transactions = of.hours.iter().find(|(own, _)| *own == hour);
        if tally.is_none() && transactions.is_none() {
            return;
        }
        let nothing = DistinctCount::default();
        let row = self.of("rhythm").row().text(key).slot(slot).small(hour);
        row.flag(tally.is_some())
            .small(tally.map_or(0, |tally| tally.n_events))
            .distinct(tally.map_or(&nothing, |tally| &tally.targets))
            .distinct(transactions.map_or(&nothing, |(_, all)| all));
    }

    fn roles(&mut self, ledger: &Ledger) {
        let mut roles: Vec<_> = ledger.roles.iter().collect();
        roles.sort_unstable_by(|a, b| a.0.cmp(b.0));
        // The others are counted again when they are read.
        for (role, sessions) in roles.into_iter().filter(|(_, s)| s.threshold < u64::MAX) {
            self.of("roles").row().text(role).count(sessions.threshold);
        }
    }

    fn chain(&mut self, role: &str, chain: &RoleChain) {
        self.of("chains").row().text(role).distinct(&chain.minted);
        let mut callers: Vec<_> = chain.callers.values().collect();
        callers.sort_unstable_by_key(|caller| caller.key.as_ref());
        for caller in callers {
            let row = self.of("callers").row().text(role).text(&caller.key);
            row.slots(&caller.slots);
        }
    }

    fn tally(&mut self, tenant: &str, slot: Slot, tally: &Tally) {
        let row = self.of("tenants").row().text(tenant).slot(slot);
        row.count(tally.n_events).flag(tally.is_crowded);
        for ((mount, class), confidence) in &tally.logins {
            let row = self.of("logins").row().text(tenant).slot(slot).text(mount);
            row.text(class.name()).small(*confidence);
        }
        for (mount, store) in &tally.stores {
            let row = self.of("stores").row().text(tenant).slot(slot).text(mount);
            row.distinct(&store.paths).distinct(&store.with_verb);
        }
        for (address, caller) in &tally.callers {
            let row = self.of("addresses").row().text(tenant).slot(slot);
            let identities = caller.identities.iter();
            let identities: Vec<u8> = identities.flat_map(|hash| hash.to_le_bytes()).collect();
            row.text(address)
                .text(&caller.network)
                .count(caller.n_events)
                .bytes(identities);
        }
    }
}

impl super::column::NewRow<'_> {
    /// How many there are, and which.
    fn distinct(self, count: &DistinctCount) -> Self {
        self.small(count.count()).bytes(count.to_bytes())
    }
}
