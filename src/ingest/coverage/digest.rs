//! Digests: CloudTrail's own lists of the log files it delivered, hour by hour.
//! They prove that nothing is missing, or say what is.
//!
//! The hashes in them are checked apart, by `ingest::verify`: that decodes every
//! file once more.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::event::{Timestamp, Untrusted, Window};

/// How many names of missing files and of broken chains are kept.
const MAX_NAMED: usize = 20;
/// How long after an hour its last events may still be delivered.
const DELIVERY_SECONDS: i64 = 15 * 60;
const SECONDS_PER_HOUR: i64 = 3_600;

/// What one digest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Digest {
    /// Name of the digest file, without folders.
    pub(in crate::ingest) name: Box<str>,
    /// When the files that it lists were delivered.
    pub(in crate::ingest) window: Window,
    /// Name of the digest before it; absent in the first of a chain.
    pub(in crate::ingest) previous: Option<Box<str>>,
    /// Names of the log files, without folders.
    pub(in crate::ingest) log_files: Vec<Box<str>>,
}

impl Digest {
    /// What all digests of one account, region and trail have in common: their
    /// name up to the time.
    fn chain(&self) -> &str {
        self.name
            .rsplit_once('_')
            .map_or(&self.name, |(chain, _)| chain)
    }
}

/// Log files that digests list and the input lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingFiles {
    /// How many.
    pub n: u64,
    /// The first names, in order.
    pub names: Vec<Untrusted>,
}

/// The digests of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    /// By name: one that is given twice counts once. Once compared, each lists
    /// what is not known to be here.
    all: BTreeMap<Box<str>, Digest>,
    /// Log files that they list.
    pub n_log_files: usize,
    /// Listed log files that are missing; `None` where the input has no log
    /// file under its own name, so that nothing can be said.
    pub missing: Option<MissingFiles>,
    /// Digests whose predecessor is missing, beyond the first of each chain.
    pub breaks: MissingFiles,
}

impl Digests {
    /// How many digests there are.
    #[must_use]
    pub fn n(&self) -> usize {
        self.all.len()
    }

    /// Takes note of a digest.
    pub(in crate::ingest) fn observe(&mut self, digest: Digest) {
        self.all.insert(digest.name.clone(), digest);
    }

    /// Adds what another part of the run noted.
    pub(super) fn merge(&mut self, other: Self) {
        self.all.extend(other.all);
    }

    /// Compares what was listed with the names of the files that were read.
    pub(super) fn compare<'n>(&mut self, read: impl Iterator<Item = &'n str>) {
        if self.all.is_empty() {
            return;
        }
        self.n_log_files = self.all.values().map(|digest| digest.log_files.len()).sum();
        let read: BTreeSet<&str> = read.map(stem).filter(|name| is_log_file(name)).collect();
        if !read.is_empty() {
            for digest in self.all.values_mut() {
                digest.log_files.retain(|name| !read.contains(stem(name)));
            }
            let listed = self.all.values().flat_map(|digest| &digest.log_files);
            let missing: BTreeSet<&str> = listed.map(|name| stem(name)).collect();
            self.missing = Some(named(missing.into_iter()));
        }
        self.breaks = self.find_breaks();
    }

    fn find_breaks(&self) -> MissingFiles {
        let chains = self.chains();
        let is_first = |digest: &Digest| {
            chains
                .get(digest.chain())
                .and_then(|chain| chain.first())
                .is_some_and(|first| first.name == digest.name)
        };
        let is_broken = |digest: &&Digest| {
            let follows = digest
                .previous
                .as_ref()
                .is_some_and(|previous| self.all.contains_key(previous));
            !follows && !is_first(digest)
        };
        let broken = self.all.values().filter(is_broken);
        named(broken.map(|digest| digest.name.as_ref()))
    }

    /// By chain, in order of time.
    fn chains(&self) -> BTreeMap<&str, Vec<&Digest>> {
        let mut chains: BTreeMap<&str, Vec<&Digest>> = BTreeMap::new();
        for digest in self.all.values() {
            chains.entry(digest.chain()).or_default().push(digest);
        }
        for chain in chains.values_mut() {
            chain.sort_by(|a, b| (a.window, &a.name).cmp(&(b.window, &b.name)));
        }
        chains
    }

    /// Hours without events, given those with `events`, of which every chain
    /// proves that nothing was delivered that is not here.
    pub(super) fn silent_hours(&self, events: &BTreeMap<i64, u64>) -> BTreeSet<i64> {
        // How many chains more, or fewer, concern and cover an hour than the one
        // before it: very many chains may say something of very many hours.
        let mut changes: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for chain in self.chains().values() {
            let proof = Proof::of(chain);
            note(&mut changes, &proof.concerned(), (1, 0));
            for covered in proof.covered() {
                note(&mut changes, &covered, (0, 1));
            }
        }
        let mut silent = BTreeSet::new();
        let mut from = 0;
        let (mut n_concerned, mut n_covered) = (0_i64, 0_i64);
        for (hour, (concerned, covered)) in changes {
            if n_concerned > 0 && n_covered == n_concerned {
                silent.extend((from..hour).filter(|hour| !events.contains_key(hour)));
            }
            from = hour;
            n_concerned = n_concerned.saturating_add(concerned);
            n_covered = n_covered.saturating_add(covered);
        }
        silent
    }

    /// What people should know, as finished sentences.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let example = |files: &MissingFiles| {
            let name = files.names.first().map_or("", Untrusted::as_raw);
            format!("such as {name}")
        };
        if let Some(missing) = self.missing.as_ref().filter(|missing| missing.n > 0) {
            remarks.push(format!(
                "CloudTrail's digests list {} {}: what an identity did not do cannot be told for \
                 that time.",
                plural(
                    missing.n,
                    "log file that is not here,",
                    "log files that are not here,"
                ),
                example(missing)
            ));
        }
        if self.breaks.n > 0 {
            remarks.push(format!(
                "{} {}: digests are missing, or the trail was stopped.",
                plural(
                    self.breaks.n,
                    "digest does not follow the one before it,",
                    "digests do not follow the ones before them,"
                ),
                example(&self.breaks)
            ));
        }
        remarks
    }
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Spans of time for which one chain of digests is complete and so are the
/// files that it lists.
struct Proof {
    span: Window,
    complete: Vec<Window>,
}

