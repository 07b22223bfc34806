//! Tactics: what an action is good for to somebody who is on the way to
//! something (MODEL §2.6).

use std::sync::LazyLock;

use crate::event::{Action, EdgeKind, Event, Sensitive, Verb};

/// What an action is good for. Steps that are taken at the same time are put
/// into this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tactic {
    /// Signs in or takes on a role.
    Access,
    /// Lists things or reads what they are like.
    Discover,
    /// Reads data or secrets.
    Retrieve,
    /// Makes a copy that can be taken along.
    Stage,
    /// Lets somebody outside have it.
    Share,
    /// Makes credentials or widens permissions.
    Privilege,
    /// Sets something running.
    Execute,
    /// Removes things.
    Destroy,
    /// Switches logging off.
    Blind,
    /// Lets somebody else's work pass.
    Approve,
}

impl Tactic {
    /// Every tactic, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Access,
        Self::Discover,
        Self::Retrieve,
        Self::Stage,
        Self::Share,
        Self::Privilege,
        Self::Execute,
        Self::Destroy,
        Self::Blind,
        Self::Approve,
    ];

    /// The lower-case name used in dimensions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Discover => "discover",
            Self::Retrieve => "retrieve",
            Self::Stage => "stage",
            Self::Share => "share",
            Self::Privilege => "privilege",
            Self::Execute => "execute",
            Self::Destroy => "destroy",
            Self::Blind => "blind",
            Self::Approve => "approve",
        }
    }

    /// Whether its steps are named by it and not by their verb.
    pub(super) fn is_told_apart(self) -> bool {
        matches!(
            self,
            Self::Stage | Self::Share | Self::Execute | Self::Approve
        )
    }

    /// The tactic with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tactic| tactic.name() == name)
    }

    /// What `event` is good for; `None` for everyday work.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        let action = &event.action;
        let has_edge = |kind| event.edges.iter().any(|edge| edge.kind == kind);
        match action.sensitive {
            Some(Sensitive::LogTampering) => return Some(Self::Blind),
            Some(Sensitive::SecretRead) => return Some(Self::Retrieve),
            _ if has_edge(EdgeKind::Share) => return Some(Self::Share),
            _ => {}
        }
        if let Some(tactic) = by_name(action) {
            return Some(tactic);
        }
        match action.verb {
            Verb::Auth => Some(Self::Access),
            Verb::List | Verb::Read => Some(Self::Discover),
            Verb::Delete => Some(Self::Destroy),
            Verb::Permission => Some(Self::Privilege),
            Verb::Credential if action.sensitive.is_some() || has_edge(EdgeKind::Mint) => {
                Some(Self::Privilege)
            }
            _ if has_edge(EdgeKind::Assume) => Some(Self::Access),
            _ if has_edge(EdgeKind::Invoke) => Some(Self::Execute),
            _ => None,
        }
    }
}

/// Beginnings of action names whose verb does not tell the tactic.
#[rustfmt::skip]
const NAMES: &[(Tactic, &[&str])] = &[
    (Tactic::Approve, &[
        "codepipeline:PutApprovalResult", "codecommit:UpdatePullRequestApprovalState",
        "access.request.resolve", "app.access_request.approver.approve", "sys/control-group/authorize",
    ]),
    (Tactic::Retrieve, &[
        "s3:GetObject", "s3:SelectObjectContent", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query",
        "dynamodb:Scan", "athena:GetQueryResults", "redshift-data:GetStatementResult", "rds-data:ExecuteStatement",
        "logs:GetLogEvents", "logs:FilterLogEvents", "kinesis:GetRecords", "sqs:ReceiveMessage",
        "codecommit:GitPull", "codecommit:GetFile", "codeartifact:GetPackageVersionAsset",
        "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "lambda:GetFunction",
        "bedrock:Retrieve", "bedrock:RetrieveAndGenerate", "ebs:GetSnapshotBlock",
    ]),
    (Tactic::Stage, &[
        "s3:CopyObject", "ec2:CopySnapshot", "ec2:CreateSnapshot", "ec2:CopyImage", "ec2:CreateImage",
        "ec2:CreateStoreImageTask", "rds:CopyDBSnapshot", "rds:CreateDBSnapshot", "rds:CopyDBClusterSnapshot",
        "rds:CreateDBClusterSnapshot", "rds:StartExportTask", "dynamodb:ExportTableToPointInTime",
        "dynamodb:CreateBackup", "logs:CreateExportTask", "redshift:CreateClusterSnapshot",
        "backup:StartBackupJob", "backup:StartCopyJob", "athena:StartQueryExecution",
        "ec2:ExportImage", "ec2:CreateInstanceExportTask",
        "analytics.reports.export", "sys/wrapping/wrap", "transit/export",
    ]),
    (Tactic::Share, &[
        "s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutBucketReplication",
        "ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "rds:ModifyDBSnapshotAttribute",
        "rds:ModifyDBClusterSnapshotAttribute", "lambda:AddPermission", "ram:CreateResourceShare",
        "sns:Publish", "ses:SendEmail", "ses:SendRawEmail",
    ]),
    (Tactic::Execute, &[
        "ssm:SendCommand", "ssm:StartSession", "ssm:StartAutomationExecution", "ecs:ExecuteCommand", "ecs:RunTask",
        "ecs:UpdateService", "ec2:RunInstances", "lambda:Invoke", "lambda:UpdateFunctionCode",
        "cloudformation:ExecuteChangeSet", "cloudformation:CreateStack", "cloudformation:UpdateStack",
        "codepipeline:StartPipelineExecution", "codedeploy:CreateDeployment", "codebuild:StartBuild",
        "states:StartExecution", "bedrock:InvokeModel", "bedrock:Converse", "bedrock:InvokeAgent",
        "bedrock-agentcore:InvokeAgentRuntime", "eks:RunCommand",
    ]),
];

/// What the names begin with: most others begin with none of it.
static HEADS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let names = NAMES.iter().flat_map(|(_, names)| names.iter());
    names.filter_map(|name| head_of(name)).collect()
});

fn by_name(action: &Action<'_>) -> Option<Tactic> {
    head_of(&action.name).filter(|head| HEADS.contains(head))?;
    let is_of = |names: &&(Tactic, &[&str])| names.1.iter().any(|name| is_kind(&action.name, name));
    NAMES.iter().find(is_of).map(|(tactic, _)| *tactic)
}

/// What a name begins with. No name above is shorter.
fn head_of(name: &str) -> Option<u64> {
    name.as_bytes()
        .first_chunk()
        .copied()
        .map(u64::from_le_bytes)
}

/// Whether `name` is `kind`, or `kind` with more segments or words behind it.
fn is_kind(name: &str, kind: &str) -> bool {
    name.strip_prefix(kind).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(['.', '/']) || rest.starts_with("With")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_words() {
        assert!(is_kind("s3:GetObject", "s3:GetObject"));
        assert!(!is_kind("s3:GetObjectTagging", "s3:GetObject"));
        assert!(is_kind(
            "bedrock:InvokeModelWithResponseStream",
            "bedrock:InvokeModel"
        ));
        assert!(is_kind("transit/export/read", "transit/export"));
        assert!(!is_kind("transit/exporter", "transit/export"));
    }

    #[test]
    fn names_are_long_enough_to_be_told_by_their_heads() {
        let n_names: usize = NAMES.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(HEADS.len(), n_names);
    }

    #[test]
    fn every_name_is_read_back() {
        for tactic in Tactic::ALL {
            assert_eq!(Tactic::named(tactic.name()), Some(tactic));
        }
        assert_eq!(Tactic::named("-"), None);
    }
}
