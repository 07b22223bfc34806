//! Writes the corpus that the benchmark reads: the same bytes on every machine.

mod blank;
mod caller;
mod calls;
mod cast;
mod cloudtrail;
mod okta;
mod options;
mod record;
mod rng;
mod sizes;
mod text;
mod vault;

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use libdeflater::{CompressionLvl, Compressor};

use cast::Cast;
use cloudtrail::{Delivery, Trail};
use options::{Options, Shape};
use sizes::Sizes;

/// Mean length of a record and of a line, for turning megabytes into numbers.
const CLOUDTRAIL_BYTES: u64 = 1_540;
const OKTA_BYTES: u64 = 2_230;
const VAULT_BYTES: u64 = 1_380;
/// Percentage of the size that Okta and Vault have, each.
const OTHERS: u64 = 5;

/// One file of the corpus with many files.
enum Job {
    CloudTrail(Delivery),
    Okta(u64),
    Vault(u64),
}

fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let calls = calls::parse(include_str!("../events.txt"))?;
    let cast = Cast::new(options.seed, &calls);
    let trail = Trail {
        cast: &cast,
        calls: &calls,
        seed: options.seed,
    };
    let records = options.megabytes * 1_000_000 / CLOUDTRAIL_BYTES;
    let deliveries = cloudtrail::plan(options.seed, records);
    fs::create_dir_all(&options.out)?;
    let sizes = match options.shape {
        Shape::Many | Shape::ManyPlain => write_many(&options, &trail, deliveries)?,
        Shape::SingleRecords | Shape::SingleJsonl => write_single(&options, &trail, &deliveries)?,
    };
    println!("{}", sizes.tell(cast.identities.len(), calls.len()));
    Ok(())
}

/// Many files, gzipped unless they are to be plain, by several threads.
fn write_many(options: &Options, trail: &Trail<'_>, deliveries: Vec<Delivery>) -> Result<Sizes> {
    let mut jobs: Vec<Job> = deliveries.into_iter().map(Job::CloudTrail).collect();
    if options.shape == Shape::Many {
        jobs.extend((0..text::DAYS).map(Job::Okta));
        jobs.extend((0..text::DAYS).map(Job::Vault));
    }
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Ok(Sizes::default()));
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                let mut writer = Writer::new(options, trail);
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = writer.write(job);
                    if let (Err(error), Ok(mut total)) = (result, total.lock()) {
                        *total = Err(error);
                        return;
                    }
                }
                if let Ok(mut total) = total.lock()
                    && let Ok(sum) = total.as_mut()
                {
                    sum.add(&writer.sizes);
                }
            });
        }
    });
    total.into_inner().map_err(|_| anyhow!("a thread failed"))?
}

/// What one thread writes with.
struct Writer<'a> {
    options: &'a Options,
    trail: &'a Trail<'a>,
    gzip: Compressor,
    plain: Vec<u8>,
    packed: Vec<u8>,
    sizes: Sizes,
}

impl<'a> Writer<'a> {
    fn new(options: &'a Options, trail: &'a Trail<'a>) -> Self {
        Self {
            options,
            trail,
            gzip: Compressor::new(CompressionLvl::new(6).unwrap_or_default()),
            plain: Vec::new(),
            packed: Vec::new(),
            sizes: Sizes::default(),
        }
    }

    fn write(&mut self, job: &Job) -> Result<()> {
        self.plain.clear();
        let path = match job {
            Job::CloudTrail(delivery) => self.cloudtrail(delivery),
            Job::Okta(day) => self.lines(*day, "okta/system-log", OKTA_BYTES),
            Job::Vault(day) => self.lines(*day, "vault/audit", VAULT_BYTES),
        };
        if self.options.shape == Shape::ManyPlain {
            self.sizes.file(self.plain.len(), self.plain.len());
            self.sizes.check(&self.plain);
            return store(&self.options.out.join(path), &self.plain);
        }
        self.packed
            .resize(self.gzip.gzip_compress_bound(self.plain.len()), 0);
        let length = self.gzip.gzip_compress(&self.plain, &mut self.packed)?;
        self.sizes.file(self.plain.len(), length);
        let packed = self.packed.get(..length).context("gzip wrote too much")?;
        self.sizes.check(packed);
        store(&self.options.out.join(path + ".gz"), packed)
    }

