//! One thread's work: reads file after file, gives each record to its product's
//! parser, each new event to the fold, and accounts for all of them.

mod account;
mod archive;
mod calls;
mod file;
mod joint;
mod lines;
mod mapped;
mod parquet;
mod quick;
mod scout;
mod spare;
mod table_file;
mod waiting;

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::cloudtrail::memo::Memo;
use super::coverage::{FileCoverage, ProblemKind, SkipReason};
use super::decode::{self, Opened, Tracker, Whole};
use super::dedup::Novelty;
use super::discover::{self, Input, InputKind};
use super::envelope::{self, Found, Sink};
use super::fidelity::Fidelity;
use super::generic::Mappings;
use super::normal;
use super::raw::RawPiece;
use super::rebuild::table::{Plan, knows};
use super::rebuild::{self, Rebuilt, Rendering};
use super::record::{Context, Notes};
use super::split::{Content, Piece, Splitter};
use super::table::{self, Layout};
use super::vault::{Half, Pairing};
use super::{Fold, Options, Run, UNNAMED_TENANT, cloudtrail, okta, repair, vault};
use crate::event::{Event, Flags, Source};

use account::Account;
use file::{OpenFile, Stamp};
use joint::Joint;
use table_file::Table;
use waiting::Waiting;

pub(super) use joint::merge;
pub(super) use spare::{Idle, Spare};

/// How many pieces are cut between two reports of progress.
const PIECES_PER_REPORT: u32 = 4096;

/// One thread's part of a run.
pub(super) struct Worker<'r, F> {
    run: &'r Run<'r>,
    /// The others that have nothing to do.
    idle: &'r Idle<F>,
    fold: F,
    account: Account,
    notes: Notes,
    /// What the quick reading of CloudTrail remembers.
    memo: Option<Box<Memo>>,
    whole: Whole,
    file: OpenFile,
    /// Vault halves by file, for the other half may be in another file.
    halves: Vec<(u32, Vec<Half>)>,
    /// What was read, by file and round.
    files: Vec<((u32, Fidelity), FileCoverage)>,
    /// Records whose action another record may tell better.
    waiting: Vec<Waiting>,
    /// What is taken apart, while raw records are wanted.
    piece: RawPiece,
}

impl<'r, F: Fold> Worker<'r, F> {
    /// A worker that goes on from what `spare` has come to.
    pub(super) fn new(run: &'r Run<'r>, idle: &'r Idle<F>, spare: Spare<F>) -> Self {
        Self {
            run,
            idle,
            fold: spare.fold,
            account: spare.account,
            notes: spare.notes,
            memo: spare.memo,
            whole: Whole::default(),
            file: OpenFile::default(),
            halves: spare.halves,
            files: spare.files,
            waiting: spare.waiting,
            piece: RawPiece::default(),
        }
    }

    /// What it has come to.
    pub(super) fn into_spare(self) -> Spare<F> {
        Spare {
            fold: self.fold,
            account: self.account,
            notes: self.notes,
            memo: self.memo,
            halves: self.halves,
            files: self.files,
            waiting: self.waiting,
        }
    }

    /// Reads what one file, which has this `position` in the queue, holds for
    /// this `round`. A defect of ours
    /// that it lays bare costs that file only.
    pub(super) fn read_file(&mut self, round: Fidelity, position: usize, file: u32) {
        if let Some(input) = self.run.input(file) {
            self.file = OpenFile::new(round, position, file);
            self.file.pairing = Pairing::with_limit(self.run.options.limits.max_waiting);
            // A pipe is read once: what it holds cannot wait for its round.
            self.file.can_wait = input.can_be_read_again();
            // A defect may have left one behind.
            self.piece = RawPiece::default();
            let tracker = Rc::new(Tracker::default());
            self.survive(|worker| worker.read_input(input, &tracker));
            self.survive(Self::give_up_surplus);
            self.survive(|worker| worker.end_turn(position));
            self.close_file(input, &tracker);
        }
    }

