//! What CloudTrail tells about itself: not events, but how far the events can
//! be trusted to be all of them.

use super::digest::Digests;
use super::insight::Insights;
use crate::event::Untrusted;

/// Services whose records are in one region only, wherever they were called.
const GLOBAL_SERVICES: [&str; 2] = ["iam", "sts"];

/// What only CloudTrail tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrailCoverage {
    /// Records that told, for another account or corrected, what another record
    /// tells. They are among the duplicates.
    pub n_retold: u64,
    /// Records that were delivered hours late, by their own account.
    pub n_delayed: u64,
    /// Rates that CloudTrail itself found unusual.
    pub insights: Insights,
    /// Its proofs of what it delivered.
    pub digests: Digests,
    services: Services,
}

/// Which services recorded anything, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Services {
    /// None.
    #[default]
    None,
    /// This one, which is no global one.
    One(Box<str>),
    /// Several, none of them global.
    Several,
    /// A global one, whatever others.
    Global,
}

impl TrailCoverage {
    /// Takes note of a service that recorded an event.
    pub(in crate::ingest) fn observe_service(&mut self, service: &str) {
        self.services = match &self.services {
            Services::Global => return,
            _ if GLOBAL_SERVICES.contains(&service) => Services::Global,
            Services::Several => return,
            Services::One(same) if **same == *service => return,
            Services::One(_) => Services::Several,
            Services::None => Services::One(service.into()),
        };
    }

    /// Adds what another part of the run noted.
    pub(in crate::ingest) fn merge(&mut self, other: Self) {
        self.n_retold = self.n_retold.saturating_add(other.n_retold);
        self.n_delayed = self.n_delayed.saturating_add(other.n_delayed);
        self.insights.merge(other.insights);
        self.digests.merge(other.digests);
        match other.services {
            Services::None => {}
            Services::One(service) => self.observe_service(&service),
            Services::Several if self.services == Services::Global => {}
            several_or_global => self.services = several_or_global,
        }
    }

    /// Whether several services recorded events and none of those that record
    /// in one region only: an export of another region. Who took on which role
    /// is then not to be seen.
    #[must_use]
    pub fn lacks_global_services(&self) -> bool {
        self.services == Services::Several
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_retold == 0
            && self.n_delayed == 0
            && self.insights.n == 0
            && self.digests.n() == 0
            && !self.lacks_global_services()
    }

    /// What people should know, as finished sentences.
    #[must_use]
    pub fn remarks(&self) -> Vec<Untrusted> {
        let mut remarks = Vec::new();
        if self.lacks_global_services() {
            remarks.push(
                "No record of IAM or STS (no_global_services): they record in one region only, \
                 so who took on which role and who changed permissions is not in these exports."
                    .to_owned(),
            );
        }
        remarks.extend(self.digests.remarks());
        remarks.extend(self.insights.remarks());
        remarks.into_iter().map(Untrusted::from).collect()
    }

    /// What limits every judgement, as finished sentences.
    #[must_use]
    pub fn cautions(&self) -> Vec<Untrusted> {
        let remarks = self.digests.remarks();
        remarks.into_iter().map(Untrusted::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lacks(parts: &[&[&str]], expected: bool) {
        let part = |services: &&[&str]| {
            let mut part = TrailCoverage::default();
            services.iter().for_each(|name| part.observe_service(name));
            part
        };
        for parts in [parts.to_vec(), parts.iter().rev().copied().collect()] {
            let mut whole = TrailCoverage::default();
            parts
                .iter()
                .for_each(|services| whole.merge(part(services)));
            assert_eq!(whole.lacks_global_services(), expected, "{parts:?}");
        }
    }

    #[test]
    fn export_of_one_region_lacks_the_global_services() {
        lacks(&[&["s3", "ec2"]], true);
        lacks(&[&["s3", "s3"], &["ec2"]], true);
        lacks(&[&["s3", "ec2"], &["iam"]], false);
        lacks(&[&["sts"], &["s3"], &["ec2", "kms"]], false);
        lacks(&[&["s3"], &["s3"]], false);
        lacks(&[], false);
    }
}
