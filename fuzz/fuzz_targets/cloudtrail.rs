//! One CloudTrail record.
#![no_main]

use habitual::event::Source;
use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::record(Source::CloudTrail, text));
