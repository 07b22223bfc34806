//! Linkage: whether, and by what, identities of several products are made one.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::usage::UsageError;
use crate::identity::link::{Directory, DirectoryError, LinkFile, LinkFileError};
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
    /// Say who is behind the user ids of Identity Center
    ///
    /// A file that `aws identitystore list-users --identity-store-id ID > FILE` wrote, for each
    /// directory one. Its events name users by these ids alone.
    #[arg(long, value_name = "FILE", value_parser = DirectoryArg::new, hide_short_help = true)]
    directory: Vec<DirectoryArg>,
    /// Let every account stand alone
    ///
    /// Else one finding is told for all accounts that are provably one person's or one pipeline's
    /// in CloudTrail, Okta and Vault. Each account is held against its own habits; departures on
    /// one day add up.
    #[arg(
        long,
        alias = "no-link",
        overrides_with = "link",
        conflicts_with_all = ["links", "directory"],
        hide_short_help = true
    )]
    no_links: bool,
    /// Link what is provably one, which is the default
    #[arg(long, overrides_with = "no_links", hide = true)]
    link: bool,
}

/// A link file that was read.
#[derive(Clone, Debug)]
struct LinkFileArg(Arc<LinkFile>);

impl LinkFileArg {
    fn new(path: &str) -> Result<Self, LinkFileError> {
        Ok(Self(Arc::new(LinkFile::load(Path::new(path))?)))
    }
}

/// A directory that was read.
#[derive(Clone, Debug)]
struct DirectoryArg(Arc<Directory>);

impl DirectoryArg {
    fn new(path: &str) -> Result<Self, DirectoryError> {
        Ok(Self(Arc::new(Directory::load(Path::new(path))?)))
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
        if args.no_links && !args.link {
            return Self::Off;
        }
        let file = args.links.as_ref();
        let mut file = file.map_or_else(Arc::default, |file| Arc::clone(&file.0));
        for directory in &args.directory {
            Arc::make_mut(&mut file).add_directory(directory.0.as_ref().clone());
        }
        Self::By(file)
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
        let named = match self {
            Self::Off => BTreeSet::new(),
            Self::By(file) => file.ids(),
        };
        let is_unknown = |id: &&str| history.account(id).is_none() && review.account(id).is_none();
        let unknown: Vec<&str> = named.into_iter().filter(is_unknown).collect();
        if !unknown.is_empty() {
            let n = unknown.len();
            let ids = unknown.into_iter().take(NAMED).map(str::to_owned).collect();
            return Err(UsageError::UnknownIds { ids, n }.into());
        }
        Ok(self.among_known(history, review))
    }

    /// Who is one with whom, where the user may name identities that are not
    /// known yet.
    pub(super) fn among_known(&self, history: &Ledger, review: &Ledger) -> Arc<Links> {
        match self {
            Self::Off => Arc::default(),
            Self::By(file) => Arc::new(Links::decide(history, review, file)),
        }
    }
}
