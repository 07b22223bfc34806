//! Archives: a file of files. Their members are only ever streamed, one after
//! the other and in the order in which they were stored; their names are labels
//! and never paths.

mod ahead;
mod tar;
mod zip;

use std::io::Read;

pub(super) use tar::{Tar, is_tar_header};
pub(super) use zip::Zip;

/// Members that are looked at in one file, those of archives inside it
/// included.
pub(super) const MAX_MEMBERS: u32 = 100_000;

/// The longest name of a member that is kept, in bytes.
const MAX_NAME: usize = 512;

/// An archive that is read from its beginning to its end. Reading delivers the
/// data of the current member.
pub(super) trait Archive: Read {
    /// Goes on to the next member, past what was not read of the current one.
    /// `None` at the end, or where the archive cannot be read further: the
    /// cause is noted in the tracker.
    fn next_member(&mut self) -> Option<Member>;
}

/// What an archive says of a member in front of its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name in the archive, as text, cut if it is long.
    pub(super) name: String,
    /// What it is.
    pub(super) kind: MemberKind,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberKind {
    /// A file, whose data can be read.
    File,
    /// A file without data.
    Empty,
    /// A folder, which has no data.
    Folder,
    /// A symbolic or hard link.
    Link,
    /// A device, a pipe, or what only this archive format knows.
    Special,
    /// A file whose data is encrypted.
    Encrypted,
    /// A file whose data is packed in a way that is not read.
    Unknown,
}

/// A member's name as text.
fn label(name: &[u8]) -> String {
    let mut label = String::from_utf8_lossy(name).into_owned();
    label.truncate(label.floor_char_boundary(MAX_NAME));
    label
}
