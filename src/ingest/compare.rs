//! The quick way of reading held against the plain one, for tests and fuzzing.

use super::cloudtrail::memo::Memo;
use super::cloudtrail::quick::Quick;
use super::{Limits, cloudtrail};

use super::coverage::SkipReason;
use super::envelope::{self, Found, Sink};
use super::generic::Mappings;
use super::record::{Context, Notes};
use super::split::{Content, Piece, Splitter, Taken};
use crate::event::{Event, Provenance, Source};

/// Reads `bytes` as a log in the quick way and in the plain one.
///
/// # Errors
///
/// The first difference between what comes out.
pub fn compare_paths(bytes: &[u8]) -> Result<(), String> {
    let limits = Limits::default();
    let plain = Reading::plain(bytes, &limits);
    let mut memo = Memo::default();
    // A caller is remembered when it comes again, and then recognised.
    for round in 1..=3 {
        let quick = Reading::quick(bytes, &limits, &mut memo);
        let lines = quick.lines.iter().zip(&plain.lines);
        if let Some((quick, plain)) = lines.clone().find(|(quick, plain)| quick != plain) {
            return Err(format!("round {round}: {quick}\nand plainly: {plain}"));
        }
        let counts = [quick.lines.len(), plain.lines.len()];
        if quick != plain {
            let ends = [quick.end, plain.end];
            return Err(format!("round {round}: {counts:?} things, {ends:?}"));
        }
    }
    Ok(())
}

/// How many of the records in `bytes` are read in the quick way.
#[must_use]
pub fn count_quick(bytes: &[u8]) -> usize {
    Reading::quick(bytes, &Limits::default(), &mut Memo::default()).n_quick
}

/// What came out, in words.
#[derive(Debug, Default)]
struct Reading {
    lines: Vec<String>,
    /// How the text was strung together.
    end: String,
    /// Offset of the current piece.
    offset: u64,
    n_quick: usize,
    mappings: Mappings,
}

impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        (&self.lines, &self.end) == (&other.lines, &other.end)
    }
}

impl Reading {
    fn plain(bytes: &[u8], limits: &Limits) -> Self {
        let mut reading = Self::default();
        let mut splitter = Splitter::new(bytes, limits.max_record, limits.max_depth);
        while let Some(piece) = splitter.next() {
            reading.take(piece);
        }
        reading.end = format!("{:?}", splitter.shape());
        reading
    }

    fn quick(bytes: &[u8], limits: &Limits, memo: &mut Memo) -> Self {
        let mut reading = Self::default();
        let mut splitter = Splitter::new(bytes, limits.max_record, limits.max_depth);
        loop {
            splitter.offer(
                || false,
                |offset, text| {
                    let mut quick = Quick::default();
                    let Memo {
                        order,
                        callers,
                        derived,
                    } = &mut *memo;
                    let taken: Taken = quick.read(text, limits.max_depth, order, callers)?;
                    reading.offset = offset;
                    reading.n_quick += 1;
                    let text = text.get(..taken.n_bytes).unwrap_or_default();
                    reading.record(text, |context| quick.event(derived, context));
                    Ok(taken)
                },
            );
            let Some(piece) = splitter.next() else {
                break;
            };
            reading.take(piece);
        }
        reading.end = format!("{:?}", splitter.shape());
        reading
    }

    fn take(&mut self, piece: Piece<'_>) {
        self.offset = piece.offset;
        match piece.content {
            Content::Value(bytes, keys) => match std::str::from_utf8(bytes) {
                Ok(text) => envelope::unwrap(text, keys, self),
                Err(_) => self.line(&"no UTF-8"),
            },
            content => self.line(&content),
        }
    }

    fn record<'e>(
        &mut self,
        text: &str,
        parse: impl FnOnce(&mut Context<'_>) -> Result<Event<'e>, SkipReason>,
    ) {
        let mut notes = Notes::default();
        let record = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let event = parse(&mut Context {
            provenance: Provenance { file: 0, record },
            okta_org: "",
            vault_cluster: "",
            notes: &mut notes,
        });
        self.line(&(event, notes, text));
    }

    fn line(&mut self, what: &dyn std::fmt::Debug) {
        self.lines.push(format!("{} {what:?}", self.offset));
    }
}

impl Sink for Reading {
    fn mappings(&self) -> &Mappings {
        &self.mappings
    }

    fn found(&mut self, found: Found<'_>) {
        match found {
            Found::Record(Source::CloudTrail, text) => {
                self.record(text, |context| cloudtrail::parse(text, context));
            }
            found => self.line(&found),
        }
    }
}

#[cfg(test)]
mod tests;
