//! Options: what is asked for on the command line.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// What the records are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As S3 holds them, gzipped, with Okta and Vault beside them.
    Many,
    /// The CloudTrail files, not gzipped.
    ManyPlain,
    /// One `{"Records":[…]}` of all records.
    SingleRecords,
    /// One file, a record a line.
    SingleJsonl,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder to write into.
    pub out: PathBuf,
    /// Size of the CloudTrail part when decoded.
    pub megabytes: u64,
    /// Where chance comes from.
    pub seed: u64,
    /// What the records are written as.
    pub shape: Shape,
    /// How many threads write.
    pub threads: usize,
}

const USAGE: &str = "habitual-bench FOLDER [--megabytes N] [--seed N] [--threads N] [--shape many|many-plain|single-records|single-jsonl]";

impl Options {
    /// Reads the arguments after the program's name.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            out: PathBuf::from(arguments.next().context(USAGE)?),
            megabytes: 2_008,
            seed: 1,
            shape: Shape::Many,
            threads: 2,
        };
        while let Some(flag) = arguments.next() {
            let value = arguments
                .next()
                .with_context(|| format!("{flag} needs a value"))?;
            match flag.as_str() {
                "--megabytes" => options.megabytes = value.parse()?,
                "--seed" => options.seed = value.parse()?,
                "--threads" => options.threads = value.parse()?,
                "--shape" => options.shape = shape(&value)?,
                _ => bail!("no flag is called {flag}; {USAGE}"),
            }
        }
        Ok(options)
    }
}

fn shape(name: &str) -> Result<Shape> {
    Ok(match name {
        "many" => Shape::Many,
        "many-plain" => Shape::ManyPlain,
        "single-records" => Shape::SingleRecords,
        "single-jsonl" => Shape::SingleJsonl,
        _ => bail!("no shape is called {name}; {USAGE}"),
    })
}
