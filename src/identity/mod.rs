//! Who is who (placeholder).
use std::collections::BTreeSet;
pub struct SessionStats<'a> {
    pub name: &'a str,
    pub n_days: u32,
    pub n_keys: u32,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleMode {
    PerSession,
    Collapsed,
}
#[derive(Clone, Debug)]
pub struct RoleDecision {
    pub mode: RoleMode,
    pub stable: BTreeSet<String>,
}
pub fn decide(_s: &[SessionStats<'_>], _n: u32) -> RoleDecision {
    RoleDecision {
        mode: RoleMode::Collapsed,
        stable: BTreeSet::new(),
    }
}