impl Proof {
    /// Of the digests of one chain, in order of time, once compared.
    fn of(chain: &[&Digest]) -> Self {
        let mut complete: Vec<Window> = Vec::new();
        let mut span: Option<Window> = None;
        for digest in chain {
            let window = digest.window;
            let whole = span.get_or_insert(window);
            whole.end = whole.end.max(window.end);
            if !digest.log_files.is_empty() {
                continue;
            }
            match complete.last_mut() {
                Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
                _ => complete.push(window),
            }
        }
        Self {
            span: span.unwrap_or(Window {
                start: Timestamp::MAX,
                end: Timestamp::MIN,
            }),
            complete,
        }
    }

    /// The hours that the chain says something of.
    fn concerned(&self) -> Range<i64> {
        let end = self.span.end.seconds().saturating_sub(1);
        hour_of(self.span.start.seconds())..hour_of(end).saturating_add(1)
    }

    /// The hours of which it proves that all that was delivered is here. None
    /// is in two of them.
    fn covered(&self) -> impl Iterator<Item = Range<i64>> {
        self.complete.iter().map(|window| {
            let start = window.start.seconds().saturating_add(SECONDS_PER_HOUR - 1);
            let end = window.end.seconds().saturating_sub(DELIVERY_SECONDS);
            hour_of(start)..hour_of(end)
        })
    }
}

fn hour_of(seconds: i64) -> i64 {
    seconds.div_euclid(SECONDS_PER_HOUR)
}

/// Adds `change` at the first hour, and takes it back behind the last.
fn note(changes: &mut BTreeMap<i64, (i64, i64)>, hours: &Range<i64>, change: (i64, i64)) {
    if hours.is_empty() {
        return;
    }
    for (hour, sign) in [(hours.start, 1), (hours.end, -1)] {
        let (concerned, covered) = changes.entry(hour).or_default();
        *concerned = concerned.saturating_add(sign * change.0);
        *covered = covered.saturating_add(sign * change.1);
    }
}

fn named<'n>(names: impl Iterator<Item = &'n str>) -> MissingFiles {
    let mut files = MissingFiles::default();
    for name in names {
        files.n = files.n.saturating_add(1);
        if files.names.len() < MAX_NAMED {
            files.names.push(Untrusted::from(name));
        }
    }
    files
}

/// The name of a file without folders and without what tells its compression,
/// which may have been undone.
pub(in crate::ingest) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".gz").unwrap_or(name)
}

