//! Takeovers that show in what somebody reaches for.

use anyhow::Result;

use crate::demo::Difficulty;
use crate::demo::act::Product;
use crate::demo::scenario::stage::Stage;

pub(super) fn off_routine(stage: &mut Stage<'_>) -> Result<()> {
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

pub(super) fn relations(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(40, 8, 1), stage.review(3));
    let mut scene = stage
        .scene("agent-order-planner", day, "10:40")?
        .loudly_from("rented-server", "cli-linux")?;
    scene.does("bedrock:InvokeModel anthropic.claude-sonnet-4-5")?;
    scene.repeats(
        n,
        "sts:AssumeRole finance-reader|hr-reader|payments-refunds",
    )?;
    scene.repeats(n, "bedrock:InvokeAgent AGENTHRDESK|AGENTFINANCE")?;
    scene.repeats(
        n.div_ceil(2),
        "bedrock-agentcore:InvokeAgentRuntime payroll_helper|contract_writer",
    )?;
    scene.repeats(n, "lambda:Invoke salary-lookup|refund-issuer|card-vault")?;
    scene.repeats(
        n,
        "s3:GetObject finance-reports/monthly/eu/{n}.xlsx|hr-documents/contracts/eu/{n}.pdf",
    )?;
    scene.does("vault:login")?;
    scene.repeats(
        n.div_ceil(2),
        "vault:read identity/entity/name/finance-agent|identity/entity/name/hr-agent|secret/data/finance/prod/{word}",
    )?;
    let mut scene = stage
        .scene("agent-helpdesk", day, "11:25")?
        .loudly_from("rented-server", "app")?;
    scene.repeats(
        n.div_ceil(2),
        "okta:app.oauth2.as.token.grant.access_token NetSuite|Workday",
    )?;
    scene.repeats(
        n.div_ceil(2),
        "okta:application.user_membership.add NetSuite|Workday|Okta Admin Console",
    )?;
    scene.repeats(
        n,
        "okta:user.account.reset_password arne.foss@corp.example|britt.engen@corp.example|carl.moen@corp.example|dorte.lykke@corp.example",
    )
}

pub(super) fn outside_its_chain(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(25, 7, 2), stage.review(4));
    let mut scene = stage
        .scene("agent-support-assistant", day, "10:25")?
        .loudly_from("rented-server", "cli-linux")?;
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

pub(super) fn other_project(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 18, 4), stage.review(2));
    let mut scene = stage
        .scene("secrets-sync", day, "13:20")?
        .loudly_from("rented-server", "cli-linux")?;
    scene.does("secretsmanager:ListSecrets")?;
    scene.repeats(
        n,
        "secretsmanager:GetSecretValue payroll/prod/{word}|finance/prod/{word}|hr/prod/{word}",
    )?;
    scene.repeats(n / 3, "kms:Decrypt alias/payroll|alias/finance")
}

pub(super) fn enumerates(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 16, 4), stage.review(2));
    let mut scene = stage
        .scene("db-maintenance", day, "09:50")?
        .loudly_from("rented-server", "cli-linux")?
        .pace(8);
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

pub(super) fn unfamiliar_endpoints(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(12, 3, 1), stage.review(1));
    let mut usual = stage.scene("agent-code-review", day, "11:02")?.untold();
    let session = usual.session();
    usual.as_usual(4, Product::Aws)?;
    let mut scene = stage
        .scene("agent-code-review", day, "11:06")?
        .in_session(session)
        .loudly_from("rented-server", "cli-linux")?;
    let endpoints = match scene.difficulty() {
        Difficulty::Stealthy => UNFAMILIAR.split_at(4).0,
        Difficulty::Loud | Difficulty::Moderate => UNFAMILIAR,
    };
    for endpoint in endpoints {
        scene.repeats(n, endpoint)?;
    }
    scene.does("vault:login")?;
    scene.repeats(n, "vault:read sys/mounts")?;
    scene.repeats(n, "vault:update pki/issue/internal|transit/decrypt/cards")
}

/// What a reviewer of code has no business with.
const UNFAMILIAR: &[&str] = &[
    "bedrock-agentcore:ListAgentRuntimes",
    "ecr:DescribeRepositories",
    "dynamodb:ListTables",
    "organizations:ListAccounts",
    "ssm:DescribeParameters",
    "sns:ListTopics",
    "kms:ListAliases",
    "rds:DescribeDBInstances orders-db|ledger-db",
    "glue:GetTable customers|refunds",
    "codecommit:ListRepositories",
];
