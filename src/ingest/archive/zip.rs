//! Zip, read from the front: each member has a header of its own, and the
//! directory at the end, which pipes do not reach in time, adds nothing that is
//! needed here.

use std::io::{self, BufRead, Read};
use std::rc::Rc;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::ahead::Ahead;
use super::{Archive, Member, MemberKind, label};
use crate::ingest::Limits;
use crate::ingest::coverage::ProblemKind;
use crate::ingest::decode::Tracker;

const MEMBER: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Signatures of what follows the last member: the directory and what may
/// stand around it.
const DIRECTORY: [[u8; 4]; 4] = [
    *b"PK\x01\x02",
    *b"PK\x05\x06",
    *b"PK\x06\x06",
    *b"PK\x06\x08",
];

const IS_ENCRYPTED: u16 = 1;
const HAS_DESCRIPTOR: u16 = 1 << 3;
/// How far is looked ahead for the end of a member that does not tell its size.
const LOOKAHEAD_BYTES: usize = 16 * 1024;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Key of the extra field with sizes of 64 bits, and what the header holds
/// instead.
const ZIP64: u16 = 1;
const IN_ZIP64: u32 = u32::MAX;

/// A zip archive.
pub(in crate::ingest) struct Zip<R> {
    reader: Ahead<R>,
    limits: Limits,
    tracker: Rc<Tracker>,
    current: Data,
}

/// The data of the current member.
struct Data {
    packing: Packing,
    /// Packed bytes that were not read, if the header tells.
    n_left: Option<u64>,
    /// The checksum, if the header tells.
    checksum: Option<u32>,
    sum: Crc,
    n_packed: u64,
    is_zip64: bool,
    /// Whether everything was delivered.
    has_ended: bool,
}

enum Packing {
    Stored,
    /// Stored until a descriptor fits what was read.
    Open,
    Deflated(Box<Decompress>),
    /// Not read.
    Sealed,
}

/// The fixed part of a member's header, behind its signature.
struct Fixed {
    flags: u16,
    method: u16,
    checksum: u32,
    n_packed: u32,
    n_bytes: u32,
    name_bytes: u16,
    extra_bytes: u16,
}

impl Fixed {
    const BYTES: usize = 26;

    fn read(reader: &mut impl Read) -> io::Result<Self> {
        let mut bytes = [0; Self::BYTES];
        reader.read_exact(&mut bytes)?;
        let short = |at: usize| u16::from_le_bytes(part(&bytes, at));
        let long = |at: usize| u32::from_le_bytes(part(&bytes, at));
        Ok(Self {
            flags: short(2),
            method: short(4),
            checksum: long(10),
            n_packed: long(14),
            n_bytes: long(18),
            name_bytes: short(22),
            extra_bytes: short(24),
        })
    }

    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// The `N` bytes at `at`, zeros where there are none.
fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or([0; N])
}

impl<R: BufRead> Zip<R> {
    /// The archive that `reader` begins with.
    pub(in crate::ingest) fn new(reader: R, limits: &Limits, tracker: Rc<Tracker>) -> Self {
        Self {
            reader: Ahead::new(reader),
            limits: *limits,
            tracker,
            current: Data::default(),
        }
    }

    fn next(&mut self) -> io::Result<Option<Member>> {
        self.finish_member()?;
        if self.reader.fill_buf()?.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut signature = [0; 4];
        self.reader.read_exact(&mut signature)?;
        if DIRECTORY.contains(&signature) {
            return Ok(None);
        }
        if signature != MEMBER {
            return Err(io::Error::other("no member where one should be"));
        }
        let fixed = Fixed::read(&mut self.reader)?;
        let name = self.take(fixed.name_bytes)?;
        let extra = self.take(fixed.extra_bytes)?;
        let zip64 = zip64_field(&extra);
        self.current = Data::of(&fixed, zip64);
        Ok(Some(Member {
            kind: kind(&fixed, &name),
            name: label(&name),
        }))
    }