/// Whether `name` is one that CloudTrail gives to its log files:
/// `<account>_CloudTrail_<region>_<time>_<16 characters>.json`.
pub(in crate::ingest) fn is_log_file(name: &str) -> bool {
    let mut parts = name.splitn(3, '_');
    let is_account = parts
        .next()
        .is_some_and(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()));
    is_account && parts.next() == Some("CloudTrail") && name.ends_with(".json")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = "111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1";

    fn digest(hour: i64, previous: Option<i64>, files: &[&str]) -> Digest {
        let name = |hour: i64| format!("{CHAIN}_{hour:03}.json.gz").into_boxed_str();
        let at = |hour: i64| Timestamp::from_seconds(hour * SECONDS_PER_HOUR);
        Digest {
            name: name(hour),
            window: Window {
                start: at(hour),
                end: at(hour + 1),
            },
            previous: previous.map(name),
            log_files: files.iter().map(|name| (*name).into()).collect(),
        }
    }

    fn log(n: u32) -> String {
        format!("111122223333_CloudTrail_eu-west-1_20261107T0900Z_{n:016}.json.gz")
    }

    fn compared(digests: &[Digest], read: &[String]) -> Digests {
        let mut all = Digests::default();
        for digest in digests {
            all.observe(digest.clone());
        }
        all.compare(read.iter().map(String::as_str));
        all
    }

    #[test]
    fn listed_files_that_are_not_there_are_missing() {
        let listed = [digest(1, None, &[&log(1), &log(2)])];
        let unpacked = log(1).replace(".gz", "");
        let found = compared(&listed, &[format!("logs/{unpacked}")]);
        let missing = found.missing.unwrap_or_default();
        assert_eq!(missing.n, 1);
        assert_eq!(missing.names[0].as_raw(), log(2).trim_end_matches(".gz"));
        assert_eq!(
            compared(&listed, &[log(1)]).remarks(),
            [format!(
                "CloudTrail's digests list 1 log file that is not here, such as {}: what an \
                 identity did not do cannot be told for that time.",
                log(2).trim_end_matches(".gz")
            )]
        );
        let renamed = compared(&listed, &["logs/all.jsonl".to_owned()]);
        assert_eq!(renamed.missing, None, "nothing can be said");
        assert_eq!(renamed.n_log_files, 2);
    }

    #[test]
    fn broken_chain_is_told_beyond_its_beginning() {
        let whole = [digest(1, Some(0), &[]), digest(2, Some(1), &[])];
        assert_eq!(compared(&whole, &[]).breaks.n, 0);
        let broken = [
            digest(1, Some(0), &[]),
            digest(3, Some(2), &[]),
            digest(4, None, &[]),
        ];
        let breaks = compared(&broken, &[]).breaks;
        assert_eq!(breaks.n, 2, "one is missing, one begins anew");
    }

    #[track_caller]
    fn silent(digests: &[Digest], read: &[String], events: &[i64], expected: &[i64]) {
        let events = events.iter().map(|hour| (*hour, 1)).collect();
        let hours = compared(digests, read).silent_hours(&events);
        assert_eq!(hours.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn silence_is_proven_by_complete_digests_only() {
        let chain = |second: &[&str]| {
            [
                digest(1, None, &[]),
                digest(2, Some(1), second),
                digest(3, Some(2), &[]),
                digest(4, Some(3), &[]),
            ]
        };
        // Events of the last hour may still be on their way.
        silent(&chain(&[]), &[], &[], &[1, 2, 3]);
        silent(&chain(&[]), &[], &[2], &[1, 3]);
        silent(&chain(&[&log(1)]), &[log(1)], &[], &[1, 2, 3]);
        silent(&chain(&[&log(1)]), &[log(2)], &[], &[3]);
        silent(&[], &[log(1)], &[], &[]);
    }

    /// R-RS-4
    #[test]
    fn very_many_chains_over_very_many_hours_are_told_soon() {
        let of_chain = |n: i64| {
            let mut digest = digest(1, None, &[]);
            digest.name = format!("{n:06}_1.json").into();
            digest.window.end = Timestamp::from_seconds(500_000 * SECONDS_PER_HOUR);
            digest
        };
        let digests: Vec<Digest> = (0..5_000).map(of_chain).collect();
        let hours = compared(&digests, &[]).silent_hours(&BTreeMap::from([(7, 1)]));
        assert_eq!(
            hours.len(),
            499_997,
            "the first, the last and the one with events"
        );
    }

    #[test]
    fn every_chain_must_prove_it() {
        let mut other = digest(2, None, &[&log(9)]);
        other.name = other.name.replace("eu-west-1", "us-east-1").into();
        let own = [
            digest(1, None, &[]),
            digest(2, Some(1), &[]),
            digest(3, Some(2), &[]),
        ];
        let all: Vec<Digest> = own.into_iter().chain([other]).collect();
        silent(&all, &[], &[], &[1]);
    }
}
