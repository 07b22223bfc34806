//! One record of another product, through every mapping that comes built in.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::mapped(text));
