//! The takeovers.

use anyhow::Result;

use super::stage::Stage;
use super::{LabelKind, Scenario};
use crate::demo::Difficulty;
use crate::demo::change::Change;

/// A planted scenario.
const fn plant(
    code: &'static str,
    title: &'static str,
    what: &'static str,
    direct: fn(&mut Stage<'_>) -> Result<()>,
) -> Scenario {
    Scenario {
        code,
        title,
        what,
        kind: LabelKind::Planted,
        direct,
    }
}

/// In the order of their codes.
pub(super) const SCENARIOS: &[Scenario] = &[
    plant(
        "S01",
        "CI role used from a workstation",
        "The deployment role of payments is used by hand, from a home network, with the command line and the console.",
        workstation,
    ),
    plant(
        "S02",
        "Access key leaves its routine",
        "The key of the old order system stops doing sts, s3, sqs and reads secrets, tables and users in a burst.",
        off_routine,
    ),
    plant(
        "S03",
        "Batch bot at odd hours in a new region",
        "The nightly job runs in the afternoon, in ap-south-1.",
        odd_hours,
    ),
    plant(
        "S06",
        "AI agent uses tools outside its chain",
        "The support assistant, which calls a model, its knowledge base and one function, looks at roles, instances and secrets.",
        outside_its_chain,
    ),
    plant(
        "S08",
        "Secrets outside its project",
        "The secrets synchronizer of payments reads secrets of payroll and finance.",
        other_project,
    ),
    plant(
        "S09",
        "Privileged actions retried after denials",
        "The reporting service tries to extend its own permissions until it succeeds.",
        retries,
    ),
    plant(
        "S12",
        "Narrow database account enumerates",
        "The database maintenance role lists buckets, secrets, roles and Vault paths.",
        enumerates,
    ),
    plant(
        "S13",
        "Third party far above its volume",
        "The cost vendor's role makes many times its usual number of calls on two days.",
        above_contract,
    ),
    plant(
        "S14",
        "Routine reads become bulk secret retrieval",
        "The billing worker reads scores of different secrets within an hour.",
        bulk_secrets,
    ),
    plant(
        "S18",
        "API key from a new region",
        "The warehouse key is used from another continent, in eu-north-1.",
        new_region,
    ),
    plant(
        "S19",
        "Privileged session creates access paths",
        "An administrator's session creates a user, a key, an identity provider and wide trust.",
        access_paths,
    ),
    plant(
        "S22",
        "Dormant key awakens",
        "A key idle for weeks is used again, from a rented server.",
        awakens,
    ),
    plant(
        "S26",
        "Log tampering",
        "The monitoring key stops the trail and deletes flow logs, and is silent afterwards.",
        tampers,
    ),
    plant(
        "S27",
        "Account takeover of a person",
        "Pushes are refused until one is accepted; a new device is enrolled; AWS and Vault follow from the same new network, at night.",
        takeover,
    ),
];

fn workstation(stage: &mut Stage<'_>) -> Result<()> {
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

fn off_routine(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(120, 30, 6), stage.review(1));
    let place = match stage.difficulty {
        Difficulty::Loud => "rented-server",
        Difficulty::Moderate | Difficulty::Stealthy => "legacy-dc",
    };
    let mut scene = stage
        .scene("svc-legacy-orders", day, "11:05")?
        .from(place)?
        .pace(12);
    scene.does("iam:ListUsers")?;
    scene.repeats(
        n / 6,
        "iam:ListAttachedUserPolicies svc-legacy-orders|svc-warehouse-sync|svc-observability",
    )?;
    scene.does("secretsmanager:ListSecrets")?;
    scene.repeats(
        n / 2,
        "secretsmanager:GetSecretValue orders/prod/{word}|orders/dev/{word}",
    )?;
    scene.repeats(
        n / 2,
        "dynamodb:Scan orders|order-lines|returns|customers-public",
    )?;
    scene.repeats(n, "s3:GetObject orders-exports/full/{n}/dump.csv")
}

fn odd_hours(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 16, 4), stage.review(3));
    let mut scene = stage
        .scene("nightly-etl", day, "14:10")?
        .in_region("ap-south-1")
        .pace(150);
    scene.does("ec2:DescribeInstanceTypes")?;
    scene.repeats(n / 2, "ec2:RunInstances")?;
    scene.repeats(n, "glue:StartJobRun nightly-sales|nightly-orders")?;
    scene.repeats(n, "s3:GetObject lake-raw/orders/{date}/part-{n}.parquet")
}

fn outside_its_chain(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(25, 7, 2), stage.review(4));
    let mut scene = stage.scene("agent-support-assistant", day, "10:25")?;
    scene.does("bedrock:Retrieve KBSUPPORT01")?;
    scene.does("bedrock:InvokeModel anthropic.claude-sonnet-4-5")?;
    scene.does("iam:ListRoles")?;
    for action in [
        "ec2:DescribeInstances",
        "s3:ListBuckets",
        "lambda:ListFunctions20150331",
    ] {
        scene.repeats(n.div_ceil(3), action)?;
    }
    scene.repeats(
        n,
        "secretsmanager:GetSecretValue support/crm/{word}|orders/prod/{word}",
    )?;
    scene.does("sts:AssumeRole payments-api")
}

