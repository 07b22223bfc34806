//! Takeovers that show in a change of who may do what, or of what is seen.

use anyhow::Result;

use crate::demo::Difficulty;
use crate::demo::change::Change;
use crate::demo::scenario::stage::Stage;

pub(super) fn approves(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(24, 6, 1), stage.review(2));
    let clock = match stage.difficulty {
        Difficulty::Loud | Difficulty::Moderate => "03:05",
        Difficulty::Stealthy => "15:30",
    };
    let mut scene = stage
        .scene("release-bot", day, clock)?
        .loudly_from("rented-server", "cli-linux")?;
    scene.repeats(
        n,
        "codepipeline:PutApprovalResult payments-release/Production|orders-release/Production",
    )?;
    scene.repeats(
        n.div_ceil(2),
        "lambda:UpdateFunctionCode20150331v2 webhook-receiver|push-sender",
    )?;
    scene.repeats(n.div_ceil(2), "ecs:UpdateService payments-api|orders-api")?;
    scene.does("vault:login")?;
    scene.repeats(n.div_ceil(2), "vault:update sys/control-group/authorize")
}

pub(super) fn retries(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(60, 14, 4), stage.review(3));
    let mut scene = stage
        .scene("reporting-api", day, "16:45")?
        .loudly_from("rented-server", "cli-linux")?;
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

pub(super) fn moves_on(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(30, 6, 1), stage.review(1));
    let mut scene = stage.scene("ci-infra-deploy", day, "11:20")?.pace(10);
    scene.does("sts:AssumeRoleWithWebIdentity")?;
    scene.does("sts:GetCallerIdentity")?;
    scene.repeats(
        n,
        "sts:AssumeRole payments-api|orders-api|db-maintenance|secrets-sync",
    )?;
    scene.repeats(
        n.div_ceil(2),
        "iam:UpdateAssumeRolePolicy db-maintenance|secrets-sync|break-glass-admin",
    )?;
    scene.repeats(
        n,
        "ssm:SendCommand i-0a11f3c2d4e5b6a70|i-0b22e4d3c5f6a7b81|i-0c33d5e4b6a7f8c92",
    )?;
    scene.repeats(
        n.div_ceil(3),
        "ssm:StartSession i-0a11f3c2d4e5b6a70|i-0d44c6f5a7b8e9d03",
    )?;
    scene.repeats(
        n.div_ceil(3),
        "iam:CreateAccessKey svc-backup|svc-legacy-orders",
    )?;
    scene.does("vault:login")?;
    scene.repeats(n.div_ceil(3), "vault:update auth/token/create-orphan")?;
    scene.repeats(
        n.div_ceil(3),
        "vault:update sys/policies/acl/deploy|sys/policies/acl/infra-admin",
    )
}

pub(super) fn access_paths(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(8, 3, 1), stage.review(1));
    let mut scene = stage
        .scene("marco.rossi", day, "14:30")?
        .loudly_from("living-room", "cli-linux")?;
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

pub(super) fn chain(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(40, 9, 1), stage.review(2));
    let (auditor, admin) = (stage.called("config-auditor")?, stage.called("ops-admin")?);
    let mut scene = stage
        .scene("ci-search-deploy", day, "15:15")?
        .loudly_from("rented-server", "cli-linux")?;
    scene.does("sts:AssumeRoleWithWebIdentity")?;
    scene.does("sts:GetCallerIdentity")?;
    let second = scene.obtains(&format!("sts:AssumeRole {auditor}"))?;
    let mut scene = stage
        .scene("config-auditor", day, "15:21")?
        .in_session(second)
        .from("runners-1")?
        .with("go")
        .loudly_from("rented-server", "cli-linux")?;
    scene.repeats(n, "iam:ListRoles")?;
    let third = scene.obtains(&format!("sts:AssumeRole {admin}"))?;
    let mut scene = stage
        .scene("ops-admin", day, "15:30")?
        .in_session(third)
        .from("runners-1")?
        .loudly_from("rented-server", "cli-linux")?;
    scene.repeats(n, "iam:GetRole payments-api|orders-api|secrets-sync")?;
    scene.repeats(
        n,
        "secretsmanager:GetSecretValue payments/prod/{word}|platform/{word}",
    )?;
    scene.repeats(
        n.div_ceil(3),
        "iam:PutRolePolicy config-auditor|search-deployer",
    )?;
    let mut scene = stage
        .scene("deploy-broker", day, "15:40")?
        .loudly_from("rented-server", "go")?;
    scene.does("vault:login")?;
    let child = scene.obtains("vault:update auth/token/create-orphan")?;
    let mut scene = scene.in_session(child);
    let grandchild = scene.obtains("vault:update auth/token/create/admin")?;
    let mut scene = scene.in_session(grandchild);
    scene.repeats(
        n,
        "vault:read secret/data/payments/prod/{word}|secret/data/finance/prod/{word}",
    )?;
    scene.repeats(
        n.div_ceil(3),
        "vault:read sys/policies/acl/admin|sys/policies/acl/payments",
    )
}

pub(super) fn tampers(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(6, 2, 1), stage.review(4));
    let mut scene = stage
        .scene("svc-observability", day, "23:20")?
        .loudly_from("rented-server", "cli-linux")?
        .with("cli-linux");
    scene.does("cloudtrail:DescribeTrails")?;
    scene.does("cloudtrail:StopLogging org-trail")?;
    scene.repeats(n, "cloudtrail:PutEventSelectors org-trail")?;
    scene.repeats(n, "ec2:DeleteFlowLogs fl-0c{id}")?;
    scene.repeats(n, "logs:DeleteLogGroup /vpc/flow|/aws/cloudtrail")?;
    let silent = stage.rest_after(day);
    stage.spell("svc-observability", silent, Change::Away)
}