    fn take(&mut self, n: u16) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::from(n)];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Goes to the end of the current member, and of what describes it there.
    fn finish_member(&mut self) -> io::Result<()> {
        match (self.current.n_left, &self.current.packing) {
            (Some(n_left), _) => {
                let n = io::copy(&mut (&mut self.reader).take(n_left), &mut io::sink())?;
                self.current.n_left = Some(0);
                if n < n_left {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(())
            }
            (None, Packing::Deflated(_) | Packing::Open) => {
                io::copy(&mut *self, &mut io::sink())?;
                if self.current.has_ended {
                    return self.skip_descriptor();
                }
                Err(io::Error::other("a member does not end"))
            }
            (None, Packing::Stored | Packing::Sealed) => {
                Err(io::Error::other("the end of a member is unknown"))
            }
        }
    }

    /// Checksum and sizes, with or without a signature.
    fn skip_descriptor(&mut self) -> io::Result<()> {
        let mut first = [0; 4];
        self.reader.read_exact(&mut first)?;
        if first == DESCRIPTOR {
            self.reader.read_exact(&mut first)?;
        }
        let is_long = self.current.is_zip64 || self.current.n_packed > u64::from(u32::MAX);
        self.take(if is_long { 16 } else { 8 })?;
        if u32::from_le_bytes(first) == self.current.sum.sum() {
            return Ok(());
        }
        self.note_checksum();
        Ok(())
    }

    fn note_checksum(&self) {
        let what = "the checksum of a zip member is wrong";
        self.tracker.note_here(ProblemKind::Corrupt, what);
    }

    /// Ends the member where its data ends.
    fn end(&mut self) {
        self.current.has_ended = true;
        let sum = self.current.sum.sum();
        if self
            .current
            .checksum
            .is_some_and(|expected| expected != sum)
        {
            self.note_checksum();
        }
    }

    fn read_stored(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n_left = self.current.n_left.unwrap_or(0);
        let n = (&mut self.reader).take(n_left).read(out)?;
        self.current
            .count(n as u64, out.get(..n).unwrap_or_default());
        match (n, n_left) {
            (0, 0) => self.end(),
            (0, _) => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
        Ok(n)
    }

    /// Reads up to the next descriptor, or what looks like one. Whether it is
    /// one, its own checksum and sizes tell.
    fn read_open(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ahead = self.reader.look(LOOKAHEAD_BYTES)?;
        if self.current.is_described_by(ahead) {
            self.end();
            return Ok(0);
        }
        // What is in front of the next signature, or of half of one at the end.
        let next = memchr::memmem::find(ahead.get(1..).unwrap_or_default(), &DESCRIPTOR);
        let n = next.map_or(ahead.len().saturating_sub(DESCRIPTOR.len()), |at| at + 1);
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let n = n.min(out.len());
        let room = out.get_mut(..n).unwrap_or_default();
        self.reader.read_exact(room)?;
        self.current.count(n as u64, room);
        Ok(n)
    }

    fn read_deflated(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let Packing::Deflated(inflate) = &mut self.current.packing else {
                return Ok(0);
            };
            let input = self.reader.fill_buf()?;
            let most = self.current.n_left.unwrap_or(u64::MAX);
            let n_input = usize::try_from(most).map_or(input.len(), |most| most.min(input.len()));
            let input = input.get(..n_input).unwrap_or_default();
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let status = inflate.decompress(input, out, FlushDecompress::None);
            let n_read = inflate.total_in().saturating_sub(read);
            let n = usize::try_from(inflate.total_out().saturating_sub(written));
            let n = n.unwrap_or_default();
            self.reader
                .consume(usize::try_from(n_read).unwrap_or_default());
            self.current.count(n_read, out.get(..n).unwrap_or_default());
            self.tracker.count_unpacked(n);
            match status {
                Ok(Status::StreamEnd) => self.end(),
                Ok(_) if n == 0 && n_input == 0 => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(_) if n == 0 => continue,
                Ok(_) => {}
                // What was unpacked before the damage counts; the next call meets it again.
                Err(_) if n > 0 => {}
                Err(_) => return Err(io::Error::other("it cannot be inflated")),
            }
            return Ok(n);
        }
    }

    fn fail(&mut self, error: &io::Error) {
        self.current.packing = Packing::Sealed;
        let what = if error.kind() == io::ErrorKind::UnexpectedEof {
            "the data of a zip member ends early".to_owned()
        } else {
            format!("damaged zip member: {error}")
        };
        let kind = match error.kind() {
            io::ErrorKind::UnexpectedEof => ProblemKind::Truncated,
            _ => ProblemKind::Corrupt,
        };
        self.tracker.note_here(kind, &what);
    }
}

