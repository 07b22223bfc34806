//! What the fuzz targets call: bytes in, and a panic if anything that must
//! hold does not.
//!
//! [`files`] goes the way of a file from the disk to the fold, and so takes in
//! every format there is; the others go straight to one parser, which is faster
//! by far. None of this is part of the command: it is compiled for tests and
//! for the targets in `fuzz/` only.
//!
//! To cover another parser, add a function to [`parsers`] that calls it and
//! states what must hold of its answer, and a target of three lines. Another
//! container needs neither: seeds for the target `file` are enough.

mod check;
mod files;
mod parsers;
mod stream;
mod stride;
#[cfg(test)]
mod tests;

pub use files::{copied, file, packed};
pub use parsers::{address, line, mapped, mapping, record, time, user_agent};
pub use stream::{stream, value};

pub(super) use stride::Stride;
