//! Tar, of all its generations: v7, ustar, GNU and pax.

use std::io::{self, BufRead, Read};
use std::rc::Rc;

use ::tar::{EntryType, Header, PaxExtensions};

use super::{Archive, Member, MemberKind, label};
use crate::ingest::coverage::ProblemKind;
use crate::ingest::decode::Tracker;

const BLOCK_BYTES: usize = 512;

/// The longest name or set of attributes in front of a member; real ones are
/// paths.
const MAX_EXTENSION: u64 = 64 << 10;

/// A tar archive.
pub(in crate::ingest) struct Tar<R> {
    reader: R,
    tracker: Rc<Tracker>,
    /// Bytes of the current member that were not read.
    n_left: u64,
    /// Bytes that fill up its last block.
    n_padding: u64,
}

/// What the headers in front of a member's own say of it.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    n_bytes: Option<u64>,
}

impl<R: BufRead> Tar<R> {
    /// The archive that `reader` begins with.
    pub(in crate::ingest) fn new(reader: R, tracker: Rc<Tracker>) -> Self {
        Self {
            reader,
            tracker,
            n_left: 0,
            n_padding: 0,
        }
    }

    /// The next header; `None` at the end.
    fn next_header(&mut self) -> io::Result<Option<Header>> {
        let rest = self.n_left.saturating_add(self.n_padding);
        if rest > 0 {
            let n = io::copy(&mut (&mut self.reader).take(rest), &mut io::sink())?;
            if n < rest {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        (self.n_left, self.n_padding) = (0, 0);
        if self.reader.fill_buf()?.is_empty() {
            // Not every writer leaves two empty blocks at the end.
            return Ok(None);
        }
        let mut block = [0; BLOCK_BYTES];
        self.reader.read_exact(&mut block)?;
        if block == [0; BLOCK_BYTES] {
            return Ok(None);
        }
        if !is_tar_header(&block) {
            return Err(io::Error::other("no tar header where one should be"));
        }
        let header = Header::from_byte_slice(&block).clone();
        self.expect(header.entry_size()?);
        Ok(Some(header))
    }

    /// So many bytes follow.
    fn expect(&mut self, n_bytes: u64) {
        self.n_left = n_bytes;
        let beyond = n_bytes % BLOCK_BYTES as u64;
        self.n_padding = (BLOCK_BYTES as u64 - beyond) % BLOCK_BYTES as u64;
    }

    fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extension = Extension::default();
        while let Some(header) = self.next_header()? {
            match header.entry_type() {
                EntryType::GNULongName => {
                    let mut name = self.extension()?;
                    let end = name.iter().position(|byte| *byte == 0);
                    name.truncate(end.unwrap_or(name.len()));
                    extension.name = Some(name);
                }
                EntryType::XHeader => extension.read_pax(&self.extension()?),
                EntryType::GNULongLink | EntryType::XGlobalHeader => {}
                kind => {
                    if let Some(n_bytes) = extension.n_bytes {
                        self.expect(n_bytes);
                    }
                    let name = extension.name.unwrap_or_else(|| header.path_bytes().into());
                    return Ok(Some(Member {
                        name: label(&name),
                        kind: self.kind(kind, &name),
                    }));
                }
            }
        }
        Ok(None)
    }

    /// The data of a header that describes the next member.
    fn extension(&mut self) -> io::Result<Vec<u8>> {
        if self.n_left > MAX_EXTENSION {
            return Err(io::Error::other("the name of a member is too long"));
        }
        let mut data = Vec::new();
        self.read_to_end(&mut data)?;
        Ok(data)
    }

    fn kind(&self, kind: EntryType, name: &[u8]) -> MemberKind {
        match kind {
            EntryType::Regular | EntryType::Continuous if name.ends_with(b"/") => {
                // So v7 marks folders.
                MemberKind::Folder
            }
            EntryType::Regular | EntryType::Continuous if self.n_left == 0 => MemberKind::Empty,
            EntryType::Regular | EntryType::Continuous => MemberKind::File,
            EntryType::Directory => MemberKind::Folder,
            EntryType::Link | EntryType::Symlink => MemberKind::Link,
            EntryType::GNUSparse => MemberKind::Unknown,
            _ => MemberKind::Special,
        }
    }
}

impl Extension {
    fn read_pax(&mut self, data: &[u8]) {
        for record in PaxExtensions::new(data).filter_map(Result::ok) {
            match record.key_bytes() {
                b"path" => self.name = Some(record.value_bytes().to_vec()),
                b"size" => self.n_bytes = record.value().ok().and_then(|size| size.parse().ok()),
                _ => {}
            }
        }
    }
}

impl<R: BufRead> Archive for Tar<R> {
    fn next_member(&mut self) -> Option<Member> {
        match self.next() {
            Ok(member) => member,
            Err(_) if self.tracker.is_exhausted() => None,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let what = "the tar archive ends early";
                self.tracker.note_here(ProblemKind::Truncated, what);
                None
            }
            Err(error) => {
                let what = format!("damaged tar archive: {error}");
                self.tracker.note_here(ProblemKind::Corrupt, &what);
                None
            }
        }
    }
}

impl<R: BufRead> Read for Tar<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = (&mut self.reader).take(self.n_left).read(out)?;
        self.n_left = self.n_left.saturating_sub(n as u64);
        Ok(n)
    }
}

/// Whether `head` begins with the header of a tar member: its checksum is
/// right, which no text comes to by chance or by an attacker's writing.
pub(in crate::ingest) fn is_tar_header(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK_BYTES>() else {
        return false;
    };
    let header = Header::from_byte_slice(block);
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            148..156 => u32::from(b' '),
            _ => u32::from(*byte),
        })
        .sum();
    header.cksum().is_ok_and(|expected| expected == sum)
}
