//! Log lines with something in front of their JSON: syslog headers, container
//! time stamps, a configured audit prefix, octet counts.

use super::envelope::{is_wrapper, recognise};
use super::keys::Keys;
use super::members::string;
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

/// Calls `take` with the record in the text that `line` quotes, as loggers of keys
/// and values write it: `level=info msg="{\"time\":…}"`. False when there is none.
pub(super) fn read_quoted(line: &str, take: &mut dyn FnMut(&str, Keys)) -> bool {
    let quoted = || {
        let quoted = line.get(line.find("\"{\\\"")?..)?;
        let (n, _) = delimit(quoted.as_bytes())?;
        string(quoted.get(..n)?)
    };
    quoted().is_some_and(|content| read(&content, take))
}

/// The object that `text` begins with, if it is of a known kind, and what
/// follows it.
fn whole_object(text: &str) -> Option<(&str, Keys, &str)> {
    let (n, keys) = delimit(text.as_bytes())?;
    let (object, tail) = text.split_at_checked(n)?;
    let is_known = recognise(object, keys).is_some() || is_wrapper(object, keys);
    is_known.then_some((object, keys, tail))
}

/// The beginning of a record that was cut off, if `line` holds one.
pub(super) fn cut_record(line: &str) -> Option<&str> {
    let beginning = line.find("{\"").and_then(|brace| line.get(brace..))?;
    let is_record = CUT_RECORDS.iter().any(|start| beginning.starts_with(start));
    is_record.then_some(beginning)
}

/// A line as a container runtime (CRI) writes it: `<time> <stream> <P|F> <text>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContainerLine<'t> {
    is_error_stream: bool,
    /// The program's line goes on in the next line of this stream.
    is_partial: bool,
    text: &'t str,
}

impl<'t> ContainerLine<'t> {
    /// Takes `line` apart, if it is of that form.
    pub(super) fn of(line: &'t str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let (time, stream, tags) = (words.next()?, words.next()?, words.next()?);
        let is_error_stream = match stream {
            "stdout" => false,
            "stderr" => true,
            _ => return None,
        };
        let is_partial = match tags.split(':').next()? {
            "P" => true,
            "F" => false,
            _ => return None,
        };
        let is_time = time.starts_with(|c: char| c.is_ascii_digit()) && time.contains('T');
        is_time.then_some(Self {
            is_error_stream,
            is_partial,
            text: words.next().unwrap_or_default(),
        })
    }
}

/// The beginnings of lines that a container runtime broke in pieces, by stream.
#[derive(Debug, Default)]
pub(super) struct Partials {
    beginnings: [Option<String>; 2],
}

/// What a piece of a line comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// The line was whole by itself.
    Alone,
    /// More of it is to come.
    Waiting,
    /// The whole line.
    Whole(String),
    /// The whole line is longer than the limit.
    TooLong,
}

impl Partials {
    /// Takes the next line of its stream. At most `max` bytes are joined; a
    /// longer line is passed over to its end.
    pub(super) fn join(&mut self, line: ContainerLine<'_>, max: usize) -> Joined {
        let Some(slot) = self.beginnings.get_mut(usize::from(line.is_error_stream)) else {
            return Joined::Alone;
        };
        if slot.is_none() && !line.is_partial {
            return Joined::Alone;
        }
        let beginning = slot.get_or_insert_default();
        if beginning.len() <= max {
            beginning.push_str(line.text);
        }
        if line.is_partial {
            return Joined::Waiting;
        }
        match slot.take() {
            Some(whole) if whole.len() <= max => Joined::Whole(whole),
            _ => Joined::TooLong,
        }
    }

    /// The beginnings whose ends never came.
    pub(super) fn take_rest(&mut self) -> Vec<String> {
        let rest = std::mem::take(&mut self.beginnings);
        rest.into_iter().flatten().collect()
    }
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
    fn quoted_records_are_read() {
        let quoted = serde_json::Value::from(ENTRY).to_string();
        let is_read = |line: &str| read_quoted(line, &mut |text, _| assert_eq!(text, ENTRY));
        assert!(is_read(&format!("level=info msg={quoted} n=1")));
        for line in ["msg=\"{\\\"a\\\":1}\"", "msg=\"{\\\"a", "msg=\"x\""] {
            assert!(!is_read(line), "{line}");
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
        assert_eq!(cut_record(&format!("<13>x {cut}")), Some(cut));
        assert_eq!(cut_record("map[a:{\"b\":1}"), None);
    }

    fn join(partials: &mut Partials, line: &str) -> Joined {
        let line = ContainerLine::of(line).map(|line| partials.join(line, 8));
        line.unwrap_or(Joined::Alone)
    }

    #[test]
    fn pieces_of_a_container_line_are_joined_by_stream() {
        let mut partials = Partials::default();
        let t = "2026-11-21T04:40:24.120Z";
        assert_eq!(
            join(&mut partials, &format!("{t} stdout F whole")),
            Joined::Alone
        );
        assert_eq!(
            join(&mut partials, &format!("{t} stdout P ab ")),
            Joined::Waiting
        );
        assert_eq!(
            join(&mut partials, &format!("{t} stderr F other")),
            Joined::Alone
        );
        assert_eq!(
            join(&mut partials, &format!("{t} stdout P c")),
            Joined::Waiting
        );
        let whole = join(&mut partials, &format!("{t} stdout F d"));
        assert_eq!(whole, Joined::Whole("ab cd".into()));
        assert_eq!(
            join(&mut partials, &format!("{t} stdout F d")),
            Joined::Alone
        );
        for piece in ["12345", "6789", "0"] {
            assert_eq!(
                join(&mut partials, &format!("{t} stdout P {piece}")),
                Joined::Waiting
            );
        }
        assert_eq!(
            join(&mut partials, &format!("{t} stdout F ")),
            Joined::TooLong
        );
        assert_eq!(
            join(&mut partials, &format!("{t} stderr P x")),
            Joined::Waiting
        );
        assert_eq!(partials.take_rest(), ["x"]);
        assert_eq!(partials.take_rest(), [""; 0]);
    }

    #[test]
    fn other_lines_are_no_container_lines() {
        for line in [
            "",
            "stdout P x",
            "2026 stdout P x",
            "2026-11-21T04:40:24Z stdout X x",
        ] {
            assert_eq!(ContainerLine::of(line), None, "{line}");
        }
    }
}
