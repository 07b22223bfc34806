//! Calls whose parameters are more than one name.
//!
//! Their target is written `name`, `name/part`, `name@account` or
//! `destination<source`, as each function says.

use serde_json::{Value, json};

use super::request::Asked;
use super::{Sighting, request};
use crate::demo::ids;

/// What a call of several parameters asks for; `None` for any other call.
pub(super) fn of(sighting: &Sighting<'_>, target: &str) -> Option<Asked> {
    let deed = &sighting.act.deed;
    Some(match (deed.service.as_str(), deed.verb.as_str()) {
        ("s3", "CopyObject") => copied(sighting, target),
        ("s3", "PutBucketPolicy" | "PutBucketReplication") => bucket_shared(sighting, target),
        ("ec2", "ModifySnapshotAttribute") => asked(snapshot_shared(target)),
        ("dynamodb", "ExportTableToPointInTime") => exported(sighting, target),
        ("secretsmanager", "BatchGetSecretValue") => {
            let names: Vec<&str> = target.split(',').collect();
            asked(json!({ "secretIdList": names }))
        }
        ("ssm", "GetParametersByPath") => {
            asked(json!({ "path": target, "recursive": true, "withDecryption": true }))
        }
        ("ssm", "SendCommand") => asked(json!({
            "documentName": "AWS-RunShellScript",
            "instanceIds": [target],
            "parameters": "HIDDEN_DUE_TO_SECURITY_REASONS",
            "interactive": false,
        })),
        ("iam", "UpdateAssumeRolePolicy") => asked(json!({
            "roleName": target,
            "policyDocument": trust(sighting),
        })),
        ("codepipeline", "PutApprovalResult") => asked(approval(sighting, target)),
        ("cloudformation", "CreateChangeSet" | "ExecuteChangeSet") => asked(json!({
            "stackName": target,
            "changeSetName": format!("release-{}", sighting.act.session.id % 900 + 100),
        })),
        ("codeartifact", "GetPackageVersionAsset") => package(sighting, target),
        ("ecr", "BatchGetImage" | "GetDownloadUrlForLayer") => image(sighting, target),
        ("bedrock", "InvokeAgent") => agent(sighting, target),
        ("bedrock-agentcore", "InvokeAgentRuntime") => runtime(sighting, target),
        ("codecommit", "GitPull") => Asked {
            parameters: Value::Null,
            resources: Some(resource(
                sighting,
                "AWS::CodeCommit::Repository",
                &repository(sighting, target),
            )),
        },
        ("sns", "Publish") => {
            let arn = arn(sighting, "sns", target);
            Asked {
                parameters: json!({ "topicArn": arn, "message": "HIDDEN_DUE_TO_SECURITY_REASONS" }),
                resources: Some(resource(sighting, "AWS::SNS::Topic", &arn)),
            }
        }
        _ => return None,
    })
}

/// `additionalEventData` of a call whose target is there and nowhere else.
pub(super) fn additional(sighting: &Sighting<'_>) -> Option<Value> {
    let target = sighting.act.target.as_str();
    sighting.act.deed.is("codecommit", "GitPull").then(|| {
        json!({
            "protocol": "HTTP",
            "dataTransferred": true,
            "repositoryName": target,
            "repositoryId": ids::uuid(target),
        })
    })
}

/// `responseElements` of such a call, where it has any.
pub(super) fn answered(sighting: &Sighting<'_>) -> Value {
    let (act, target) = (sighting.act, sighting.act.target.as_str());
    match act.deed.verb.as_str() {
        "PutApprovalResult" => {
            let at = crate::demo::calendar::datetime(act.at);
            json!({ "approvedAt": at.format("%b %-d, %Y %-I:%M:%S %p").to_string() })
        }
        "StartPipelineExecution" => json!({ "pipelineExecutionId": ids::uuid(sighting.id) }),
        "ModifySnapshotAttribute" => json!({ "_return": true }),
        "SendCommand" => json!({ "command": {
            "commandId": ids::uuid(sighting.id),
            "documentName": "AWS-RunShellScript",
            "instanceIds": [target],
            "status": "Pending",
        } }),
        "ExportTableToPointInTime" => json!({ "exportDescription": {
            "exportStatus": "IN_PROGRESS",
            "tableArn": table(sighting, target),
        } }),
        _ => Value::Null,
    }
}

fn asked(parameters: Value) -> Asked {
    Asked {
        parameters,
        resources: None,
    }
}

fn resource(sighting: &Sighting<'_>, kind: &str, arn: &str) -> Value {
    json!([{ "accountId": &*sighting.act.account, "type": kind, "ARN": arn }])
}

fn arn(sighting: &Sighting<'_>, service: &str, name: &str) -> String {
    let (region, account) = (&sighting.act.region, &sighting.act.account);
    format!("arn:aws:{service}:{region}:{account}:{name}")
}

fn repository(sighting: &Sighting<'_>, name: &str) -> String {
    arn(sighting, "codecommit", name)
}

fn table(sighting: &Sighting<'_>, name: &str) -> String {
    arn(sighting, "dynamodb", &format!("table/{name}"))
}

/// `destination/key<source/key`.
fn copied(sighting: &Sighting<'_>, target: &str) -> Asked {
    let (to, from) = target.split_once('<').unwrap_or((target, target));
    let mut asked = request::of_s3(sighting, to);
    if let Some(parameters) = asked.parameters.as_object_mut() {
        parameters.insert("x-amz-copy-source".to_owned(), json!(from));
    }
    asked
}