    fn survive(&mut self, work: impl FnOnce(&mut Self)) {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        if outcome.is_err() {
            let defect = "a defect in this program stopped the reading; please report it";
            self.file.note(ProblemKind::Unreadable, defect);
        }
    }

    fn read_input(&mut self, input: &Input, tracker: &Rc<Tracker>) {
        let file = match &input.kind {
            InputKind::Unreadable(cause) => return self.file.note(ProblemKind::Unreadable, cause),
            InputKind::Stdin => {
                return self.read_source(Box::new(std::io::stdin()), None, tracker);
            }
            InputKind::Found | InputKind::Linked | InputKind::Named => discover::open(input),
        };
        let mut file = match file {
            Ok(file) => file,
            Err(error) => return self.file.note(ProblemKind::Unreadable, &error.to_string()),
        };
        let before = Stamp::of(&file);
        if !self.read_whole(&mut file, tracker) {
            self.read_source(Box::new(&file), before.and(Some(&file)), tracker);
        }
        if before != Stamp::of(&file) {
            let detail = "its size or time of change is another than before";
            self.file.note(ProblemKind::ChangedWhileReading, detail);
        }
    }

    /// Reads what `source` delivers. `file` is the same as a regular file, if it
    /// is one.
    fn read_source(
        &mut self,
        source: Box<dyn Read + '_>,
        file: Option<&File>,
        tracker: &Rc<Tracker>,
    ) {
        let opened = decode::open(source, &self.run.options.limits, tracker);
        self.read_opened(opened, file, tracker);
    }

    /// Reads the content of a file or of a member of an archive: who does, its
    /// first bytes decide.
    fn read_opened(&mut self, opened: Opened<'_>, file: Option<&File>, tracker: &Rc<Tracker>) {
        let file = file.filter(|_| opened.layers.is_empty());
        self.file.layers.extend(opened.layers);
        let reader = opened.reader;
        match opened.content {
            decode::Content::Text => self.read_text(reader, tracker),
            decode::Content::Parquet => self.read_parquet(reader, file, tracker),
            decode::Content::Zip => self.read_zip(reader, tracker),
            decode::Content::Tar => self.read_tar(reader, tracker),
        }
    }

    fn read_text(&mut self, reader: Box<dyn BufRead + '_>, tracker: &Rc<Tracker>) {
        let (head, reader) = table::peek(reader);
        let mappings = &self.run.options.mappings;
        let is_known = |column: &str| knows(column) || mappings.ask_for(column);
        if let Some(layout) = Layout::of(&head, &is_known) {
            if let Some(plan) = Plan::of(&layout, &head) {
                let table = Table {
                    layout,
                    plan,
                    reader,
                };
                return self.read_table(table, tracker);
            }
            let columns: Vec<&str> = layout.columns().iter().map(|(_, name)| name).collect();
            if let Some(mapping) = mappings.of_table(&columns) {
                return self.read_mapped_table(&mapping, layout, reader, tracker);
            }
            self.file.text.header = layout.columns().describe();
        }
        let limits = &self.run.options.limits;
        let mut splitter = Splitter::new(reader, limits.max_record, limits.max_depth);
        self.read_pieces(&mut splitter, tracker);
    }

    fn read_pieces<R: Read>(&mut self, splitter: &mut Splitter<R>, tracker: &Tracker) {
        let mut n_pieces = 0;
        // Taken along: what an event borrows cannot be in the worker.
        let mut memo = self.memo.take().unwrap_or_default();
        loop {
            if self.file.round == Fidelity::Original {
                self.read_together(splitter, &mut memo, tracker);
                let idle = self.idle;
                let is_interrupted = splitter.offer(
                    || idle.has_any(),
                    |offset, text| {
                        n_pieces += 1;
                        self.report_at(n_pieces, tracker);
                        self.take_quick(&mut memo, offset, text)
                    },
                );
                if is_interrupted {
                    continue;
                }
            }
            let Some(piece) = splitter.next() else {
                break;
            };
            self.take(piece);
            n_pieces += 1;
            self.report_at(n_pieces, tracker);
        }
        self.memo = Some(memo);
        self.file.text.shape = splitter.shape();
        for beginning in self.file.text.partials.take_rest() {
            self.take_line(&beginning);
        }
    }