    fn cloudtrail(&mut self, delivery: &Delivery) -> String {
        let (plain, sizes) = (&mut self.plain, &mut self.sizes);
        plain.extend_from_slice(b"{\"Records\":[");
        let mut is_first = true;
        self.trail.write(delivery, |record| {
            if !std::mem::take(&mut is_first) {
                plain.push(b',');
            }
            plain.extend_from_slice(record);
            sizes.record(record.len());
        });
        plain.extend_from_slice(b"]}");
        format!("cloudtrail/{}", delivery.path(self.trail.cast))
    }

    fn lines(&mut self, day: u64, stem: &str, bytes: u64) -> String {
        let (plain, sizes) = (&mut self.plain, &mut self.sizes);
        let lines = self.options.megabytes * 1_000_000 * OTHERS / 100 / bytes / text::DAYS;
        let mut take = |line: &[u8]| {
            plain.extend_from_slice(line);
            plain.push(b'\n');
            sizes.line();
        };
        let (cast, seed) = (self.trail.cast, self.trail.seed);
        if stem.starts_with("okta") {
            okta::write(cast, seed, day, lines, &mut take);
        } else {
            vault::write(cast, seed, day, lines, &mut take);
        }
        let (year, month, of_month) = text::date(text::START + day * text::DAY);
        format!("{stem}-{year}-{month:02}-{of_month:02}.jsonl")
    }
}

fn store(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// The same records, in the order of their files, as one plain file.
fn write_single(options: &Options, trail: &Trail<'_>, deliveries: &[Delivery]) -> Result<Sizes> {
    let is_lines = options.shape == Shape::SingleJsonl;
    let name = if is_lines {
        "single.jsonl"
    } else {
        "single.json"
    };
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(options.out.join(name))?);
    let mut sizes = Sizes::default();
    let mut result = out.write_all(if is_lines { b"" } else { b"{\"Records\":[" });
    let mut is_first = true;
    for delivery in deliveries {
        trail.write(delivery, |record| {
            sizes.record(record.len());
            let separator: &[u8] = match (is_lines, std::mem::take(&mut is_first)) {
                (_, true) => b"",
                (true, _) => b"\n",
                (false, _) => b",",
            };
            let written = out
                .write_all(separator)
                .and_then(|()| out.write_all(record));
            if written.is_err() {
                result = written;
            }
        });
    }
    result?;
    out.write_all(if is_lines { b"\n" } else { b"]}" })?;
    out.flush()?;
    sizes.file(sizes.bytes(), sizes.bytes());
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first file of the corpus of seed 1.
    fn first_file() -> Vec<u8> {
        let calls = calls::parse(include_str!("../events.txt")).expect("the table is sound");
        let cast = Cast::new(1, &calls);
        let trail = Trail {
            cast: &cast,
            calls: &calls,
            seed: 1,
        };
        let mut bytes = Vec::new();
        trail.write(&cloudtrail::plan(1, 1_000)[0], |record| {
            bytes.extend_from_slice(record)
        });
        bytes
    }

    #[test]
    fn the_corpus_is_the_same_on_every_machine() {
        let mut crc = libdeflater::Crc::new();
        crc.update(&first_file());
        assert_eq!(crc.sum(), 284_107_387);
    }

    #[test]
    fn a_smaller_corpus_is_the_beginning_of_a_larger_one() {
        let (small, large) = (cloudtrail::plan(1, 50_000), cloudtrail::plan(1, 200_000));
        let whole = &small[..small.len() - 1];
        assert!(whole.len() > 10);
        for (one, other) in whole.iter().zip(&large) {
            assert_eq!(
                (one.at, one.account, one.records),
                (other.at, other.account, other.records)
            );
        }
    }

    #[test]
    fn a_plan_has_exactly_the_records_asked_for() {
        let planned = cloudtrail::plan(7, 123_456);
        assert_eq!(
            planned.iter().map(|delivery| delivery.records).sum::<u64>(),
            123_456
        );
    }
}
