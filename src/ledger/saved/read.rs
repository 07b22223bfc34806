//! Tables back to a ledger.

use std::sync::Arc;

use super::column::Row;
use super::{SavedError, SavedLedger, Table};
use crate::event::{
    AliasKind, Citation, Class, KeyBasis, NativeId, Provenance, Sensitive, Source, Timestamp,
    Traits,
};
use crate::identity::link::{Arrival, Visit};
use crate::ledger::chains::{Caller, Chains, RoleChain};
use crate::ledger::roster::{REGISTERS, Roster, Sketch};
use crate::ledger::sessions::RoleSessions;
use crate::ledger::tenants::Store;
use crate::ledger::transactions::Transactions;
use crate::ledger::{
    Account, Atom, Attempt, Cell, Citations, Dimension, DistinctCount, First, IdentityRow, Ledger,
    Notable, NotableAct, SensitiveAct, SessionRow, Slot, Use, notable, value_hash,
};

type Result<T> = std::result::Result<T, SavedError>;

impl Ledger {
    /// The ledger that was saved as `saved`. Its identities share the limit of
    /// `roster` with those of other ledgers.
    ///
    /// # Errors
    ///
    /// When the tables are not those of a ledger.
    pub fn restore(saved: &SavedLedger, roster: Arc<Roster>) -> Result<Self> {
        let mut ledger = Self::enrolling(saved.coarsest, roster);
        ledger.period = saved.period;
        ledger.span = saved.span;
        ledger.citations = Citations::off();
        for table in &saved.tables {
            for row in table.rows()? {
                ledger.restore_row(table, row)?;
            }
        }
        ledger.count_sessions();
        ledger.enrol_all(saved.threshold);
        Ok(ledger)
    }

    fn restore_row(&mut self, table: &Table, mut row: Row<'_>) -> Result<()> {
        match table.name {
            "identities" => self.restore_identity(&mut row),
            "samples" => self.restore_sample(&mut row),
            "atoms" => self.restore_atom(&mut row),
            "days" => self.restore_cell(&mut row),
            "rhythm" => self.restore_hour(&mut row),
            "attempts" => self.restore_attempt(&mut row),
            "sensitive" => self.restore_sensitive(&mut row),
            "notable" => self.restore_notable(&mut row),
            "sequences" => self.restore_step(&mut row),
            "uses" => self.restore_use(&mut row),
            "keys" => {
                let account = self.saved_account(&mut row)?;
                let (credential, slots) = (row.small()?, row.slots()?);
                account.keys.entry(credential, |own| own.union(slots));
                Ok(())
            }
            "aliases" => {
                let account = self.saved_account(&mut row)?;
                let kind = row.named(&AliasKind::ALL, AliasKind::name)?;
                let (name, slot) = (row.text()?, row.slot()?);
                account.aliases.add(kind, name, slot, row.small()?);
                Ok(())
            }
            "roles" => self.restore_role(&mut row),
            "visits" => self.restore_visit(&mut row),
            "arrivals" => self.restore_arrival(&mut row),
            "chains" => restore_chain(&mut self.chains, &mut row),
            "callers" => restore_caller(&mut self.chains, &mut row),
            "tenants" | "logins" | "stores" | "addresses" => {
                self.restore_tenant(table.name, &mut row)
            }
            "records" => {
                let (slot, n) = (row.slot()?, row.count()?);
                self.add_records(slot, n);
                Ok(())
            }
            "overflow" => self.restore_overflow(&mut row),
            _ => Err(row.error("is of an unknown table")),
        }
    }

    fn restore_identity(&mut self, row: &mut Row<'_>) -> Result<()> {
        let mut identity = IdentityRow {
            key: row.text()?.into(),
            name: row.text()?.into(),
            class: row.named(&Class::ALL, Class::name)?,
            class_confidence: row.small()?,
            basis: row.named(&KeyBasis::ALL, KeyBasis::name)?,
            tenant: row.text()?.into(),
            native: row.maybe_text()?.map(Into::into),
            session: None,
            traits: Traits::default(),
            sources: 0,
            n_events: 0,
        };
        let session = (row.maybe_text()?, row.maybe_text()?, row.maybe_text()?);
        let is_email = row.flag()?;
        if let (Some(role), Some(name), Some(role_name)) = session {
            identity.session = Some(Box::new(SessionRow {
                role: role.into(),
                name: name.into(),
                role_name: role_name.into(),
                is_email,
            }));
        }
        identity.traits = Traits::from_bits(row.small()?);
        identity.sources = row.small()?;
        identity.n_events = row.count()?;
        if self.account(&identity.key).is_some() {
            return Err(row.error("repeats an identity"));
        }
        self.insert(Account::new(identity));
        Ok(())
    }

    /// The account that the next column names.
    fn saved_account(&mut self, row: &mut Row<'_>) -> Result<&mut Account> {
        let key = row.text()?;
        self.known(key, row)
    }

    /// The account with this key.
    fn known(&mut self, key: &str, row: &Row<'_>) -> Result<&mut Account> {
        let at = self.index.find(key, &self.accounts);
        let account = at.and_then(|at| self.accounts.get_mut(at));
        account.ok_or_else(|| row.error("is of no identity"))
    }

