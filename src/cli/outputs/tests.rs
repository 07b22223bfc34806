#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use clap::Parser;

use super::*;
use crate::cli::terminal::{Environment, Stream, TerminalArgs};

/// The flags alone, through the parser that users meet.
#[derive(Debug, Parser)]
struct Typed {
    #[command(flatten)]
    outputs: OutputArgs<Anything>,
}

#[derive(Clone, Debug)]
struct Anything;

impl Offer for Anything {
    const FORMATS: &'static [Format] = &Format::ALL;
}

fn typed(flags: &str) -> Result<Vec<Output>, UsageError> {
    let words = std::iter::once("habitual").chain(flags.split_whitespace());
    Typed::try_parse_from(words).unwrap().outputs.resolve()
}

fn show(outputs: &[Output]) -> String {
    let words = outputs.iter().map(|output| {
        let place = match &output.destination {
            Destination::Stdout => "-".to_owned(),
            Destination::File(path) => path.display().to_string(),
        };
        format!("{}>{place}", output.format.name())
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn pairs(flags: &str, expected: &str) {
    assert_eq!(show(&typed(flags).unwrap()), expected);
}

#[test]
fn a_file_belongs_to_the_format_before_it() {
    pairs("", "table>-");
    pairs("-f jsonl", "jsonl>-");
    pairs("-f parquet -o a.parquet", "parquet>a.parquet");
    pairs(
        "-f parquet -o a.parquet -f jsonl -o b",
        "parquet>a.parquet jsonl>b",
    );
    pairs(
        "-f parquet -o a.parquet -f jsonl",
        "parquet>a.parquet jsonl>-",
    );
    pairs(
        "-f jsonl -f parquet -o a.parquet",
        "jsonl>- parquet>a.parquet",
    );
    pairs("--format=csv --output=a", "csv>a");
    pairs("-o report.html -o old.HTM", "html>report.html html>old.HTM");
    pairs("-f jsonl -o -", "jsonl>-");
    pairs("-f csv -o a.jsonl", "csv>a.jsonl");
}

#[test]
fn a_file_alone_says_its_format() {
    pairs("-o a.txt", "table>a.txt");
    pairs("-o a.jsonl", "jsonl>a.jsonl");
    pairs("-o a.NDJSON", "jsonl>a.NDJSON");
    pairs("-o a.json", "json>a.json");
    pairs("-o a.csv", "csv>a.csv");
    pairs("-o a.parquet", "parquet>a.parquet");
    pairs("-o a.parquet -o b.csv", "parquet>a.parquet csv>b.csv");
    pairs("-o a.parquet -f jsonl", "parquet>a.parquet jsonl>-");
    pairs("-f table -o a -o b.csv", "table>a csv>b.csv");
}

#[test]
fn a_pair_may_be_said_backwards() {
    pairs("-o a.parquet -f parquet", "parquet>a.parquet");
    pairs("-o a -f parquet", "parquet>a");
    pairs(
        "-o a.parquet -f parquet -o b.parquet",
        "parquet>a.parquet parquet>b.parquet",
    );
}

#[track_caller]
fn refused(flags: &str, expected: &str) {
    assert_eq!(typed(flags).unwrap_err().to_string(), expected);
}

#[test]
fn every_output_needs_a_format_and_its_own_place() {
    refused(
        "-o report",
        "-o \"report\" does not say its format; write it before the file, as in \
         -f jsonl -o \"report\"",
    );
    refused(
        "-o report.xlsx -f csv -o b.csv",
        "-o \"report.xlsx\" does not say its format; write it before the file, as in \
         -f jsonl -o \"report.xlsx\"",
    );
    refused(
        "-f json -f csv",
        "-f json and -f csv would both go to standard output; give one of them a file, as in \
         -f json -o report.json",
    );
    refused(
        "-f json -o a -f csv -o a",
        "-o \"a\" is given twice; every output needs its own file",
    );
    refused(
        "-f json -o a -f csv -o ./a",
        "-o \"./a\" is given twice; every output needs its own file",
    );
}

#[derive(Clone, Debug)]
struct Little;

impl Offer for Little {
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json];
}

#[derive(Debug, Parser)]
struct LittleTyped {
    #[command(flatten)]
    outputs: OutputArgs<Little>,
}

#[test]
fn a_verb_may_offer_fewer_formats() {
    let err = LittleTyped::try_parse_from(["habitual", "-f", "jsno"]).unwrap_err();
    assert!(err.to_string().contains("'json'"), "{err}");
    let typed = LittleTyped::try_parse_from(["habitual", "-o", "a.parquet"]).unwrap();
    assert_eq!(
        typed.outputs.resolve().unwrap_err().to_string(),
        "-f parquet is not available here; choose one of table, json"
    );
}

/// An output of bytes, not of findings.
fn to(format: Format, path: &Path) -> Output {
    Output {
        format,
        destination: Destination::File(path.to_owned()),
    }
}

const STDOUT: Output = Output {
    format: Format::Jsonl,
    destination: Destination::Stdout,
};

fn stdout_is(stdout: Stream) -> Terminal {
    let environment = Environment {
        stdout,
        ..Environment::default()
    };
    Terminal::new(&TerminalArgs::default(), &environment)
}

fn check(outputs: &[Output]) -> Result<(), String> {
    check_outputs(outputs, &[], stdout_is(Stream::Elsewhere)).map_err(|err| format!("{err:#}"))
}

#[test]
fn checking_leaves_nothing_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.csv"), folder.path().join("new.csv"));
    fs::write(&old, "old").unwrap();
    check(&[to(Format::Csv, &old), to(Format::Csv, &new)]).unwrap();
    assert_eq!(fs::read(&old).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_written_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/report.csv");
    let err = check(&[to(Format::Csv, &missing)]).unwrap_err();
    assert!(err.starts_with(&format!("-o {missing:?}: creating a file in")));

    let err = check(&[to(Format::Csv, folder.path())]).unwrap_err();
    assert!(err.ends_with("is a folder; name a file in it"), "{err}");
}

#[test]
fn an_input_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    fs::write(&log, "evidence").unwrap();
    let same = folder.path().join("./log.jsonl");
    let err = check_outputs(
        &[to(Format::Jsonl, &same)],
        &[log],
        stdout_is(Stream::Elsewhere),
    )
    .unwrap_err();
    assert!(matches!(
        err.downcast_ref(),
        Some(UsageError::OutputIsInput { .. })
    ));
}

#[test]
fn binary_formats_do_not_go_to_a_terminal() {
    let parquet = Output {
        format: Format::Parquet,
        ..STDOUT
    };
    let terminal = stdout_is(Stream::Terminal { columns: None });
    assert_eq!(check(std::slice::from_ref(&parquet)), Ok(()));
    let err = check_outputs(&[parquet], &[], terminal).unwrap_err();
    assert_eq!(
        err.to_string(),
        "-f parquet is not text; give it a file, as in -f parquet -o report.parquet"
    );
    assert!(check_outputs(&[STDOUT], &[], terminal).is_ok());
}

#[cfg(unix)]
#[test]
fn a_link_is_refused_unless_it_leads_to_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let link = |name: &str, target: &Path| {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink(target, &link).unwrap();
        link
    };
    let victim = folder.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    for path in [
        link("to-file", &victim),
        link("dangling", &folder.path().join("nowhere")),
    ] {
        let err = check(&[to(Format::Csv, &path)]).unwrap_err();
        assert!(err.ends_with("name the file it points to"), "{err}");
    }
    let device = link("to-device", Path::new("/dev/null"));
    let outputs = [to(Format::Csv, &device)];
    check(&outputs).unwrap();
    write_outputs(&outputs, &mut Vec::new(), |_, out| {
        Ok(out.write_all(b"gone")?)
    })
    .unwrap();
    assert!(fs::symlink_metadata(&device).unwrap().is_symlink());
}

#[test]
fn files_are_complete_even_if_the_reader_of_stdout_is_gone() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    let outputs = [STDOUT, to(Format::Csv, &path)];
    let written = write_outputs(&outputs, &mut Gone, |output, out| {
        Ok(out.write_all(output.format.name().as_bytes())?)
    });
    assert!(super::super::is_broken_pipe(&written.unwrap_err()));
    assert_eq!(fs::read(&path).unwrap(), b"csv");
}

#[test]
fn a_failed_output_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    fs::write(&path, "old").unwrap();
    let outputs = [to(Format::Csv, &path)];
    let err = write_outputs(&outputs, &mut Vec::new(), |_, out| {
        out.write_all(b"half")?;
        bail!("no more")
    })
    .unwrap_err();
    assert_eq!(format!("{err:#}"), format!("-o {path:?}: no more"));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_never_success() {
    let outputs = [to(Format::Csv, Path::new("/dev/full"))];
    check(&outputs).unwrap();
    let err = write_outputs(&outputs, &mut Vec::new(), |_, out| {
        Ok(out.write_all(b"lost")?)
    })
    .unwrap_err();
    assert!(format!("{err:#}").starts_with("-o \"/dev/full\": writing"));
}