/// `bucket@account`: the account that is let in, or receives a copy.
fn bucket_shared(sighting: &Sighting<'_>, target: &str) -> Asked {
    let (bucket, account) = split_account(sighting, target);
    let mut asked = request::of_s3(sighting, bucket);
    let Some(parameters) = asked.parameters.as_object_mut() else {
        return asked;
    };
    if sighting.act.deed.verb == "PutBucketPolicy" {
        parameters.insert("policy".to_owned(), json!(""));
        parameters.insert(
            "bucketPolicy".to_owned(),
            json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
                    "Action": ["s3:GetObject", "s3:ListBucket"],
                    "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
                }],
            }),
        );
    } else {
        parameters.insert("replication".to_owned(), json!(""));
        parameters.insert(
            "ReplicationConfiguration".to_owned(),
            json!({
                "Role": format!("arn:aws:iam::{}:role/replication", sighting.act.account),
                "Rule": {
                    "ID": "all",
                    "Status": "Enabled",
                    "Destination": {
                        "Bucket": format!("arn:aws:s3:::{bucket}-{account}"),
                        "Account": account,
                    },
                },
            }),
        );
    }
    asked
}

/// `snapshot@account`.
fn snapshot_shared(target: &str) -> Value {
    let (snapshot, account) = target.split_once('@').unwrap_or((target, "all"));
    json!({
        "snapshotId": snapshot,
        "attributeType": "CREATE_VOLUME_PERMISSION",
        "createVolumePermission": { "add": { "items": [{ "userId": account }] } },
    })
}

/// Name and account of `name@account`; without one, the caller's own.
fn split_account<'a>(sighting: &'a Sighting<'_>, target: &'a str) -> (&'a str, &'a str) {
    target
        .split_once('@')
        .unwrap_or((target, &sighting.act.account))
}

fn exported(sighting: &Sighting<'_>, target: &str) -> Asked {
    let table = table(sighting, target);
    Asked {
        parameters: json!({
            "tableArn": table,
            "s3Bucket": format!("{}-out", sighting.member.project),
            "exportFormat": "DYNAMODB_JSON",
        }),
        resources: Some(resource(sighting, "AWS::DynamoDB::Table", &table)),
    }
}

/// Lets the caller's own account take on the role, as text.
fn trust(sighting: &Sighting<'_>) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", sighting.act.account) },
            "Action": "sts:AssumeRole",
        }],
    })
    .to_string()
}

/// `pipeline/stage`.
fn approval(sighting: &Sighting<'_>, target: &str) -> Value {
    let (pipeline, stage) = target.split_once('/').unwrap_or((target, "Approval"));
    json!({
        "pipelineName": pipeline,
        "stageName": stage,
        "actionName": "Approve",
        "result": { "summary": "", "status": "Approved" },
        "token": ids::uuid(&format!("{target} {}", sighting.act.session.id)),
    })
}

/// `domain/repository/package`.
fn package(sighting: &Sighting<'_>, target: &str) -> Asked {
    let mut parts = target.splitn(3, '/');
    let mut next = || parts.next().unwrap_or_default();
    let (domain, repository, package) = (next(), next(), next());
    let arn = arn(
        sighting,
        "codeartifact",
        &format!("package/{domain}/{repository}/maven/example.corp/{package}"),
    );
    Asked {
        parameters: json!({
            "domain": domain,
            "repository": repository,
            "format": "maven",
            "namespace": "example.corp",
            "package": package,
            "packageVersion": "3.2.0",
            "asset": format!("{package}-3.2.0.jar"),
        }),
        resources: Some(resource(sighting, "AWS::CodeArtifact::Package", &arn)),
    }
}

fn image(sighting: &Sighting<'_>, target: &str) -> Asked {
    let account = &*sighting.act.account;
    let parameters = if sighting.act.deed.verb == "BatchGetImage" {
        json!({
            "registryId": account,
            "repositoryName": target,
            "imageIds": [{ "imageTag": "latest" }],
        })
    } else {
        json!({
            "registryId": account,
            "repositoryName": target,
            "layerDigest": format!("sha256:{}", ids::hex(target, 64)),
        })
    };
    let arn = arn(sighting, "ecr", &format!("repository/{target}"));
    Asked {
        parameters,
        resources: Some(json!([{ "accountId": account, "ARN": arn }])),
    }
}

fn agent(sighting: &Sighting<'_>, target: &str) -> Asked {
    let alias = format!("agent-alias/{target}/TSTALIASID");
    Asked {
        parameters: json!({
            "agentId": target,
            "agentAliasId": "TSTALIASID",
            "sessionId": ids::uuid(&sighting.act.session.id.to_string()),
        }),
        resources: Some(resource(
            sighting,
            "AWS::Bedrock::AgentAlias",
            &arn(sighting, "bedrock", &alias),
        )),
    }
}

fn runtime(sighting: &Sighting<'_>, target: &str) -> Asked {
    let unique = ids::okta("", target).get(..10).map(str::to_owned);
    let name = format!("runtime/{target}-{}", unique.unwrap_or_default());
    let arn = arn(sighting, "bedrock-agentcore", &name);
    Asked {
        parameters: json!({
            "agentRuntimeArn": arn,
            "qualifier": "DEFAULT",
            "runtimeSessionId": ids::uuid(&sighting.act.session.id.to_string()),
        }),
        resources: Some(resource(sighting, "AWS::BedrockAgentCore::Runtime", &arn)),
    }
}