    fn restore_sample(&mut self, row: &mut Row<'_>) -> Result<()> {
        let account = self.saved_account(row)?;
        let dimension = row.named(&Dimension::ALL, Dimension::name)?;
        let sample = account.sample.get_or_insert_default();
        sample.lower(dimension, row.count()?);
        Ok(())
    }

    fn restore_atom(&mut self, row: &mut Row<'_>) -> Result<()> {
        let key = row.text()?;
        let dimension = row.named(&Dimension::ALL, Dimension::name)?;
        let value = self.strings.intern(row.text()?);
        let atom = Atom {
            dimension,
            value,
            n_events: 0,
            first: First::NONE,
            slots: row.slots()?.clone(),
        };
        let at = self.index.find(key, &self.accounts);
        let account = at.and_then(|at| self.accounts.get_mut(at));
        let account = account.ok_or_else(|| row.error("is of no identity"))?;
        account.atoms.merge(atom, &mut self.citations);
        Ok(())
    }

    fn restore_cell(&mut self, row: &mut Row<'_>) -> Result<()> {
        let account = self.saved_account(row)?;
        let cell = account.cells.entry(row.slot()?);
        cell.n_events = row.small()?;
        cell.n_direct = row.small()?;
        cell.bytes_out = row.count()?;
        cell.listed = distinct(row)?;
        cell.origins = distinct(row)?;
        cell.credentials = distinct(row)?;
        cell.subs = distinct(row)?;
        let all = distinct(row)?;
        if all.count() > 0 {
            let hours = Vec::new();
            cell.transactions = Some(Box::new(Transactions { all, hours }));
        }
        let (n_denied, n_denied_privileged) = (row.small()?, row.small()?);
        let (denied_actions, secrets) = (distinct(row)?, distinct(row)?);
        let last_sign_in = row.small()?;
        if last_sign_in > 0 {
            let streams = cell.streams.get_or_insert_default();
            streams.observe_sign_in(last_sign_in);
        }
        if n_denied > 0 || denied_actions.count() > 0 || secrets.count() > 0 {
            let rare = cell.rare_mut();
            rare.n_denied = n_denied;
            rare.n_denied_privileged = n_denied_privileged;
            rare.denied_actions = denied_actions;
            rare.secrets = secrets;
        }
        Ok(())
    }

    fn restore_hour(&mut self, row: &mut Row<'_>) -> Result<()> {
        let account = self.saved_account(row)?;
        let cell = account.cells.entry(row.slot()?);
        let hour: u8 = row.small()?;
        if hour > 23 {
            return Err(row.error("is of an hour that no day has"));
        }
        let is_direct = row.flag()?;
        let (n_events, targets) = (row.small()?, distinct(row)?);
        if is_direct {
            let tally = cell.hour_mut(hour);
            tally.n_events = n_events;
            tally.targets = targets;
        }
        let transactions = distinct(row)?;
        if transactions.count() > 0 {
            let all = cell.transactions.get_or_insert_default();
            all.hour_mut(hour).merge(&transactions);
        }
        Ok(())
    }

    fn restore_attempt(&mut self, row: &mut Row<'_>) -> Result<()> {
        let (key, slot) = (row.text()?, row.slot()?);
        let action = self.strings.intern(row.text()?);
        let attempt = Attempt {
            action,
            first_denial: row.time()?.map(Timestamp::from_micros),
            last_success: row.time()?.map(Timestamp::from_micros),
        };
        let cell = self.cell_of(key, slot, row)?;
        cell.rare_mut().merge_attempt(attempt);
        Ok(())
    }

    fn restore_sensitive(&mut self, row: &mut Row<'_>) -> Result<()> {
        let (key, slot) = (row.text()?, row.slot()?);
        let kind = row.named(&Sensitive::ALL, Sensitive::name)?;
        let action = self.strings.intern(row.text()?);
        let act = SensitiveAct {
            kind,
            action,
            n_events: row.small()?,
            citation: citation(row)?,
        };
        let cell = self.cell_of(key, slot, row)?;
        cell.rare_mut().merge_sensitive(act);
        Ok(())
    }

    fn restore_notable(&mut self, row: &mut Row<'_>) -> Result<()> {
        let (key, slot) = (row.text()?, row.slot()?);
        let kind = row.named(&Notable::ALL, Notable::name)?;
        let action = self.strings.intern(row.text()?);
        let act = NotableAct {
            kind,
            action,
            n_events: row.small()?,
            citation: citation(row)?,
        };
        let cell = self.cell_of(key, slot, row)?;
        notable::merge(&mut cell.rare_mut().notable, act);
        Ok(())
    }

    fn restore_step(&mut self, row: &mut Row<'_>) -> Result<()> {
        let (key, slot, stream) = (row.text()?, row.slot()?, row.small()?);
        let step = self.strings.intern(row.text()?);
        let second = row.small()?;
        let cell = self.cell_of(key, slot, row)?;
        let streams = cell.streams.get_or_insert_default();
        streams.restore_step(stream, step, second);
        Ok(())
    }

