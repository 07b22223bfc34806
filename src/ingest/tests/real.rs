//! Logs that nobody of us wrote: every record of every file is accounted for.

use super::*;

/// The folder of real logs, if there is one nearby.
fn data(folder: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .take(4)
        .map(|root| root.join("shared/data").join(folder))
        .find(|path| path.exists());
    if found.is_none() {
        let _ = writeln!(std::io::stderr(), "skipped: no shared/data/{folder}");
    }
    found
}

/// Reasons that reading alone decides; parsers have their own.
const STRUCTURAL: [SkipReason; 7] = [
    SkipReason::Malformed,
    SkipReason::TruncatedRecord,
    SkipReason::TooLarge,
    SkipReason::TooDeep,
    SkipReason::UnknownType,
    SkipReason::Insight,
    SkipReason::OperationalLine,
];

#[track_caller]
fn assert_data(path: &str, n_records: u64, skipped: &[(SkipReason, u64)]) {
    let Some(found) = data(path) else {
        return;
    };
    let (_, coverage) = read_all(&[found], &Options::default());
    assert_eq!(coverage.n_records, n_records, "{:#?}", coverage.skipped);
    let structural: Vec<_> = coverage
        .skipped
        .iter()
        .filter(|(reason, _)| STRUCTURAL.contains(reason))
        .map(|(reason, tally)| (*reason, tally.n))
        .collect();
    assert_eq!(structural, skipped, "{:#?}", coverage.skipped);
}

#[test]
fn cloudtrail_sets_are_read_whole() {
    assert_data("invictus-aws_dataset/CloudTrail", 2900, &[]);
    assert_data("stratus-detonation/docs", 310, &[]);
    // Rule tests: some have too few fields to be recognised.
    let partial = [(SkipReason::UnknownType, 64)];
    assert_data("panther-analysis/cloudtrail.jsonl", 537, &partial);
    let insights = [(SkipReason::Insight, 274)];
    assert_data("sneller/cloudtrail.json", 1000, &insights);
    assert_data("otrf-aws/ec2_proxy_s3_exfiltration", 103, &[]);
    let name = "trailscraper/tests/cloudtrail/data";
    assert_data(name, 4, &[]);
    let cut = [(SkipReason::TruncatedRecord, 1)];
    assert_data("cloudgrep/tests/data", 3, &cut);
}

#[test]
fn okta_and_wrapped_sets_are_read_whole() {
    // Rule tests: other products' records, and the actor in lower case only.
    let others = [(SkipReason::UnknownType, 60)];
    assert_data("panther-analysis/okta.jsonl", 143, &others);
    assert_data("plaso/test_data", 6, &[]);
    // Under the rule tests' own keys; some lack a time or a version.
    assert_data("streamalert/rules", 57, &[(SkipReason::Insight, 1)]);
}

#[test]
fn vault_sets_are_read_whole() {
    assert_data(
        "vault/hashicorp-education_learn-vault-monitoring",
        1397,
        &[],
    );
    assert_data("vault/samgabrail_vault-monitoring", 186, &[]);
    assert_data("vault/ParleSec_DIDentity", 38, &[]);
    // Begins with 43,074 NUL bytes.
    assert_data("vault/testdrivenio_vault-consul-docker/audit.log", 108, &[]);
}
