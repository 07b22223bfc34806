//! What spreadsheets do to tables, and how every row is accounted for.

use super::identity::{actor, row};
use super::*;

#[test]
fn what_a_spreadsheet_did_is_told_and_not_trusted() {
    let (_, tenant, _, coverage) = actor(&row(&[
        ("recipientaccountid", "1.11122E+11"),
        ("useridentity_accountid", "11122223333"),
        ("useridentity_arn", "arn:aws:iam::011122223333:user/bob"),
    ]));
    assert_eq!(tenant, "011122223333");
    let problem = &coverage.files[0].problems[0];
    assert_eq!(problem.kind, ProblemKind::Damaged);
    assert_eq!(
        problem.detail,
        "account ids in scientific notation: 1".into()
    );
    assert!(coverage.is_incomplete());

    let (_, tenant, _, coverage) = actor(&row(&[("recipientaccountid", "11122223333")]));
    assert_eq!(tenant, "11122223333");
    let detail = &coverage.files[0].problems[0].detail;
    assert_eq!(*detail, "account ids without their first digits: 1".into());

    let long = "x".repeat(32_767);
    let (.., flags, coverage) = actor(&row(&[("responseelements", &long), ("x", "y"), ("X", "z")]));
    assert!(flags.has(Flags::TRUNCATED));
    let detail = &coverage.files[0].problems[0].detail;
    let expected =
        "rows with a cell cut at 32,767 characters: 1, columns with the name of another: 1";
    assert_eq!(*detail, expected.into());
}

#[test]
fn a_time_that_a_spreadsheet_rewrote_is_refused() {
    let (_, coverage) = read_bytes(row(&[("eventtime", "11/7/2026 18:03")]));
    assert_skipped(&coverage, &[(SkipReason::NoTime, 1)]);
    let detail = &coverage.files[0].problems[0].detail;
    assert_eq!(*detail, "times that cannot be told for certain: 1".into());
}

#[test]
fn every_row_is_accounted_for() {
    let table = athena();
    let (header, rest) = table.split_once('\n').unwrap();
    let (first, rest) = rest.split_once('\n').unwrap();
    let text = format!("{header}\n{first}\n,,,\n\n1,\"torn\n{header}\nfootnote\n{rest}2,\"cut");
    let (seen, coverage) = read_bytes(text);
    assert_eq!((seen.n_events, coverage.n_records), (3, 6));
    let expected = [
        (SkipReason::Malformed, 1),
        (SkipReason::TruncatedRecord, 1),
        (SkipReason::UnknownType, 1),
    ];
    assert_skipped(&coverage, &expected);
    let kinds: Vec<_> = coverage.files[0]
        .problems
        .iter()
        .map(|problem| problem.kind)
        .collect();
    assert_eq!(kinds, [ProblemKind::Truncated, ProblemKind::Damaged]);
    let records: Vec<u32> = seen
        .citations
        .iter()
        .map(|citation| citation.record)
        .collect();
    assert_eq!(records, [1, 4, 5]);
}

#[test]
fn a_row_larger_than_a_record_is_skipped_and_counted() {
    let table = athena();
    let options = Options {
        limits: crate::ingest::Limits {
            max_record: 4096,
            ..crate::ingest::Limits::default()
        },
        ..Options::default()
    };
    let huge = format!("{table}1,{}\n", "x".repeat(10_000));
    let sandbox = Sandbox::new().with("log", huge);
    let (seen, coverage) = read_all(&[sandbox.path().to_owned()], &options);
    assert_eq!(seen.n_events, 3);
    assert_skipped(&coverage, &[(SkipReason::TooLarge, 1)]);
}

#[test]
fn an_unknown_table_says_what_it_holds() {
    let (_, coverage) = read_bytes("alpha,beta,gamma\n1,2,3\n4,5,6\n");
    let problem = &coverage.files[0].problems[0];
    assert_eq!(problem.kind, ProblemKind::Unrecognised);
    assert_eq!(
        problem.detail,
        "a table whose columns are not known: alpha, beta, gamma".into()
    );
    assert_eq!(coverage.n_records, 0);
    // Known columns, but not enough of them.
    let (_, coverage) = read_bytes("eventname,eventtime,colour\na,b,c\n");
    assert_eq!(
        coverage.files[0].problems[0].kind,
        ProblemKind::Unrecognised
    );
}
