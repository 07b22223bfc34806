//! The terms of the review score, and what each of them weighs (MODEL §0, A2).

use super::Family;
use crate::event::Class;

/// A term of the review score (MODEL §0, A2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewTerm {
    /// Days on which every network is new.
    OriginDays,
    /// Hours of all days.
    Hour,
    /// Most events in an hour.
    EventsHour,
    /// New resources that others use.
    Scope,
    /// New resources that no peer uses.
    ScopeLateral,
    /// New actions.
    Action,
    /// Events beyond breadth.
    Amount,
    /// New sensitive actions.
    Sensitive,
    /// The strangest day's takeover score.
    Takeover,
}

impl ReviewTerm {
    /// Every term, in summation order.
    pub const ALL: [Self; 9] = [
        Self::OriginDays,
        Self::Hour,
        Self::EventsHour,
        Self::Scope,
        Self::ScopeLateral,
        Self::Action,
        Self::Amount,
        Self::Sensitive,
        Self::Takeover,
    ];

    /// The name used in machine output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OriginDays => "origin.days",
            Self::Hour => "hour.review",
            Self::EventsHour => "events.hour.review",
            Self::Scope => "scope.review",
            Self::ScopeLateral => "scope.review.lateral",
            Self::Action => "action.review",
            Self::Amount => "amount.review",
            Self::Sensitive => "sensitive.review",
            Self::Takeover => "takeover.day",
        }
    }

    /// The family that explains it.
    #[must_use]
    pub fn family(self) -> Family {
        match self {
            Self::OriginDays => Family::From,
            Self::Hour => Family::Hour,
            Self::EventsHour | Self::Amount => Family::Volume,
            Self::Scope | Self::ScopeLateral => Family::Target,
            Self::Action => Family::What,
            Self::Sensitive => Family::Sensitive,
            Self::Takeover => Family::Novelty,
        }
    }

    /// Its weight unless another was learned. Of classes that run by
    /// themselves, actions say more, and so does the strangest day.
    #[must_use]
    pub fn default_weight(self, class: Class) -> f64 {
        let runs_by_itself = class.is_service_like() || class == Class::Federated;
        match (self, runs_by_itself) {
            (Self::OriginDays, _) | (Self::Takeover, true) => 0.5,
            (Self::Sensitive, _) => 0.3,
            (Self::Hour | Self::EventsHour | Self::Scope, _) | (Self::Action, true) => 0.25,
            (Self::ScopeLateral | Self::Action | Self::Amount, _) => 0.1,
            (Self::Takeover, false) => 0.0,
        }
    }
}