impl Default for Data {
    /// No data, in front of the first member.
    fn default() -> Self {
        Self {
            packing: Packing::Sealed,
            n_left: Some(0),
            checksum: None,
            sum: Crc::new(),
            n_packed: 0,
            is_zip64: false,
            has_ended: true,
        }
    }
}

impl Data {
    fn of(fixed: &Fixed, zip64: Option<&[u8]>) -> Self {
        let is_described = fixed.has(HAS_DESCRIPTOR) && fixed.n_packed == 0;
        // The uncompressed size comes first where both are in the extra field.
        let at = if fixed.n_bytes == IN_ZIP64 { 8 } else { 0 };
        let n_packed = match zip64 {
            Some(extra) if fixed.n_packed == IN_ZIP64 => u64::from_le_bytes(part(extra, at)),
            _ => u64::from(fixed.n_packed),
        };
        let packing = match fixed.method {
            _ if fixed.has(IS_ENCRYPTED) => Packing::Sealed,
            STORED if is_described => Packing::Open,
            STORED => Packing::Stored,
            DEFLATED => Packing::Deflated(Box::new(Decompress::new(false))),
            _ => Packing::Sealed,
        };
        Self {
            packing,
            n_left: (!is_described && n_packed != u64::MAX).then_some(n_packed),
            checksum: (!is_described).then_some(fixed.checksum),
            is_zip64: zip64.is_some(),
            has_ended: false,
            ..Self::default()
        }
    }

    /// Whether `bytes` begin with a descriptor of all that was delivered.
    fn is_described_by(&self, bytes: &[u8]) -> bool {
        let checksum = u32::from_le_bytes(part(bytes, 4));
        let short = u64::from(u32::from_le_bytes(part(bytes, 8)));
        let long = u64::from_le_bytes(part(bytes, 8));
        bytes.starts_with(&DESCRIPTOR)
            && checksum == self.sum.sum()
            && (short == self.n_packed || long == self.n_packed)
    }

    fn count(&mut self, n_read: u64, delivered: &[u8]) {
        self.n_packed = self.n_packed.saturating_add(n_read);
        self.n_left = self.n_left.map(|n_left| n_left.saturating_sub(n_read));
        self.sum.update(delivered);
    }
}

impl<R: BufRead> Archive for Zip<R> {
    fn next_member(&mut self) -> Option<Member> {
        match self.next() {
            Ok(member) => member,
            Err(_) if self.tracker.is_exhausted() => None,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let what = "the zip archive ends early";
                self.tracker.note_here(ProblemKind::Truncated, what);
                None
            }
            Err(error) => {
                let what = format!("damaged zip archive: {error}");
                self.tracker.note_here(ProblemKind::Corrupt, &what);
                None
            }
        }
    }
}

impl<R: BufRead> Read for Zip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.current.has_ended || !self.tracker.may_unpack(&self.limits) {
            return Ok(0);
        }
        let outcome = match self.current.packing {
            Packing::Stored => self.read_stored(out),
            Packing::Open => self.read_open(out),
            Packing::Deflated(_) => self.read_deflated(out),
            Packing::Sealed => Ok(0),
        };
        outcome.or_else(|error| {
            self.fail(&error);
            Ok(0)
        })
    }
}

fn kind(fixed: &Fixed, name: &[u8]) -> MemberKind {
    let is_told = !fixed.has(HAS_DESCRIPTOR) || fixed.n_packed > 0;
    match fixed.method {
        _ if name.ends_with(b"/") => MemberKind::Folder,
        _ if fixed.has(IS_ENCRYPTED) => MemberKind::Encrypted,
        STORED | DEFLATED if is_told && fixed.n_bytes == 0 => MemberKind::Empty,
        STORED | DEFLATED => MemberKind::File,
        _ => MemberKind::Unknown,
    }
}

/// The content of the extra field with sizes of 64 bits.
fn zip64_field(mut extra: &[u8]) -> Option<&[u8]> {
    while let Some((&[a, b, c, d], rest)) = extra.split_first_chunk() {
        let (field, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([c, d])))?;
        if u16::from_le_bytes([a, b]) == ZIP64 {
            return Some(field);
        }
        extra = rest;
    }
    None
}
