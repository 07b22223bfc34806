//! What follows from a whole ledger: values that no single event tells.

use super::chains::role_of;
use super::streams::Sequencer;
use super::{Dimension, Ledger};

impl Ledger {
    /// Adds the values that follow from the order of steps and from who took on
    /// which role. To be called once nothing is merged any more.
    pub(super) fn derive(&mut self) {
        self.memo.clear();
        let mut sequencer = Sequencer::default();
        for account in &mut self.accounts {
            account.derive(&mut sequencer, &mut self.strings);
        }
        self.derive_chains();
        self.settle_values();
    }

    fn derive_chains(&mut self) {
        for (caller, first, second, slots) in self.chains.hops() {
            // A session that is no identity of its own is its role.
            let at = [caller, role_of(caller)]
                .iter()
                .find_map(|key| self.index.find(key, &self.accounts));
            let Some(account) = at.and_then(|at| self.accounts.get_mut(at)) else {
                continue;
            };
            let value = format!("chain:{first}>{second}");
            let at = account
                .atoms
                .place((Dimension::Edge, self.strings.intern(&value)));
            if let Some(atom) = account.atoms.at_mut(at) {
                atom.observe_slots(&slots);
            }
        }
    }
}
