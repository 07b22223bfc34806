//! Insights: rates of calls that CloudTrail itself found unusual. They are no
//! events; they support what is said about the identities they name.

use std::collections::BTreeMap;

use crate::event::{Provenance, Timestamp, Untrusted};

/// How many insights are kept, the earliest.
const MAX_KEPT: usize = 256;
/// How many are told in words.
const MAX_TOLD: usize = 3;

/// One unusual rate of calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Insight {
    /// When it was noticed.
    pub time: Timestamp,
    /// Its own id, so that a copy of it is told from another.
    pub id: Untrusted,
    /// `ApiCallRateInsight`, `ApiErrorRateInsight`.
    pub kind: Untrusted,
    /// What was called: `iam:GetPolicy`.
    pub action: Untrusted,
    /// The error whose rate it was, if it was one's.
    pub error: Option<Untrusted>,
    /// ARNs of the callers, those with the most calls first.
    pub callers: Vec<Untrusted>,
}

impl Insight {
    /// What it says, as a finished sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let error = self.error.as_ref().map_or_else(String::new, |error| {
            format!(" ending in {}", error.as_raw())
        });
        let by = self
            .callers
            .first()
            .map_or_else(String::new, |caller| format!(" by {}", caller.as_raw()));
        let more = match self.callers.len() {
            0 | 1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        format!(
            "CloudTrail Insights saw an unusual rate of {}{error}{by}{more} at {}.",
            self.action.as_raw(),
            self.time.rfc3339(),
        )
    }
}

/// The insights of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insights {
    /// Records of insights, those included that end one or repeat another.
    pub n: u64,
    /// The earliest, each once, and the first record that tells it.
    pub kept: BTreeMap<Insight, Provenance>,
    /// There were later ones, of which only the records are counted.
    pub has_more: bool,
}

impl Insights {
    /// Takes note of a record; `None` stands for the end of an insight.
    pub(in crate::ingest) fn observe(&mut self, insight: Option<Insight>, record: Provenance) {
        self.n = self.n.saturating_add(1);
        if let Some(insight) = insight {
            self.keep(insight, record);
        }
    }

    /// Adds what another part of the run noted.
    pub(super) fn merge(&mut self, other: Self) {
        self.n = self.n.saturating_add(other.n);
        self.has_more |= other.has_more;
        for (insight, record) in other.kept {
            self.keep(insight, record);
        }
    }

    fn keep(&mut self, insight: Insight, record: Provenance) {
        let first = self.kept.entry(insight).or_insert(record);
        *first = record.min(*first);
        while self.kept.len() > MAX_KEPT {
            self.kept.pop_last();
            self.has_more = true;
        }
    }

    /// What people should know, as finished sentences.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = self
            .kept
            .keys()
            .take(MAX_TOLD)
            .map(Insight::sentence)
            .collect();
        let n_more = self.kept.len().saturating_sub(MAX_TOLD);
        if n_more > 0 {
            remarks.push(format!(
                "CloudTrail Insights saw {n_more} more unusual rates; -f json lists them."
            ));
        }
        if self.has_more {
            remarks.push(format!(
                "There are {} records of Insights; the earliest {MAX_KEPT} unusual rates are \
                 listed, the later ones are only counted.",
                self.n
            ));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insight(second: i64) -> Insight {
        Insight {
            time: Timestamp::from_seconds(second),
            id: Untrusted::from(format!("id-{second}")),
            kind: "ApiCallRateInsight".into(),
            action: "iam:GetPolicy".into(),
            error: None,
            callers: vec!["arn:aws:iam::1:user/ann".into(), "arn:x".into()],
        }
    }

    #[test]
    fn insight_reads_as_a_sentence() {
        assert_eq!(
            insight(1_790_000_000).sentence(),
            "CloudTrail Insights saw an unusual rate of iam:GetPolicy by arn:aws:iam::1:user/ann \
             and 1 more at 2026-09-21T14:13:20Z."
        );
    }

    #[test]
    fn the_earliest_are_kept_whatever_their_order() {
        let fold = |order: &mut dyn Iterator<Item = i64>| {
            let mut insights = Insights::default();
            let record = |second| Provenance {
                file: 1,
                record: u32::try_from(second).unwrap_or(0),
            };
            order.for_each(|second| insights.observe(Some(insight(second)), record(second)));
            insights.observe(None, Provenance::default());
            insights
        };
        let forward = fold(&mut (0..1_000));
        assert_eq!(forward, fold(&mut (0..1_000).rev()));
        assert_eq!((forward.n, forward.kept.len()), (1_001, MAX_KEPT));
        let last = forward
            .kept
            .keys()
            .last()
            .map(|insight| insight.time.seconds());
        assert_eq!(last, Some(255));
        assert_eq!(forward.remarks().len(), MAX_TOLD + 2);
        let few = fold(&mut (0..10));
        assert_eq!((few.has_more, few.remarks().len()), (false, MAX_TOLD + 1));
    }
}
