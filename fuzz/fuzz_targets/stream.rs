//! Where records begin and end, against another JSON parser.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::stream(bytes));