    fn restore_use(&mut self, row: &mut Row<'_>) -> Result<()> {
        let (key, slot) = (row.text()?, row.slot()?);
        let one = Use {
            credential: row.small()?,
            network: row.small()?,
            first: row.small()?,
            last: row.small()?,
        };
        let cell = self.cell_of(key, slot, row)?;
        cell.streams.get_or_insert_default().add_use(one);
        Ok(())
    }

    fn restore_visit(&mut self, row: &mut Row<'_>) -> Result<()> {
        let account = self.saved_account(row)?;
        let slot = row.slot()?;
        let visit = Visit {
            day: row.slot()?,
            address: row.small()?,
            network: row.small()?,
            hours: row.small()?,
        };
        account.whereabouts.add_visit(slot, visit);
        Ok(())
    }

    fn restore_arrival(&mut self, row: &mut Row<'_>) -> Result<()> {
        let account = self.saved_account(row)?;
        let slot = row.slot()?;
        let arrival = Arrival {
            at: Timestamp::from_micros(row.time()?.unwrap_or_default()),
            address: row.small()?,
            network: row.small()?,
            to: row.named(&Source::ALL, Source::name)?,
        };
        account.whereabouts.add_arrival(slot, arrival);
        Ok(())
    }

    /// The cell of the identity with this key, made if there is none.
    fn cell_of(&mut self, key: &str, slot: Slot, row: &Row<'_>) -> Result<&mut Cell> {
        Ok(self.known(key, row)?.cells.entry(slot))
    }

    fn restore_role(&mut self, row: &mut Row<'_>) -> Result<()> {
        let (role, threshold) = (row.text()?, row.count()?);
        let sessions = RoleSessions {
            n_sessions: 0,
            threshold,
        };
        self.roles.insert(role.into(), sessions);
        Ok(())
    }

    /// Counts the sessions of every role that are kept apart.
    fn count_sessions(&mut self) {
        let sessions = self.accounts.iter().filter_map(|a| a.row.session.as_ref());
        for session in sessions {
            let role = self.roles.entry(session.role.clone());
            let role = role.or_insert(RoleSessions {
                n_sessions: 0,
                threshold: u64::MAX,
            });
            role.n_sessions = role.n_sessions.saturating_add(1);
        }
    }

    fn restore_tenant(&mut self, table: &str, row: &mut Row<'_>) -> Result<()> {
        let (tenant, slot) = (row.text()?, row.slot()?);
        let slots = self.tenants.0.entry(tenant.into()).or_default();
        let tally = slots.entry(slot).or_default();
        match table {
            "logins" => {
                let mount = row.text()?;
                let class = row.named(&Class::ALL, Class::name)?;
                tally.add_login((mount.into(), class), row.small()?);
            }
            "stores" => {
                let mount = row.text()?;
                let store = Store {
                    paths: distinct(row)?,
                    with_verb: distinct(row)?,
                };
                tally.add_store(mount, &store);
            }
            "addresses" => {
                let (address, network) = (row.text()?, row.text()?);
                let n_events = row.count()?;
                let (hashes, _) = row.bytes()?.as_chunks::<8>();
                let hashes: Vec<u64> = hashes.iter().map(|h| u64::from_le_bytes(*h)).collect();
                tally.add_caller(address, n_events, network, &hashes);
            }
            _ => {
                tally.n_events = row.count()?;
                tally.is_crowded = row.flag()?;
            }
        }
        Ok(())
    }

    fn restore_overflow(&mut self, row: &mut Row<'_>) -> Result<()> {
        self.overflow.n_events = row.count()?;
        let registers = row.bytes()?;
        if !registers.is_empty() && registers.len() != REGISTERS {
            return Err(row.error("has a sketch of another size"));
        }
        self.overflow.sketch = Sketch(registers.to_vec());
        Ok(())
    }
}

fn restore_chain(chains: &mut Chains, row: &mut Row<'_>) -> Result<()> {
    let role = row.text()?;
    let minted = distinct(row)?;
    chains.roles.insert(
        role.into(),
        RoleChain {
            minted,
            ..RoleChain::default()
        },
    );
    Ok(())
}

fn restore_caller(chains: &mut Chains, row: &mut Row<'_>) -> Result<()> {
    let chain = chains.roles.get_mut(row.text()?);
    let chain = chain.ok_or_else(|| row.error("is of no role"))?;
    let key = row.text()?;
    let caller = Caller {
        key: key.into(),
        slots: row.slots()?.clone(),
    };
    chain.add(value_hash(key), &caller);
    Ok(())
}

/// When and what; the file is one of another run.
fn citation(row: &mut Row<'_>) -> Result<Citation> {
    Ok(Citation {
        time: Timestamp::from_micros(row.time()?.unwrap_or_default()),
        native_id: NativeId::new(row.text()?),
        provenance: Provenance::default(),
    })
}

/// How many there are, and which; the number is for people.
fn distinct(row: &mut Row<'_>) -> Result<DistinctCount> {
    let _: u32 = row.small()?;
    let bytes = row.bytes()?;
    DistinctCount::from_bytes(bytes).ok_or_else(|| row.error("has an invalid set"))
}
