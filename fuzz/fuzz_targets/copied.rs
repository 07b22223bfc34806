//! A file and its copy.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::copied(bytes));
