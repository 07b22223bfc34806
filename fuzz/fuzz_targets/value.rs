//! The parts of one JSON value, against another JSON parser.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::value(text));
