//! One user agent.
#![no_main]

use habitual::ingest::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::user_agent(text));
