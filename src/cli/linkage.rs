//! Linkage: whether, and by what, identities of several products are made one.

use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::usage::UsageError;
use crate::identity::link::{LinkFile, LinkFileError};
use crate::ledger::{Ledger, Links};

/// Identities named in a message.
const NAMED: usize = 3;

/// Who is one with whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Links")]
pub struct LinkArgs {
    /// Say who is one with whom, and who is not
    ///
    /// A TOML file of version 1 with tables of the names link, deny (ids) and class (id, class), as
    /// the README shows. `habitual identities` lists the ids.
    #[arg(long, value_name = "FILE", value_parser = LinkFileArg::new, hide_short_help = true)]
    links: Option<LinkFileArg>,
    /// Judge as one the identities that are provably one
    ///
    /// Across CloudTrail, Okta and Vault. Each account is held against its own habits; departures
    /// on one day add up, and there is one finding for all of them.
    #[arg(long, hide_short_help = true)]
    link: bool,
    /// Let every product's identities stand alone
    #[arg(long, alias = "no-link", conflicts_with_all = ["links", "link"], hide_short_help = true)]
    no_links: bool,
}

/// A link file that was read.
#[derive(Clone, Debug)]
struct LinkFileArg(Arc<LinkFile>);

impl LinkFileArg {
    fn new(path: &str) -> Result<Self, LinkFileError> {
        Ok(Self(Arc::new(LinkFile::load(Path::new(path))?)))
    }
}

/// Whether, and by what, identities are linked.
#[derive(Clone, Debug, Default)]
pub enum Linkage {
    /// Not at all.
    #[default]
    Off,
    /// By the rules and by what the user says.
    By(Arc<LinkFile>),
}

impl Linkage {
    /// What the flags amount to.
    #[must_use]
    pub fn new(args: &LinkArgs) -> Self {
        match &args.links {
            Some(file) => Self::By(Arc::clone(&file.0)),
            None if args.link => Self::By(Arc::default()),
            None => Self::Off,
        }
    }

    /// The same for a verb that is about nothing else.
    #[must_use]
    pub fn unless_refused(args: &LinkArgs) -> Self {
        match &args.links {
            _ if args.no_links => Self::Off,
            Some(file) => Self::By(Arc::clone(&file.0)),
            None => Self::By(Arc::default()),
        }
    }

    /// Whether every account stands alone.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// Lets `history` and `review`, which both have their settled identities,
    /// know who is one with whom, as the history shows.
    ///
    /// # Errors
    ///
    /// When the user names identities that neither of them knows.
    pub(super) fn apply(&self, history: &mut Ledger, review: &mut Ledger) -> anyhow::Result<()> {
        let links = self.decide(history, review)?;
        links.attach(history);
        links.attach(review);
        Ok(())
    }

    /// Who is one with whom.
    ///
    /// # Errors
    ///
    /// As for [`Linkage::apply`].
    pub(super) fn decide(&self, history: &Ledger, review: &Ledger) -> anyhow::Result<Arc<Links>> {
        let Self::By(file) = self else {
            return Ok(Arc::default());
        };
        let is_unknown = |id: &&str| history.account(id).is_none() && review.account(id).is_none();
        let unknown: Vec<&str> = file.ids().into_iter().filter(is_unknown).collect();
        if !unknown.is_empty() {
            let n = unknown.len();
            let ids = unknown.into_iter().take(NAMED).map(str::to_owned).collect();
            return Err(UsageError::UnknownIds { ids, n }.into());
        }
        Ok(Arc::new(Links::decide(history, review, file)))
    }
}
