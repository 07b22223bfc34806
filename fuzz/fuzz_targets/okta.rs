//! One record of the Okta System Log.
#![no_main]

use habitual::event::Source;
use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::record(Source::Okta, text));
