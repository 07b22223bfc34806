//! Decompresses every `.gz` file below a folder and does nothing with it: the
//! floor under every program that reads them.
//!
//! `gunzip FOLDER THREADS`: libdeflater on whole files, the largest first, in
//! buffers that are used again; prints how many bytes came out.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use libdeflater::{DecompressionError, Decompressor};

fn main() -> Result<()> {
    let usage = "gunzip FOLDER THREADS";
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context(usage)?;
    let threads: usize = arguments.next().context(usage)?.parse()?;
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files)?;
    files.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let (next, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| work(&files, &next, &bytes)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .map_err(|_| anyhow::anyhow!("a thread failed"))?
        })
    })?;
    println!("{}", bytes.into_inner());
    Ok(())
}

/// Sizes and paths of the `.gz` files below `folder`.
fn collect(folder: &Path, files: &mut Vec<(u64, PathBuf)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "gz")
        {
            files.push((entry.metadata()?.len(), entry.path()));
        }
    }
    Ok(())
}

fn work(files: &[(u64, PathBuf)], next: &AtomicUsize, bytes: &AtomicU64) -> Result<()> {
    let mut decompressor = Decompressor::new();
    let (mut packed, mut plain) = (Vec::new(), Vec::new());
    while let Some((_, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        packed.clear();
        fs::File::open(path)?.read_to_end(&mut packed)?;
        // The trailer says how much will come out, modulo 4 GiB.
        let trailer = packed.last_chunk().context("not gzip")?;
        let mut wanted = u32::from_le_bytes(*trailer) as usize;
        let written = loop {
            if plain.len() < wanted {
                plain.resize(wanted, 0);
            }
            match decompressor.gzip_decompress(&packed, &mut plain) {
                Err(DecompressionError::InsufficientSpace) => wanted = plain.len() * 2 + 1,
                other => break other.with_context(|| path.display().to_string())?,
            }
        };
        bytes.fetch_add(written as u64, Ordering::Relaxed);
    }
    Ok(())
}
