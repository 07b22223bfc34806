#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(super) mod hostile;
mod products;

use super::fixture::{assessment, coverage, inspection, quiet_assessment, report};
use super::*;
use crate::event::Source;
use crate::finding::Verdict;

const WIDE: Style = Style {
    width: Some(160),
    color: false,
    ascii: false,
};

fn sized(width: u16) -> Style {
    Style {
        width: Some(width),
        ..WIDE
    }
}

const PIPED: Style = Style {
    width: None,
    color: false,
    ascii: false,
};

fn written(format: Format, report: &Report<'_>, style: &Style) -> String {
    let mut out = Vec::new();
    write(format, report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn table(style: &Style) -> String {
    let (assessment, coverage) = (assessment(), coverage());
    written(Format::Table, &report(&assessment, &coverage), style)
}

fn summary(style: &Style) -> String {
    let (assessment, coverage) = (assessment(), coverage());
    let mut out = Vec::new();
    write_summary(&report(&assessment, &coverage), style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn inspected(format: Format, style: &Style) -> String {
    let coverage = coverage();
    let mut out = Vec::new();
    write_inspection(format, &inspection(&coverage), style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn tables_look_right() {
    insta::assert_snapshot!("table_60", table(&sized(60)));
    insta::assert_snapshot!("table_80", table(&sized(80)));
    insta::assert_snapshot!("table_120", table(&sized(120)));
    insta::assert_snapshot!("table_160", table(&WIDE));
    insta::assert_snapshot!("table_piped", table(&PIPED));
    insta::assert_snapshot!(
        "table_ascii",
        table(&Style {
            ascii: true,
            ..sized(100)
        })
    );
    insta::assert_snapshot!(
        "table_color",
        table(&Style {
            color: true,
            ..sized(80)
        })
    );
}

#[test]
fn summaries_and_inspections_look_right() {
    insta::assert_snapshot!("summary_80", summary(&sized(80)));
    insta::assert_snapshot!("summary_120", summary(&sized(120)));
    insta::assert_snapshot!("inspection_80", inspected(Format::Table, &sized(80)));
    insta::assert_snapshot!("inspection_120", inspected(Format::Table, &sized(120)));
    insta::assert_snapshot!("inspection_piped", inspected(Format::Table, &PIPED));
    insta::assert_snapshot!("inspection_json", inspected(Format::Json, &PIPED));
}

#[test]
fn machine_formats_keep_their_shape() {
    let (assessment, coverage) = (assessment(), coverage());
    let report = report(&assessment, &coverage);
    insta::assert_snapshot!("json", written(Format::Json, &report, &PIPED));
    insta::assert_snapshot!("jsonl", written(Format::Jsonl, &report, &PIPED));
    insta::assert_snapshot!("csv", written(Format::Csv, &report, &PIPED));
}

#[test]
fn a_quiet_week_is_said_to_be_quiet() {
    let (assessment, coverage) = (quiet_assessment(), coverage());
    let mut report = report(&assessment, &coverage);
    insta::assert_snapshot!("quiet_80", written(Format::Table, &report, &sized(80)));
    report.selection = Selection::All;
    insta::assert_snapshot!("quiet_all_80", written(Format::Table, &report, &sized(80)));
}

#[test]
fn history_too_thin_for_everybody_is_said_to_be_so() {
    let (mut assessment, coverage) = (quiet_assessment(), coverage());
    for finding in &mut assessment.findings {
        finding.support.verdict = Verdict::Thin;
    }
    let text = written(Format::Table, &report(&assessment, &coverage), &sized(100));
    assert!(
        text.starts_with("Too little history to say who stands out"),
        "{text}"
    );
    assert!(
        text.contains("role/ci-test") && text.contains("1 in 5"),
        "{text}"
    );
}

/// More than are told in detail, two of them of one name.
fn many() -> Assessment {
    let mut assessment = assessment();
    let mut okta = assessment.findings[2].clone();
    okta.finding_id = "another".to_owned();
    okta.rank = Some(4);
    okta.p_value = Some(0.009);
    okta.identity.sources = vec![Source::Okta];
    assessment.findings.insert(3, okta);
    assessment
}

#[test]
fn many_are_listed_before_the_foremost_are_told() {
    let (assessment, coverage) = (many(), coverage());
    let report = report(&assessment, &coverage);
    insta::assert_snapshot!("many_60", written(Format::Table, &report, &sized(60)));
    insta::assert_snapshot!("many_80", written(Format::Table, &report, &sized(80)));
    insta::assert_snapshot!("many_160", written(Format::Table, &report, &WIDE));
}

/// Our own escape sequences, as [`pen`] writes them.
fn without_our_colors(text: &str) -> String {
    ["1;31", "31", "33", "36", "0", "1", "2"]
        .iter()
        .fold(text.to_owned(), |text, sgr| {
            text.replace(&format!("\x1b[{sgr}m"), "")
        })
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let (assessment, coverage) = (many(), coverage());
    let mut all = report(&assessment, &coverage);
    all.selection = Selection::All;
    for width in [40, 50, 60, 71, 72, 80, 99, 100, 120, 130, 160, 200] {
        for ascii in [false, true] {
            let style = Style {
                ascii,
                ..sized(width)
            };
            let text = written(Format::Table, &all, &style)
                + &summary(&style)
                + &inspected(Format::Table, &style);
            for line in text.lines() {
                let taken = layout::width(line);
                // A command is worth more whole than narrow.
                let is_command = line.trim_start().starts_with("habitual ");
                assert!(taken <= usize::from(width) || is_command, "{width}: {line}");
                assert!(!ascii || line.is_ascii(), "{line}");
            }
        }
    }
}

#[test]
fn summaries_have_at_most_twenty_lines() {
    let (assessment, mut coverage) = (assessment(), coverage());
    for file in &mut coverage.files {
        file.problems.push(crate::ingest::coverage::FileProblem {
            kind: crate::ingest::coverage::ProblemKind::Corrupt,
            detail: "x".repeat(300).into(),
        });
    }
    for width in [40, 80, 200] {
        let mut out = Vec::new();
        write_summary(&report(&assessment, &coverage), &sized(width), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().count() <= 20, "{width}:\n{text}");
    }
}

#[test]
fn top_cuts_every_format_and_says_so() {
    let (assessment, coverage) = (assessment(), coverage());
    let mut report = report(&assessment, &coverage);
    report.top = Some(1);
    let text = written(Format::Table, &report, &sized(80));
    assert!(text.contains("role/ci-deploy") && !text.contains("nightly-backup"));
    assert!(text.contains("2 findings beyond --top not shown"));
    assert_eq!(written(Format::Jsonl, &report, &PIPED).lines().count(), 1);
    assert_eq!(written(Format::Csv, &report, &PIPED).lines().count(), 2);
}

#[test]
fn parquet_gives_the_columns_back_and_the_same_bytes_twice() {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::Field;
    let (assessment, coverage) = (assessment(), coverage());
    let report = report(&assessment, &coverage);
    let encode = || {
        let mut out = Vec::new();
        write(Format::Parquet, &report, &PIPED, &mut out).unwrap();
        out
    };
    let bytes = encode();
    assert_eq!(bytes, encode());
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows: Vec<Vec<(String, Field)>> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().into_columns())
        .collect();
    assert_eq!(rows.len(), assessment.findings.len());
    let cell = |row: usize, name: &str| {
        let at = flat::COLUMNS.iter().position(|c| c.name == name).unwrap();
        assert_eq!(rows[row][at].0, name);
        rows[row][at].1.clone()
    };
    let p = assessment.findings[0].p_value.unwrap();
    assert_eq!(cell(0, "p_value"), Field::Double(p));
    assert_eq!(cell(7, "p_value"), Field::Null);
    let start = assessment.review.start.micros();
    assert_eq!(cell(0, "review_start"), Field::TimestampMicros(start));
    let name = Field::Str("alice@example.com".to_owned());
    assert_eq!(cell(2, "identity_name"), name);
}

#[test]
fn a_full_disk_is_an_error_in_every_format() {
    /// Accepts a little, then fails, and only when asked to flush.
    struct Full;
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }
    let (assessment, coverage) = (assessment(), coverage());
    for format in Format::ALL {
        let report = report(&assessment, &coverage);
        let error = write(format, &report, &PIPED, &mut Full).unwrap_err();
        let root = error.root_cause().downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(root.kind(), std::io::ErrorKind::StorageFull);
    }
}

#[test]
fn inspections_have_no_columns_to_be_a_spreadsheet() {
    let coverage = coverage();
    for format in [Format::Csv, Format::Parquet, Format::Html] {
        let mut out = Vec::new();
        let result = write_inspection(format, &inspection(&coverage), &PIPED, &mut out);
        assert!(result.is_err() && out.is_empty());
    }
}

#[test]
fn formats_are_found_by_name() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
    }
    assert_eq!(Format::from_name("xml"), None);
}
