//! What was acted on, and which relations an action forms.

use std::borrow::Cow;

/// One thing acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    /// `s3:object`, `secret`, `iam:role`, `app`, `vault:kv`, …
    pub kind: Cow<'a, str>,
    /// The native id, for evidence.
    pub id: Cow<'a, str>,
    /// Container and leading path, `/`-separated, as logged: what habits are
    /// learned on once templated (`payroll/2026/10`). Empty when the resource
    /// has no stable name.
    pub scope: Cow<'a, str>,
}

/// A relation to another principal or tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge<'a> {
    /// What kind of relation.
    pub kind: EdgeKind,
    /// The other end: a name that is stable over time.
    pub target: Cow<'a, str>,
}

/// Kinds of relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// Takes on a role.
    Assume,
    /// Creates or reads a credential for another principal.
    Mint,
    /// Changes the permissions of another principal.
    Grant,
    /// Reaches another tenant.
    Share,
    /// Invokes a function, agent or application.
    Invoke,
    /// Any other act on a user, role, group or application.
    Touch,
    /// Was acted on by somebody else.
    Undergo,
}

impl EdgeKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Assume,
        Self::Mint,
        Self::Grant,
        Self::Share,
        Self::Invoke,
        Self::Touch,
        Self::Undergo,
    ];

    /// The lower-case name used in dimensions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Assume => "assume",
            Self::Mint => "mint",
            Self::Grant => "grant",
            Self::Share => "share",
            Self::Invoke => "invoke",
            Self::Touch => "touch",
            Self::Undergo => "undergo",
        }
    }
}