    fn take(&mut self, piece: Piece<'_>) {
        self.file.offset = piece.offset;
        self.hold_raw(&piece);
        match piece.content {
            Content::Value(bytes, keys) => {
                let text = to_text(bytes);
                self.count_repair(&text);
                envelope::unwrap(&text, keys, self);
                self.file.note_stranger(&text);
            }
            Content::Text(bytes) => {
                // A piece of a line may end in a blank.
                let text = to_text(bytes.trim_ascii_start());
                if self.take_text(&text) {
                    self.count_repair(&text);
                }
            }
            Content::LongText => self.skip_text(SkipReason::TooLarge),
            Content::Lost(reason) => self.skip_due(reason),
        }
        self.piece = RawPiece::default();
    }

    /// Holds what is taken apart, while raw records are wanted.
    fn hold_raw(&mut self, piece: &Piece<'_>) {
        if let (Some(_), Content::Value(bytes, _) | Content::Text(bytes)) =
            (&self.run.options.raw, piece.content)
        {
            self.piece = RawPiece::of(piece.offset, bytes);
        }
    }

    /// Keeps the next record, whose text is `text`, if it is wanted as it was
    /// logged. `call` is the Vault call that it belongs to.
    fn keep_raw(&self, text: &str, call: Option<&str>) {
        let provenance = self.file.next_provenance();
        if let Some(raw) = &self.run.options.raw
            && raw.wants(provenance, call)
        {
            raw.keep(provenance, self.piece.record(text));
        }
    }

    /// Counts a text that had to be made readable.
    #[expect(clippy::ptr_arg, reason = "whether it is borrowed is the question")]
    fn count_repair(&mut self, text: &Cow<'_, str>) {
        if matches!(text, Cow::Owned(_)) && self.file.round == Fidelity::Original {
            self.account.coverage.n_repaired += 1;
        }
    }

    /// A record that was taken apart.
    fn apart(&mut self, rendering: Rendering, text: &str) {
        let mut rebuilt = rebuild::rebuild(rendering, text);
        if rebuilt == Err(SkipReason::Malformed) {
            let repaired = repair::lone_surrogates(text);
            if matches!(repaired, Cow::Owned(_)) {
                rebuilt = rebuild::rebuild(rendering, &repaired);
            }
        }
        match rebuilt {
            Ok(rebuilt) => self.rebuilt(&rebuilt),
            Err(reason) => self.skip(reason),
        }
    }

    /// A record that was put together again.
    fn rebuilt(&mut self, rebuilt: &Rebuilt) {
        self.file.flags = rebuilt.flags();
        self.record(rebuilt.source, &rebuilt.text);
        self.file.flags = Flags::none();
    }

    fn record(&mut self, source: Source, text: &str) {
        self.keep_raw(text, None);
        let mut outcome = self.parse(source, text);
        if outcome == Err(SkipReason::Malformed) {
            let repaired = repair::readable(text);
            if matches!(repaired, Cow::Owned(_)) {
                self.count_repair(&repaired);
                outcome = self.parse(source, &repaired);
            }
        }
        if matches!(outcome, Err(SkipReason::NoTime | SkipReason::UnknownType))
            && let Some(plain) = rebuild::typed::plain(text)
        {
            outcome = self.parse(source, &plain);
        }
        if let Err(reason) = outcome {
            self.skip(reason);
        }
    }

