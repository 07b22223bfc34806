//! What a call names: its request parameters and resources.

use serde_json::{Map, Value, json};

use super::Sighting;

/// Request parameters and the `resources` list of a record.
pub(super) struct Asked {
    /// `requestParameters`, perhaps null.
    pub parameters: Value,
    /// `resources`, where CloudTrail writes them.
    pub resources: Option<Value>,
}

/// Which parameter names the target: service, beginning of the call's name,
/// parameter (empty: no target), and the ARN where CloudTrail adds a resource.
/// The first row that matches holds.
const PARAMETERS: [(&str, &str, &str, &str); 69] = [
    ("s3", "ListBuckets", "", ""),
    ("s3", "", "bucketName", "arn:aws:s3:::{}"),
    ("secretsmanager", "CreateSecret", "name", ""),
    ("secretsmanager", "ListSecrets", "", ""),
    ("secretsmanager", "", "secretId", ""),
    ("kms", "List", "", ""),
    ("kms", "", "keyId", "arn:aws:kms:{region}:{account}:{}"),
    ("ssm", "StartSession", "target", ""),
    (
        "ssm",
        "",
        "name",
        "arn:aws:ssm:{region}:{account}:parameter{}",
    ),
    ("iam", "CreateUser", "userName", ""),
    ("iam", "AttachUserPolicy", "userName", ""),
    ("iam", "ListAttachedUserPolicies", "userName", ""),
    ("iam", "CreateAccessKey", "userName", ""),
    ("iam", "ListAccessKeys", "userName", ""),
    ("iam", "CreateOpenIDConnectProvider", "url", ""),
    ("iam", "", "roleName", ""),
    (
        "sts",
        "AssumeRole",
        "roleArn",
        "arn:aws:iam::{account}:role/{}",
    ),
    ("lambda", "ListFunctions", "", ""),
    (
        "lambda",
        "",
        "functionName",
        "arn:aws:lambda:{region}:{account}:function:{}",
    ),
    (
        "dynamodb",
        "",
        "tableName",
        "arn:aws:dynamodb:{region}:{account}:table/{}",
    ),
    ("ec2", "DeleteFlowLogs", "flowLogId", ""),
    ("ec2", "CreateSnapshot", "volumeId", ""),
    ("ec2", "DeleteSnapshot", "snapshotId", ""),
    ("ec2", "CreateTags", "volumeId", ""),
    ("ec2", "AuthorizeSecurityGroupIngress", "groupId", ""),
    ("ec2", "TerminateInstances", "instanceId", ""),
    ("ec2", "", "", ""),
    ("rds", "CreateDBSnapshot", "dBInstanceIdentifier", ""),
    ("rds", "", "dBInstanceIdentifier", ""),
    ("ecr", "", "repositoryName", ""),
    ("ecs", "ListTasks", "cluster", ""),
    ("ecs", "DescribeTasks", "cluster", ""),
    ("ecs", "RegisterTaskDefinition", "family", ""),
    ("ecs", "", "service", ""),
    ("eks", "", "name", ""),
    ("logs", "", "logGroupName", ""),
    ("sqs", "", "queueUrl", ""),
    ("states", "StartExecution", "stateMachineArn", ""),
    ("states", "", "stateMachineArn", ""),
    ("cloudformation", "", "stackName", ""),
    ("cloudtrail", "LookupEvents", "", ""),
    ("cloudtrail", "DescribeTrails", "", ""),
    ("cloudtrail", "", "name", ""),
    ("cloudfront", "", "distributionId", ""),
    ("cognito-idp", "", "userPoolId", ""),
    ("glue", "GetTable", "name", ""),
    ("glue", "", "jobName", ""),
    ("athena", "", "workGroup", ""),
    ("bedrock", "Retrieve", "knowledgeBaseId", ""),
    ("bedrock", "Invoke", "modelId", ""),
    ("guardduty", "", "detectorId", ""),
    ("config", "", "configRuleName", ""),
    ("route53", "", "hostedZoneId", ""),
    ("es", "", "domainName", ""),
    ("sagemaker", "", "", ""),
    ("ses", "", "", ""),
    ("cloudwatch", "", "", ""),
    ("ce", "", "", ""),
    ("account", "", "", ""),
    ("signin", "", "", ""),
    ("access-analyzer", "", "", ""),
    ("events", "", "", ""),
    ("codepipeline", "", "name", ""),
    ("codeartifact", "GetAuthorizationToken", "domain", ""),
    ("codecommit", "ListRepositories", "", ""),
    (
        "codecommit",
        "",
        "repositoryName",
        "arn:aws:codecommit:{region}:{account}:{}",
    ),
    ("bedrock-agentcore", "", "", ""),
    ("sns", "", "", ""),
    ("organizations", "", "", ""),
];

