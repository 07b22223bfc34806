//! The checksum of a file, byte for byte as it lies there.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Bytes read at once.
const CHUNK: usize = 1 << 16;

/// The length of the file at `path` and its SHA-256 in hexadecimal digits;
/// `None` if what lies there is no ordinary file.
///
/// # Errors
///
/// When it cannot be opened or read.
pub fn sha256_of(path: &Path) -> io::Result<Option<(u64, String)>> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut n_bytes = 0_u64;
    loop {
        let n = file.read(&mut chunk)?;
        let Some(read) = chunk.get(..n).filter(|read| !read.is_empty()) else {
            break;
        };
        hash.update(read);
        n_bytes = n_bytes.saturating_add(u64::try_from(n).unwrap_or_default());
    }
    let digits = hash.finalize();
    let digits = digits.iter().map(|byte| format!("{byte:02x}"));
    Ok(Some((n_bytes, digits.collect())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-4, the example of one block.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(&path).unwrap(), Some((3, expected.to_owned())));
        assert_eq!(sha256_of(folder.path()).unwrap(), None);
        assert!(sha256_of(&folder.path().join("missing")).is_err());
    }
}
