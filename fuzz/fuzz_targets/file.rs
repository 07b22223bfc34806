//! A whole file, on the way that every file goes.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::file(bytes));
