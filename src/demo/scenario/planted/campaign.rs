//! Takeovers that are a story of several steps or days.

use anyhow::Result;

use crate::demo::Difficulty;
use crate::demo::act::Product;
use crate::demo::change::Change;
use crate::demo::scenario::stage::Stage;

/// An account that does not belong to the organisation.
const STRANGER: &str = "999988887777";

pub(super) fn exfiltrates(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(40, 8, 1), stage.review(2));
    let mut scene = stage
        .scene("agent-insights", day, "14:05")?
        .loudly_from("rented-server", "cli-linux")?;
    scene.repeats(n, "bedrock:Retrieve KBSALES01|KBCONTRACTS")?;
    scene.repeats(n, "s3:GetObject lake-curated/sales/eu/part-{n}.parquet")?;
    scene.does("vault:login")?;
    scene.repeats(
        n.div_ceil(4),
        "vault:read transit/export/encryption-key/cards",
    )?;
    scene.repeats(
        n.div_ceil(4),
        "dynamodb:ExportTableToPointInTime invoices|catalogue",
    )?;
    scene.repeats(
        n,
        "s3:CopyObject insights-share/{n}.parquet<lake-curated/sales/eu/part-{n}.parquet",
    )?;
    scene.repeats(n.div_ceil(4), "ec2:CreateSnapshot vol-0a{id}")?;
    scene.repeats(
        n.div_ceil(4),
        &format!("ec2:ModifySnapshotAttribute snap-0b{{id}}@{STRANGER}"),
    )?;
    scene.does(&format!("s3:PutBucketPolicy insights-share@{STRANGER}"))?;
    if scene.difficulty() != Difficulty::Stealthy {
        scene.does(&format!(
            "s3:PutBucketReplication insights-share@{STRANGER}"
        ))?;
        scene.repeats(n.div_ceil(2), "sns:Publish partner-feed")?;
        scene.repeats(n.div_ceil(4), "vault:update sys/wrapping/wrap")?;
    }
    Ok(())
}

pub(super) fn consents(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 12, 2), stage.review(3));
    let app = "MailMerge Pro";
    let mut scene = stage.scene("sara.lind", day, "09:35")?;
    let session = scene.session();
    scene.in_own_browser();
    scene.does(&format!("okta:app.oauth2.as.consent.grant {app}"))?;
    let mut scene = stage.scene("sara.lind", day, "09:49")?.in_session(session);
    scene.in_own_browser();
    scene.does(&format!("okta:user.authentication.sso {app}"))?;
    let mut scene = stage.scene("sara.lind", day, "10:02")?;
    scene.in_own_browser();
    if scene.difficulty() != Difficulty::Stealthy {
        scene = scene.from("rented-server")?.with("firefox");
    }
    scene.does("okta:user.session.start")?;
    scene.does("okta:user.authentication.sso AWS IAM Identity Center")?;
    scene.does("signin:ConsoleLogin")?;
    scene.does("s3:ListBuckets")?;
    scene.repeats(
        n,
        "s3:GetObject support-attachments/{date}/eu/{n}.png|finance-invoices/{date}/eu/{n}.pdf|finance-contracts/signed/{n}/contract.pdf",
    )?;
    scene.repeats(n.div_ceil(4), "iam:ListUsers")?;
    scene.does("vault:login")?;
    scene.repeats(
        n.div_ceil(4),
        "vault:read secret/data/support/prod/{word}|secret/data/sales/dev/crm",
    )
}

pub(super) fn awakens(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(90, 24, 6), stage.review(4));
    let idle = stage.before(24)..stage.calendar.days;
    stage.spell("svc-old-report", idle, Change::Away)?;
    let mut scene = stage
        .scene("svc-old-report", day, "21:15")?
        .from("rented-server")?
        .with("cli-linux");
    scene.does("sts:GetCallerIdentity")?;
    scene.does("s3:ListBuckets")?;
    scene.repeats(
        n,
        "s3:GetObject lake-curated/legacy/eu/report-{n}.csv|lake-raw/orders/{n}/full.csv",
    )
}

pub(super) fn mimics(stage: &mut Stage<'_>) -> Result<()> {
    let n = stage.amount(16, 6, 1);
    let clocks = ["10:20", "13:35", "09:50", "14:10", "11:05"];
    for (which, clock) in (0..).zip(clocks) {
        let day = stage.review(which);
        let mut scene = stage.scene("ulf.brandt", day, clock)?.pace(120);
        scene.as_usual(n + which, Product::Aws)?;
        scene.repeats(
            n.div_ceil(6),
            "s3:GetObject lake-curated/customers/eu/part-{n}.parquet",
        )?;
    }
    Ok(())
}

pub(super) fn takeover(stage: &mut Stage<'_>) -> Result<()> {
    let (pushes, n, day) = (
        stage.amount(20, 9, 3),
        stage.amount(60, 16, 4),
        stage.review(2),
    );
    let mut scene = stage
        .scene("nadia.haug", day, "01:35")?
        .from("exit-node")?
        .with("firefox")
        .pace(25);
    scene.does("okta:user.session.start")?;
    scene.fails(
        pushes,
        "VERIFICATION_ERROR",
        "okta:user.mfa.okta_verify.deny_push OKTA_VERIFY_PUSH",
    )?;
    scene.does("okta:user.authentication.auth_via_mfa OKTA_VERIFY_PUSH")?;
    scene.does("okta:user.mfa.factor.activate OKTA_VERIFY_PUSH")?;
    scene.does("okta:user.authentication.sso Workday|NetSuite")?;
    scene.does("okta:user.authentication.sso AWS IAM Identity Center")?;
    scene.does("signin:ConsoleLogin")?;
    scene.does("s3:ListBuckets")?;
    scene.does("iam:ListUsers")?;
    scene.repeats(n, "s3:GetObject finance-payroll/{date}/{n}/salaries.csv|finance-contracts/signed/{n}/contract.pdf")?;
    scene.does("vault:login")?;
    scene.repeats(n / 4, "vault:read secret/data/finance/prod/{word}")
}
