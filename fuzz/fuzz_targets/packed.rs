//! A file, plain and compressed.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::packed(bytes));
