//! A mapping file and, behind a line of three dashes, a record.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::mapping(text));