    /// Parses one native record, and uses it when it can be parsed.
    fn parse(&mut self, source: Source, text: &str) -> Result<(), SkipReason> {
        let mut context = context(self.run.options, &self.file, &mut self.notes);
        let mut event = match source {
            Source::CloudTrail => cloudtrail::parse(text, &mut context)?,
            Source::Okta => okta::parse(text, &mut context)?,
            Source::Vault => {
                let entry = vault::parse(text, &mut context)?;
                self.keep_raw(text, Some(entry.request_id()));
                self.half(entry);
                return Ok(());
            }
            // Of these there are no native records.
            Source::Generic => return Err(SkipReason::UnknownType),
        };
        self.use_record(&mut event, text);
        Ok(())
    }

    /// Uses the event that the record `text` tells.
    fn use_record(&mut self, event: &mut Event<'_>, text: &str) {
        event.flags = event.flags.with(self.file.flags);
        if let Some(claim) = self.notes.take_claim()
            && self.waits(&claim, event, text)
        {
            return;
        }
        self.parsed(event, text);
    }

    /// Reads one normalised event back, and uses it.
    fn normal(&mut self, text: &str) -> Result<(), SkipReason> {
        let mut context = context(self.run.options, &self.file, &mut self.notes);
        let event = normal::parse(text, &mut context)?;
        self.keep_raw(text, None);
        self.parsed(&event, text);
        Ok(())
    }

    /// Uses the event that one record tells.
    fn parsed(&mut self, event: &Event<'_>, text: &str) {
        self.file.count_event(event.source);
        self.account.coverage.n_records += 1;
        self.file.coverage.observe_time(event.time);
        self.use_event(event, 1, Some(text));
    }

    /// Uses an event that `n_records` records tell together.
    fn use_event(&mut self, event: &Event<'_>, n_records: u64, text: Option<&str>) {
        let told = Told {
            event,
            n_records,
            text,
            fidelity: self.file.round,
        };
        told.count(self.run, &mut self.account, &mut self.fold);
    }

    /// Skips what no parser is given, if it is its turn.
    fn skip_due(&mut self, reason: SkipReason) {
        if self.file.is_due(Fidelity::Original) {
            self.skip(reason);
        }
    }

    fn skip_text(&mut self, reason: SkipReason) {
        if self.file.is_due(Fidelity::Original) {
            self.file.skip_text(reason);
        }
    }

    fn skip(&mut self, reason: SkipReason) {
        let sample = self.file.skip(reason);
        self.account.coverage.n_records += 1;
        let tally = self.account.coverage.skipped.entry(reason).or_default();
        tally.observe(sample);
    }

    fn close_file(&mut self, input: &Input, tracker: &Rc<Tracker>) {
        let mut file = std::mem::take(&mut self.file);
        for fidelity in file.take_deferred() {
            self.run.defer(fidelity, file.number);
        }
        let halves = std::mem::take(&mut file.pairing).into_unpaired();
        self.account.settle_repeats(file.n_waiting, halves.len());
        if !halves.is_empty() {
            self.halves.push((file.number, halves));
        }
        let text_lines = file.close(tracker);
        for (reason, tally) in text_lines {
            self.account.coverage.n_records += tally.n;
            let skipped = self.account.coverage.skipped.entry(reason).or_default();
            skipped.merge(tally);
        }
        file.coverage.path = input.path.to_string_lossy().into_owned().into();
        file.coverage.n_bytes = input.n_bytes.max(tracker.n_disk());
        let number = (file.number, file.round);
        self.file = file;
        self.report(1, tracker);
        let file = std::mem::take(&mut self.file);
        self.files.push((number, file.coverage));
    }

    fn report_at(&mut self, n_pieces: u32, tracker: &Tracker) {
        if n_pieces.is_multiple_of(PIECES_PER_REPORT) {
            self.report(0, tracker);
        }
    }

