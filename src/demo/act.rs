//! An act: one thing one member of the organisation does, before a vendor has
//! written it down.

use std::rc::Rc;

use anyhow::{Context, Result};

use super::calendar::Millis;

/// Position of a member in the cast.
pub(super) type MemberId = usize;
/// Position of a place in the organisation's list.
pub(super) type PlaceId = usize;
/// Position of a story in the list of those that are told.
pub(super) type StoryId = usize;

/// The product that records an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Product {
    /// AWS CloudTrail.
    Aws,
    /// Okta System Log.
    Okta,
    /// Vault audit device.
    Vault,
}

/// What is done, without its target: `s3:GetObject`, `vault:read`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deed {
    /// Who writes it down.
    pub product: Product,
    /// The AWS service; empty for the other products.
    pub service: String,
    /// The API name, the Okta event type, the Vault operation.
    pub verb: String,
}

impl Deed {
    /// The deed `verb` of `service`, which tells the product.
    pub(super) fn new(service: &str, verb: &str) -> Rc<Self> {
        let product = match service {
            "okta" => Product::Okta,
            "vault" => Product::Vault,
            _ => Product::Aws,
        };
        Rc::new(Self {
            product,
            service: service.to_owned(),
            verb: verb.to_owned(),
        })
    }

    /// Reads `service:verb`.
    pub(super) fn parse(text: &str) -> Result<Rc<Self>> {
        let (service, verb) = text
            .split_once(':')
            .with_context(|| format!("deed {text:?} has no colon"))?;
        Ok(Self::new(service, verb))
    }

    /// Whether this is `service:verb`.
    pub(super) fn is(&self, service: &str, verb: &str) -> bool {
        self.service == service && self.verb == verb
    }
}

/// A deed with its possible targets and how common it is.
#[derive(Clone, Debug)]
pub(super) struct Habit {
    /// Share for people, percentage of cycles for machines.
    pub weight: u32,
    /// What is done.
    pub deed: Rc<Deed>,
    /// What it may be done to, commonest first; may hold `{n}` and the like.
    pub targets: Vec<String>,
    /// The AWS service that makes the call on the member's behalf.
    pub via: Option<Rc<str>>,
}

impl Habit {
    /// Reads `<weight> <service>:<verb> [target|target…] [via=<service>]`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (weight, rest) = text
            .split_once(' ')
            .with_context(|| format!("habit {text:?} has no weight"))?;
        let (rest, via) = match rest.rsplit_once(" via=") {
            Some((rest, via)) => (rest, Some(Rc::from(via))),
            None => (rest, None),
        };
        let (deed, targets) = rest.split_once(' ').unwrap_or((rest, ""));
        Ok(Self {
            weight: weight
                .parse()
                .with_context(|| format!("habit {text:?}: weight"))?,
            deed: Deed::parse(deed)?,
            targets: targets.split('|').map(str::to_owned).collect(),
            via,
        })
    }
}

/// How an act ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As intended.
    Done,
    /// Not permitted.
    Denied,
    /// With this code of the vendor.
    Failed(Rc<str>),
}

/// The login or credential an act belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// Different for every session of a member.
    pub id: u64,
    /// When it began.
    pub since: Millis,
    /// Which machine of the fleet, task or run holds it.
    pub fleet: u64,
}

/// One act.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// Who acts.
    pub who: MemberId,
    /// When.
    pub at: Millis,
    /// What.
    pub deed: Rc<Deed>,
    /// To what; empty when the deed has no target.
    pub target: String,
    /// The service that calls on the member's behalf.
    pub via: Option<Rc<str>>,
    /// In which AWS account.
    pub account: Rc<str>,
    /// In which AWS region.
    pub region: Rc<str>,
    /// From where.
    pub place: PlaceId,
    /// The last part of the address there.
    pub host: u32,
    /// With which client: a name from the list of agents.
    pub agent: Rc<str>,
    /// With what result.
    pub end: End,
    /// In which session.
    pub session: Session,
    /// Which of the member's successive long-lived credentials is used.
    pub credential: u32,
    /// The session whose credentials this act issues, if it does.
    pub issues: Option<u64>,
    /// The story this act tells, if any.
    pub story: Option<StoryId>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_habit_is_read_from_its_line() {
        let habit = Habit::parse("6 ec2:CreateTags vol-1|vol 2 via=cloudformation.amazonaws.com");
        let habit = habit.unwrap();
        assert_eq!(habit.weight, 6);
        assert!(habit.deed.is("ec2", "CreateTags"));
        assert_eq!(habit.targets, ["vol-1", "vol 2"]);
        assert_eq!(habit.via.as_deref(), Some("cloudformation.amazonaws.com"));
    }

    #[test]
    fn the_service_tells_the_product() {
        let product = |text| Deed::parse(text).unwrap().product;
        assert_eq!(product("okta:user.session.start"), Product::Okta);
        assert_eq!(product("vault:read"), Product::Vault);
        assert_eq!(product("s3:GetObject"), Product::Aws);
    }

    #[test]
    fn a_line_without_weight_or_colon_is_refused() {
        assert!(Habit::parse("s3:GetObject").is_err());
        assert!(Habit::parse("5 s3").is_err());
    }
}
