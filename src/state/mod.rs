//! What outlives a run: files that appear whole or not at all.

mod atomic;
pub mod baseline;
mod night;

pub use atomic::AtomicFile;
pub use night::{Acknowledgement, Alert, NightState, SeenFile, Suppression};
