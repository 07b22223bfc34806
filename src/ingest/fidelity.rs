//! Fidelity: how much of the original record a rendering of it has kept.
//!
//! The same event may be in an archive of raw records, in a security lake and
//! in a spreadsheet that somebody exported. The fullest rendering counts, and
//! which one that is must not depend on the order of reading. So files are read
//! in rounds, one per fidelity, fullest first: whatever a file holds of a later
//! round is left until then.

/// How a record was rendered, fullest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Fidelity {
    /// As the product wrote it, in whatever wrapper.
    #[default]
    Original,
    /// As the event that this program made of it.
    Normalised,
    /// Translated to the OCSF schema.
    Ocsf,
    /// Taken apart into columns or fields, all of them kept (Athena, Lake,
    /// Sentinel, Elastic).
    Columns,
    /// Some columns of it (consoles' CSV exports).
    Summary,
    /// No rendering: records of any fidelity that had to wait until everything
    /// else was read (see `retelling`).
    Retold,
}

impl Fidelity {
    /// In the order of the rounds.
    pub(super) const ROUNDS: [Self; 6] = [
        Self::Original,
        Self::Normalised,
        Self::Ocsf,
        Self::Columns,
        Self::Summary,
        Self::Retold,
    ];
}
