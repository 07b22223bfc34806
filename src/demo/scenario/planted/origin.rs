//! Takeovers that show in where and when somebody acts.

use anyhow::Result;

use crate::demo::Difficulty;
use crate::demo::act::{Product, Session};
use crate::demo::scenario::stage::Stage;

pub(super) fn workstation(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(30, 8, 2), stage.review(2));
    let mut scene = stage
        .scene("ci-payments-deploy", day, "19:40")?
        .from("living-room")?
        .with("cli-mac");
    scene.does("sts:GetCallerIdentity")?;
    scene.does("s3:ListBuckets")?;
    scene.repeats(
        n,
        "s3:GetObject payments-exports/{date}/ledger.csv|payments-config/eu/settings.json",
    )?;
    scene.does("iam:ListRoles")?;
    scene.does("signin:GetSigninToken")?;
    scene.switches_to("chrome");
    scene.does("signin:ConsoleLogin")?;
    for action in [
        "ec2:DescribeInstances",
        "logs:DescribeLogGroups",
        "s3:ListBuckets",
    ] {
        scene.repeats(n.div_ceil(3), action)?;
    }
    scene.repeats(n, "dynamodb:Scan payments-sessions|payments-idempotency")
}

pub(super) fn odd_hours(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 16, 4), stage.review(3));
    let mut scene = stage
        .scene("nightly-etl", day, "14:10")?
        .in_region("ap-south-1")
        .pace(150);
    scene.does("ec2:DescribeInstanceTypes")?;
    scene.repeats(n / 2, "ec2:RunInstances")?;
    scene.as_usual(2 * n, Product::Aws)
}

pub(super) fn new_runner(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(70, 14, 2), stage.review(3));
    let clock = match stage.difficulty {
        Difficulty::Loud | Difficulty::Moderate => "02:40",
        Difficulty::Stealthy => "13:40",
    };
    let mut scene = stage
        .scene("ci-web-deploy", day, clock)?
        .from("other-runner")?
        .with("cli-linux")
        .pace(15);
    scene.does("sts:AssumeRoleWithWebIdentity")?;
    scene.does("secretsmanager:ListSecrets")?;
    scene.repeats(
        n,
        "secretsmanager:GetSecretValue payments/prod/{word}|orders/prod/{word}|platform/{word}",
    )?;
    scene.repeats(
        n.div_ceil(4),
        "secretsmanager:BatchGetSecretValue payments/prod/{word},orders/prod/{word}",
    )?;
    scene.repeats(
        n.div_ceil(4),
        "ssm:GetParametersByPath /payments/prod|/orders/prod|/platform",
    )?;
    scene.repeats(
        n.div_ceil(4),
        "kms:Decrypt alias/payments-prod|alias/orders-prod",
    )?;
    scene.does("vault:login")?;
    scene.repeats(
        n.div_ceil(4),
        "vault:list secret/metadata/{word}|secret/metadata/payments",
    )?;
    scene.repeats(
        n,
        "vault:read secret/data/payments/prod/{word}|secret/data/orders/prod/{word}",
    )
}

pub(super) fn new_region(stage: &mut Stage<'_>) -> Result<()> {
    let n = stage.amount(60, 14, 4);
    for (day, clock) in [(1, "04:20"), (3, "05:05")] {
        let day = stage.review(day);
        let mut scene = stage.scene("svc-warehouse-sync", day, clock)?;
        scene = scene
            .from("far-host")?
            .with("cli-linux")
            .in_region("eu-north-1");
        scene.does("s3:ListBuckets")?;
        scene.repeats(n, "s3:GetObject warehouse-exchange/out/eu/{n}.csv")?;
    }
    Ok(())
}

pub(super) fn two_networks(stage: &mut Stage<'_>) -> Result<()> {
    let day = stage.review(3);
    let mut own = stage.scene("tomas.eide", day, "10:04")?.untold().pace(60);
    let session = own.session();
    own.in_own_browser();
    own.does("okta:user.session.start")?;
    own.does("okta:user.authentication.sso AWS IAM Identity Center")?;
    own.with_own_tool();
    own.as_usual(1, Product::Aws)?;
    own.does("vault:login")?;
    own.as_usual(1, Product::Vault)?;
    thief(stage, day, session)?;
    let own = stage.scene("tomas.eide", day, "10:55")?;
    let mut own = own.in_session(session).untold().pace(60);
    own.as_usual(1, Product::Aws)?;
    own.as_usual(1, Product::Vault)?;
    own.in_own_browser();
    own.does("okta:user.authentication.sso GitHub|Slack")
}

/// Uses the `session` of a developer meanwhile, for what it is used for.
fn thief(stage: &mut Stage<'_>, day: u32, session: Session) -> Result<()> {
    let (n, is_stealthy) = (
        stage.amount(40, 9, 2),
        stage.difficulty == Difficulty::Stealthy,
    );
    let mut scene = stage
        .scene("tomas.eide", day, "10:12")?
        .in_session(session)
        .from("living-room")?;
    scene.in_own_browser();
    if !is_stealthy {
        scene.switches_to("firefox");
        scene.does("okta:user.session.context.change")?;
        scene.does("okta:security.session.detect_client_roaming")?;
    }
    scene.repeats(
        n.div_ceil(4),
        "okta:user.authentication.sso GitHub|Slack|Jira",
    )?;
    scene.with_own_tool();
    let mut scene = scene.with("cli-linux");
    scene.as_usual(2 * n, Product::Aws)?;
    scene.as_usual(n.div_ceil(2), Product::Vault)
}
