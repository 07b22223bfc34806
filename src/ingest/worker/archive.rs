//! Reading an archive: each member is read as a file would be, and what goes
//! wrong with it is told under its name.

use std::io::BufRead;
use std::path::Path;
use std::rc::Rc;

use super::Worker;
use crate::event::Provenance;
use crate::ingest::archive::{Archive, MAX_MEMBERS, Member, MemberKind, Tar, Zip};
use crate::ingest::coverage::{PassReason, ProblemKind, Sample};
use crate::ingest::decode::{self, Tracker};
use crate::ingest::discover;
use crate::ingest::fidelity::Fidelity;
use crate::ingest::{Fold, Run};

/// Archives inside each other that are opened.
const MAX_DEPTH: usize = 2;

impl<F: Fold> Worker<'_, F> {
    /// Reads the zip archive `reader`.
    pub(super) fn read_zip(&mut self, reader: Box<dyn BufRead + '_>, tracker: &Rc<Tracker>) {
        let limits = &self.run.options.limits;
        let mut zip = Zip::new(reader, limits, Rc::clone(tracker));
        self.read_archive("zip", &mut zip, tracker);
    }

    /// Reads the tar archive `reader`.
    pub(super) fn read_tar(&mut self, reader: Box<dyn BufRead + '_>, tracker: &Rc<Tracker>) {
        let mut tar = Tar::new(reader, Rc::clone(tracker));
        self.read_archive("tar", &mut tar, tracker);
    }

    fn read_archive(
        &mut self,
        format: &'static str,
        archive: &mut dyn Archive,
        tracker: &Rc<Tracker>,
    ) {
        if !self.file.open_archive(format, MAX_DEPTH) {
            let detail = format!("archives inside each other more than {MAX_DEPTH} times");
            return tracker.note(ProblemKind::Unsupported, detail);
        }
        while !tracker.is_exhausted()
            && let Some(member) = archive.next_member()
        {
            self.file.n_members = self.file.n_members.saturating_add(1);
            if self.file.n_members > MAX_MEMBERS {
                let detail = format!("an archive of more than {MAX_MEMBERS} members");
                tracker.note(ProblemKind::TooLarge, detail);
                break;
            }
            match reason_against(&member, self.run) {
                Some(reason) => self.pass_over(reason, &member.name),
                None if member.kind == MemberKind::Folder => {}
                None => self.read_member(&member, archive, tracker),
            }
        }
        self.file.close_archive();
    }

    fn read_member(&mut self, member: &Member, archive: &mut dyn Archive, tracker: &Rc<Tracker>) {
        self.file.begin_member(&member.name, tracker);
        let limits = &self.run.options.limits;
        let opened = decode::open_member(Box::new(archive), limits, tracker);
        self.read_opened(opened, None, tracker);
        self.file.end_member(tracker);
    }

    /// Counts a member that is not input, once however often the archive is
    /// read.
    fn pass_over(&mut self, reason: PassReason, name: &str) {
        if self.file.round > Fidelity::Original {
            return;
        }
        let archive = self.run.input(self.file.number);
        let archive = archive.map(|input| input.path.to_string_lossy());
        let path = self.file.member_path(name);
        let detail = format!("{}!{path}", archive.unwrap_or_default());
        let tally = self.account.coverage.passed_over.entry(reason).or_default();
        tally.observe(Sample {
            provenance: Provenance::default(),
            detail: discover::clipped(&detail),
        });
        if matches!(reason, PassReason::Encrypted | PassReason::UnknownPacking) {
            self.file.n_sealed = self.file.n_sealed.saturating_add(1);
        }
    }
}

/// Why `member` is no input.
fn reason_against(member: &Member, run: &Run<'_>) -> Option<PassReason> {
    let path = Path::new(&member.name);
    match member.kind {
        MemberKind::Folder => None,
        MemberKind::Link => Some(PassReason::Symlink),
        MemberKind::Special => Some(PassReason::NotAFile),
        MemberKind::File | MemberKind::Empty | MemberKind::Encrypted | MemberKind::Unknown => {
            let by_name = discover::pass_reason(path);
            by_name.or_else(|| reason_by_kind(member.kind)).or_else(|| {
                let is_elsewhen = run.options.selection.is_elsewhen(path);
                is_elsewhen.then_some(PassReason::OtherDate)
            })
        }
    }
}

fn reason_by_kind(kind: MemberKind) -> Option<PassReason> {
    match kind {
        MemberKind::Empty => Some(PassReason::Empty),
        MemberKind::Encrypted => Some(PassReason::Encrypted),
        MemberKind::Unknown => Some(PassReason::UnknownPacking),
        MemberKind::File | MemberKind::Folder | MemberKind::Link | MemberKind::Special => None,
    }
}