/// Calls that are recorded only where data events are switched on.
const DATA_EVENTS: [(&str, &str); 19] = [
    ("s3", "GetObject"),
    ("s3", "PutObject"),
    ("s3", "ListObjects"),
    ("s3", "CopyObject"),
    ("lambda", "Invoke"),
    ("dynamodb", "GetItem"),
    ("dynamodb", "PutItem"),
    ("dynamodb", "Query"),
    ("dynamodb", "Scan"),
    ("dynamodb", "BatchGetItem"),
    ("sqs", "SendMessage"),
    ("sqs", "ReceiveMessage"),
    ("sqs", "DeleteMessage"),
    ("bedrock", "Retrieve"),
    ("bedrock", "InvokeAgent"),
    ("bedrock-agentcore", "InvokeAgentRuntime"),
    ("sns", "Publish"),
    ("es", "ESHttp"),
    ("ses", "Send"),
];

/// Beginnings of the names of calls that change nothing.
const READS: [&str; 13] = [
    "Get", "List", "Describe", "Head", "Lookup", "Batch", "Query", "Scan", "Decrypt", "Retrieve",
    "Filter", "Receive", "GitPull",
];

/// Whether a call is a data event.
pub(in crate::demo) fn is_data_event(service: &str, verb: &str) -> bool {
    DATA_EVENTS
        .into_iter()
        .any(|(of, name)| of == service && verb.starts_with(name))
}

/// Whether a call only reads.
pub(super) fn is_read(verb: &str) -> bool {
    READS.into_iter().any(|prefix| verb.starts_with(prefix))
}

/// What `sighting` asks for.
pub(super) fn of(sighting: &Sighting<'_>) -> Asked {
    let (deed, target) = (&sighting.act.deed, sighting.act.target.as_str());
    if let Some(asked) = super::composite::of(sighting, target) {
        return asked;
    }
    if deed.service == "s3" {
        return of_s3(sighting, target);
    }
    let (parameter, arn) = row_of(&deed.service, &deed.verb);
    if deed.service == "sts" && deed.verb.starts_with("AssumeRole") {
        return of_assume_role(sighting, target);
    }
    if parameter.is_empty() || target.is_empty() {
        return Asked {
            parameters: Value::Null,
            resources: None,
        };
    }
    let value = match parameter {
        "queueUrl" => format!(
            "https://sqs.{}.amazonaws.com/{}/{target}",
            sighting.act.region, sighting.act.account
        ),
        "stateMachineArn" => format!(
            "arn:aws:states:{}:{}:stateMachine:{target}",
            sighting.act.region, sighting.act.account
        ),
        _ => target.to_owned(),
    };
    Asked {
        parameters: json!({ parameter: value }),
        resources: (!arn.is_empty()).then(|| {
            json!([{
                "accountId": &*sighting.act.account,
                "ARN": arn_of(sighting, arn, target),
            }])
        }),
    }
}

fn row_of(service: &str, verb: &str) -> (&'static str, &'static str) {
    PARAMETERS
        .into_iter()
        .find(|(of, prefix, ..)| *of == service && verb.starts_with(prefix))
        .map_or(("", ""), |(_, _, parameter, arn)| (parameter, arn))
}

fn arn_of(sighting: &Sighting<'_>, template: &str, target: &str) -> String {
    template
        .replace("{region}", &sighting.act.region)
        .replace("{account}", &sighting.act.account)
        .replace("{}", target)
}

/// Bucket, and key or prefix where the target has one.
pub(super) fn of_s3(sighting: &Sighting<'_>, target: &str) -> Asked {
    let (bucket, key) = target.split_once('/').unwrap_or((target, ""));
    let mut parameters = Map::new();
    let mut resources = Vec::new();
    let host = format!("{bucket}.s3.{}.amazonaws.com", sighting.act.region);
    parameters.insert("Host".to_owned(), json!(host));
    if !bucket.is_empty() {
        parameters.insert("bucketName".to_owned(), json!(bucket));
        resources.push(json!({
            "accountId": &*sighting.act.account,
            "type": "AWS::S3::Bucket",
            "ARN": format!("arn:aws:s3:::{bucket}"),
        }));
    }
    if sighting.act.deed.verb.starts_with("ListObjects") {
        parameters.insert("prefix".to_owned(), json!(key));
    } else if !key.is_empty() {
        parameters.insert("key".to_owned(), json!(key));
        let object = json!({ "type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::{target}") });
        resources.insert(0, object);
    }
    Asked {
        parameters: Value::Object(parameters),
        resources: (!resources.is_empty()).then_some(Value::Array(resources)),
    }
}

/// The role to assume: the target, or the caller's own.
fn of_assume_role(sighting: &Sighting<'_>, target: &str) -> Asked {
    let role = if target.is_empty() {
        &sighting.member.name
    } else {
        target
    };
    let arn = format!("arn:aws:iam::{}:role/{role}", sighting.act.account);
    let session = super::identity::issued_name(sighting);
    Asked {
        parameters: json!({ "roleArn": arn, "roleSessionName": session, "durationSeconds": 3600 }),
        resources: Some(json!([{
            "accountId": &*sighting.act.account,
            "type": "AWS::IAM::Role",
            "ARN": arn,
        }])),
    }
}
