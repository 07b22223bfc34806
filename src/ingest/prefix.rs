//! Log lines with something in front of their JSON: syslog headers, container
//! time stamps, a configured audit prefix, octet counts.

use super::envelope::{is_wrapper, recognise};
use super::keys::Keys;
use super::structure::delimit;

/// How many braces of a line may lead nowhere before its rest is taken for plain
/// text. Each may cost a look at the whole line, so they are few.
const MAX_TRIES: u8 = 3;

/// Calls `take` with each record or wrapper on `line`. False when there is none.
pub(super) fn read(line: &str, take: &mut dyn FnMut(&str, Keys)) -> bool {
    let mut is_found = false;
    let mut rest = line;
    let mut tries = 0;
    while let Some(brace) = rest.find('{').filter(|_| tries < MAX_TRIES) {
        let candidate = rest.get(brace..).unwrap_or_default();
        rest = match whole_object(candidate) {
            Some((object, keys, tail)) => {
                take(object, keys);
                is_found = true;
                tail
            }
            None => {
                tries += 1;
                candidate.get(1..).unwrap_or_default()
            }
        };
    }
    is_found
}

/// The object that `text` begins with, if it is of a known kind, and what
/// follows it.
fn whole_object(text: &str) -> Option<(&str, Keys, &str)> {
    let (n, keys) = delimit(text.as_bytes())?;
    let (object, tail) = text.split_at_checked(n)?;
    let is_known = recognise(object, keys).is_some() || is_wrapper(object, keys);
    is_known.then_some((object, keys, tail))
}

/// Whether `line` holds the beginning of a record that was cut off.
pub(super) fn is_cut_record(line: &str) -> bool {
    line.find("{\"")
        .and_then(|brace| line.get(brace..))
        .is_some_and(|text| CUT_RECORDS.iter().any(|start| text.starts_with(start)))
}

/// How records of the three products begin when they are relayed by syslog.
const CUT_RECORDS: [&str; 5] = [
    "{\"time\":",
    "{\"eventVersion\":",
    "{\"actor\":",
    "{\"type\":\"re",
    "{\"auth\":",
];

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{"time":"t","type":"request","request":{"id":"1"}}"#;

    #[track_caller]
    fn assert_records(line: &str, expected: usize) {
        let mut n = 0;
        let is_found = read(line, &mut |text, _| {
            assert_eq!(text, ENTRY);
            n += 1;
        });
        assert_eq!((n, is_found), (expected, expected > 0), "{line}");
    }

    #[test]
    fn every_known_prefix_is_passed() {
        for prefix in [
            "<13>Nov 21 04:40:24 vault-0 vault[812]: ",
            "<86>1 2026-11-21T04:40:24.120Z vault-0 vault 812 - - ",
            "@cee: ",
            "2026-11-21T04:40:24.120Z ",
            "2026-11-21T04:40:24.120Z stdout F ",
            "000001a4 ",
            "cfg={} tags={\"a\":1} ",
        ] {
            assert_records(&format!("{prefix}{ENTRY}"), 1);
        }
    }

    #[test]
    fn frames_run_together_come_apart() {
        assert_records(&format!("57 <13>1 - {ENTRY}57 <13>1 - {ENTRY}"), 2);
    }

    #[test]
    fn text_with_braces_is_text() {
        assert_records("core: loaded {plugins} {\"a\":1}", 0);
        assert_records("{{{{{{", 0);
        let cut = ENTRY.get(..30).unwrap_or_default();
        assert_records(cut, 0);
        assert!(is_cut_record(&format!("<13>x {cut}")));
        assert!(!is_cut_record("map[a:{\"b\":1}"));
    }
}