    fn report(&mut self, n_files: u64, tracker: &Tracker) {
        let Some((known_bytes, known_records)) = self.file.reported else {
            return;
        };
        let n_bytes = tracker.n_disk();
        let n_records = self.file.coverage.n_records;
        self.file.reported = Some((n_bytes, n_records));
        let new_bytes = n_bytes.saturating_sub(known_bytes);
        let new_records = n_records.saturating_sub(known_records);
        self.run.advance(n_files, new_bytes, new_records);
    }
}

impl<F: Fold> Sink for Worker<'_, F> {
    fn mappings(&self) -> &Mappings {
        &self.run.options.mappings
    }

    fn room_for(&mut self, n_packed: usize) -> usize {
        let floor = self.run.options.limits.ratio_floor;
        self.file.packed.room_for(n_packed, floor)
    }

    fn note_unpacked(&mut self, n: usize) {
        self.file.packed.note(n);
    }

    fn found(&mut self, found: Found<'_>) {
        if self.file.round == Fidelity::Retold {
            return self.found_again(found);
        }
        match found {
            Found::Record(source, text) => {
                if self.file.is_due(Fidelity::Original) {
                    self.record(source, text);
                }
            }
            Found::Mapped(mapping, text) => {
                if self.file.is_due(Fidelity::Original) {
                    self.mapped(&mapping, text);
                }
            }
            Found::Skip(reason) => self.skip_due(reason),
            Found::Cut(beginning) => self.cut(beginning),
            Found::Event(text) => {
                if self.file.is_due(Fidelity::Normalised) {
                    let text = normal::nested(text);
                    if let Err(reason) = self.normal(&text) {
                        self.skip(reason);
                    }
                }
            }
            Found::Context(reason, text) => {
                if self.file.round == Fidelity::Original {
                    let record = self.file.next_provenance();
                    let trail = &mut self.account.coverage.trail;
                    cloudtrail::observe_context(reason, text, record, trail);
                }
                self.skip_due(reason);
            }
            Found::Apart(rendering, text) => {
                if self.file.is_due(rendering.fidelity()) {
                    self.apart(rendering, text);
                }
            }
        }
    }
}

/// An event that is to be used, and what tells it.
struct Told<'e, 't> {
    event: &'e Event<'t>,
    n_records: u64,
    text: Option<&'e str>,
    fidelity: Fidelity,
}

impl Told<'_, '_> {
    /// Folds the event, unless it lies outside of the windows or is known.
    fn count<F: Fold>(&self, run: &Run<'_>, account: &mut Account, fold: &mut F) {
        let event = &*located(run, self.event);
        if !run.options.span.contains(event.time) {
            account.coverage.n_out_of_window += self.n_records;
            return;
        }
        match run.dedup.observe(event, self.text, self.fidelity) {
            Novelty::New => {
                account.coverage.n_used += self.n_records;
                account.observe(event);
                fold.observe(event);
            }
            Novelty::Duplicate => {
                account.coverage.n_duplicate += self.n_records;
                fold.observe_duplicate(event);
            }
        }
    }
}

/// The event with what is known about its address.
fn located<'e, 'a>(run: &Run<'_>, event: &'e Event<'a>) -> Cow<'e, Event<'a>> {
    match &run.options.geography {
        None => Cow::Borrowed(event),
        Some(geography) => {
            let mut event = event.clone();
            geography.locate(&mut event.origin);
            Cow::Owned(event)
        }
    }
}

/// What the parsers are told about the next record of `file`.
fn context<'c>(options: &'c Options, file: &OpenFile, notes: &'c mut Notes) -> Context<'c> {
    Context {
        provenance: file.next_provenance(),
        okta_org: options.okta_org.as_deref().unwrap_or(UNNAMED_TENANT),
        vault_cluster: options.vault_cluster.as_deref().unwrap_or(UNNAMED_TENANT),
        notes,
    }
}

/// The text of a record, with U+FFFD for what is no UTF-8.
fn to_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