fn other_project(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 18, 4), stage.review(2));
    let mut scene = stage.scene("secrets-sync", day, "13:20")?;
    scene.does("secretsmanager:ListSecrets")?;
    scene.repeats(
        n,
        "secretsmanager:GetSecretValue payroll/prod/{word}|finance/prod/{word}|hr/prod/{word}",
    )?;
    scene.repeats(n / 3, "kms:Decrypt alias/payroll|alias/finance")
}

fn retries(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 14, 4), stage.review(3));
    let mut scene = stage.scene("reporting-api", day, "16:45")?;
    scene.is_refused(n, "iam:PutRolePolicy reporting-api")?;
    scene.is_refused(n / 2, "iam:AttachRolePolicy reporting-api")?;
    scene.is_refused(
        n / 2,
        "iam:CreateAccessKey svc-observability|svc-invoice-mail",
    )?;
    scene.is_refused(
        n / 4,
        "sts:AssumeRole ci-platform-terraform|break-glass-admin",
    )?;
    scene.does("iam:PutRolePolicy reporting-api")?;
    scene.does("s3:ListBuckets")
}

fn enumerates(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 16, 4), stage.review(2));
    let mut scene = stage.scene("db-maintenance", day, "09:50")?.pace(8);
    scene.does("s3:ListBuckets")?;
    let buckets = "payments-artifacts|orders-artifacts|lake-raw|finance-reports|mobile-builds|terraform-state|legacy-orders";
    scene.repeats(n, &format!("s3:GetBucketPolicy {buckets}"))?;
    scene.repeats(n, &format!("s3:GetBucketAcl {buckets}"))?;
    scene.does("secretsmanager:ListSecrets")?;
    scene.does("iam:ListRoles")?;
    scene.does("iam:GetAccountAuthorizationDetails")?;
    scene.does("vault:login")?;
    scene.does("vault:read sys/mounts")?;
    scene.repeats(n, "vault:list secret/metadata/{word}|secret/metadata/payments|secret/metadata/finance|secret/metadata/orders")
}

fn above_contract(stage: &mut Stage<'_>) -> Result<()> {
    let n = stage.amount(350, 70, 20);
    for (day, clock) in [(3, "08:00"), (4, "07:30")] {
        let day = stage.review(day);
        let mut scene = stage.scene("vendor-cloudcost", day, clock)?.pace(60);
        scene.repeats(n, "ce:GetCostAndUsage")?;
        scene.repeats(n, "ec2:DescribeInstances")?;
    }
    Ok(())
}

fn bulk_secrets(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(260, 90, 22), stage.review(2));
    let mut scene = stage.scene("billing-worker", day, "15:10")?.pace(30);
    scene.does("vault:login")?;
    scene.does("vault:list secret/metadata/finance")?;
    scene.repeats(n, "vault:read secret/data/finance/prod/{word}|secret/data/finance/archive/{word}|secret/data/orders/prod/{word}|secret/data/payroll/{word}")
}

fn new_region(stage: &mut Stage<'_>) -> Result<()> {
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

fn access_paths(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(8, 3, 1), stage.review(1));
    let mut scene = stage.scene("marco.rossi", day, "14:30")?;
    scene.does("iam:CreateUser backup-admin")?;
    scene.does("iam:AttachUserPolicy backup-admin")?;
    scene.repeats(
        n,
        "iam:CreateAccessKey backup-admin|svc-observability|svc-legacy-orders",
    )?;
    scene.does("iam:CreateOpenIDConnectProvider")?;
    scene.repeats(
        n,
        "iam:UpdateAssumeRolePolicy break-glass-admin|ci-platform-terraform|db-maintenance",
    )?;
    scene.repeats(
        n,
        "s3:PutBucketPolicy finance-reports|lake-raw|terraform-state",
    )?;
    scene.does("kms:CreateGrant alias/payments-prod")?;
    scene.does("vault:login")?;
    scene.repeats(
        n,
        "vault:update sys/policies/acl/maintenance|auth/approle/role/maintenance",
    )?;
    scene.does("okta:user.account.privilege.grant marco.rossi-2@corp.example")
}

fn awakens(stage: &mut Stage<'_>) -> Result<()> {
    let idle = stage.before(24)..stage.review(4);
    let (n, day) = (stage.amount(90, 24, 6), stage.review(4));
    stage.spell("svc-old-report", idle, Change::Away)?;
    let after = stage.review_days(4, 7);
    stage.spell("svc-old-report", after, Change::Away)?;
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

fn tampers(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(6, 2, 1), stage.review(4));
    let mut scene = stage
        .scene("svc-observability", day, "23:20")?
        .with("cli-linux");
    scene.does("cloudtrail:DescribeTrails")?;
    scene.does("cloudtrail:StopLogging org-trail")?;
    scene.repeats(n, "cloudtrail:PutEventSelectors org-trail")?;
    scene.repeats(n, "ec2:DeleteFlowLogs fl-0c{id}")?;
    scene.repeats(n, "logs:DeleteLogGroup /vpc/flow|/aws/cloudtrail")?;
    let silent = stage.review_days(5, 7);
    stage.spell("svc-observability", silent, Change::Away)
}

fn takeover(stage: &mut Stage<'_>) -> Result<()> {
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
