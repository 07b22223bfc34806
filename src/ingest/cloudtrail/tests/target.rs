//! What a call acts on and which relations it forms.

use super::*;

/// A call by `bob` with these parameters and no listed resources.
fn call(source: &str, name: &str, parameters: Value) -> Value {
    let mut record = user(json!({
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
        "resources": null, "requestParameters": null
    }));
    merge(&mut record, json!({"requestParameters": parameters}));
    record
}

/// The call acts on these kinds and scopes.
#[track_caller]
fn acts_on(source: &str, name: &str, parameters: Value, expected: &[(&str, &str)]) {
    see(&call(source, name, parameters), |event| {
        let found: Vec<_> = event
            .resources
            .iter()
            .map(|r| (&*r.kind, &*r.scope))
            .collect();
        assert_eq!(found, expected);
    });
}

#[test]
fn objects_secrets_and_keys_are_named_by_parameters() {
    acts_on(
        "s3",
        "PutObject",
        json!({"bucketName": "b", "Key": "x/y/z"}),
        &[("s3:object", "b/x/y"), ("s3:bucket", "b")],
    );
    acts_on(
        "s3",
        "ListBuckets",
        json!({"Host": "s3.amazonaws.com"}),
        &[],
    );
    acts_on(
        "secretsmanager",
        "GetSecretValue",
        json!({"secretId": "arn:aws:secretsmanager:r:1:secret:prod/db-AbC123"}),
        &[("secret", "prod/db")],
    );
    acts_on(
        "s3",
        "CopyObject",
        json!({"bucketName": "b", "key": "k", "x-amz-copy-source": "/a/x/y/z?versionId=7"}),
        &[
            ("s3:object", "b/k"),
            ("s3:bucket", "b"),
            ("s3:object", "a/x/y"),
        ],
    );
    acts_on(
        "secretsmanager",
        "BatchGetSecretValue",
        json!({"secretIdList": ["prod/db", "arn:aws-cn:secretsmanager:r:1:secret:x-AbC123"]}),
        &[("secret", "prod/db"), ("secret", "x")],
    );
    acts_on(
        "kms",
        "Encrypt",
        json!({"keyId": "arn:aws-us-gov:kms:r:1:key/0a1b"}),
        &[("kms:key", "0a1b")],
    );
    acts_on(
        "kms",
        "Encrypt",
        json!({"keyId": "alias/payroll"}),
        &[("kms:key", "alias/payroll")],
    );
    acts_on(
        "ssm",
        "GetParameters",
        json!({"names": ["/app/db/pw", "/app/x"]}),
        &[("parameter", "app/db/pw"), ("parameter", "app/x")],
    );
}

#[test]
fn databases_functions_and_machines_are_named_by_parameters() {
    acts_on(
        "redshift",
        "RebootCluster",
        json!({"clusterIdentifier": "dw"}),
        &[("db:cluster", "dw")],
    );
    acts_on(
        "ecs",
        "RunTask",
        json!({"cluster": "arn:aws:ecs:r:1:cluster/main", "taskDefinition": "web:7"}),
        &[("ecs:cluster", "main"), ("ecs:task-definition", "web")],
    );
    acts_on(
        "eks",
        "DescribeCluster",
        json!({"name": "prod"}),
        &[("eks:cluster", "prod")],
    );
    acts_on(
        "ecr",
        "BatchGetImage",
        json!({"repositoryName": "team/web"}),
        &[("repository", "team/web")],
    );
    acts_on(
        "ec2",
        "CreateVolume",
        json!({"SnapshotId": "snap-1", "networkInterfaceId": "eni-1", "VPCID": "vpc-1"}),
        &[
            ("ec2:snapshot", "snap-1"),
            ("ec2:network-interface", "eni-1"),
            ("ec2:vpc", "vpc-1"),
        ],
    );
    acts_on(
        "lambda",
        "Invoke",
        json!({"functionName": "arn:aws:lambda:r:1:function:report:7"}),
        &[("lambda:function", "report")],
    );
    acts_on(
        "dynamodb",
        "BatchGetItem",
        json!({"requestItems": {"orders": {}}}),
        &[("table", "orders")],
    );
    acts_on(
        "ec2",
        "StopInstances",
        json!({"instancesSet": {"items": [{"instanceId": "i-1"}]}}),
        &[("ec2:instance", "i-1")],
    );
    acts_on(
        "ec2",
        "DescribeInstances",
        json!({"instancesSet": {"items": [{"instanceId": "i-1"}]}}),
        &[],
    );
    acts_on(
        "rds",
        "StopDBInstance",
        json!({"dBInstanceIdentifier": "main"}),
        &[("db:instance", "main")],
    );
    acts_on(
        "bedrock-runtime",
        "InvokeModel",
        json!({"modelId": "anthropic.x-v2:0"}),
        &[("model", "anthropic.x-v2")],
    );
}

#[test]
fn everything_else_is_named_by_parameters_or_arns() {
    acts_on(
        "sts",
        "AssumeRole",
        json!({"roleArn": "arn:aws-cn:iam::1:role/Ops", "roleSessionName": "x"}),
        &[("iam:role", "arn:aws-cn:iam::1:role/Ops")],
    );
    acts_on(
        "logs",
        "FilterLogEvents",
        json!({"logGroupIdentifier": "arn:aws:logs:r:1:log-group:/aws/lambda/x:*", "logStreamName": "s"}),
        &[("log-group", "aws/lambda/x")],
    );
    acts_on(
        "sns",
        "Publish",
        json!({"topicArn": "arn:aws:sns:r:1:alerts"}),
        &[("topic", "alerts")],
    );
    acts_on(
        "organizations",
        "MoveAccount",
        json!({"accountId": "444455556666"}),
        &[("account", "444455556666")],
    );
    acts_on(
        "sqs",
        "SendMessage",
        json!({"queueUrl": "https://sqs.r.amazonaws.com/1/jobs"}),
        &[("queue", "jobs")],
    );
    acts_on(
        "cloudformation",
        "DeleteStack",
        json!({"stackName": "arn:aws:cloudformation:r:1:stack/web/0a1b"}),
        &[("stack", "web")],
    );
    acts_on(
        "iam",
        "CreateAccessKey",
        json!({"userName": "carol"}),
        &[("iam:user", "carol")],
    );
    acts_on(
        "glue",
        "StartJobRun",
        json!({"deep": {"a": ["arn:aws:glue:r:1:job/nightly"]}}),
        &[("glue:job", "job/nightly")],
    );
}

#[test]
fn many_resources_are_counted_and_few_kept() {
    let names: Vec<_> = (0..100).map(|n| format!("/p/{n}")).collect();
    see(
        &call("ssm", "GetParameters", json!({"names": names})),
        |event| {
            assert_eq!(event.resources.len(), 64);
            assert_eq!(event.resources_total, 100);
        },
    );
}

#[test]
fn relations_are_edges_with_stable_ends() {
    #[track_caller]
    fn forms(source: &str, name: &str, parameters: Value, expected: &[(EdgeKind, &str)]) {
        see(&call(source, name, parameters), |event| {
            let found: Vec<_> = event.edges.iter().map(|e| (e.kind, &*e.target)).collect();
            assert_eq!(found, expected);
        });
    }
    use EdgeKind::{Grant, Invoke, Mint, Share, Touch};
    forms(
        "iam",
        "CreateAccessKey",
        json!({"userName": "carol"}),
        &[(Mint, "aws:user:111122223333/carol")],
    );
    forms("iam", "CreateAccessKey", json!({"userName": "bob"}), &[]);
    forms(
        "iam",
        "AttachUserPolicy",
        json!({"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/X"}),
        &[(Grant, "aws:user:111122223333/bob")],
    );
    forms(
        "iam",
        "CreatePolicyVersion",
        json!({"policyArn": "arn:aws:iam::1:policy/P"}),
        &[(Grant, "arn:aws:iam::1:policy/P")],
    );
    forms(
        "iam",
        "GetRole",
        json!({"roleName": "Deploy"}),
        &[(Touch, "aws:role:111122223333/Deploy")],
    );
    forms(
        "lambda",
        "Invoke",
        json!({"functionName": "report:live"}),
        &[(Invoke, "lambda/report")],
    );
    let outside = json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"userId": "444455556666"}, {"group": "all"}, {"userId": "111122223333"}]}}});
    forms(
        "ec2",
        "ModifySnapshotAttribute",
        outside,
        &[(Share, "444455556666"), (Share, "everybody")],
    );
    forms(
        "rds",
        "ModifyDBSnapshotAttribute",
        json!({"valuesToAdd": ["444455556666"]}),
        &[(Share, "444455556666")],
    );
    forms(
        "s3",
        "PutBucketAcl",
        json!({"bucketName": "b", "x-amz-acl": ["public-read"]}),
        &[(Share, "everybody")],
    );
    let policy = json!({"bucketName": "b", "bucketPolicy": {"Statement": [{"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}, {"Principal": "*"}]}});
    forms(
        "s3",
        "PutBucketPolicy",
        policy,
        &[(Share, "everybody"), (Share, "444455556666")],
    );
    let trust = json!({"roleName": "Ops", "policyDocument": "{\"Statement\":[{\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"}}]}"});
    forms(
        "iam",
        "UpdateAssumeRolePolicy",
        trust,
        &[
            (Grant, "aws:role:111122223333/Ops"),
            (Share, "444455556666"),
        ],
    );
    forms(
        "s3",
        "PutBucketPolicy",
        json!({"bucketPolicy": {"Statement": [{"Principal": {"Service": "x"}}]}}),
        &[],
    );
}

#[test]
fn sensitive_actions_are_marked() {
    #[track_caller]
    fn marked(source: &str, name: &str, expected: Sensitive) {
        see(&call(source, name, json!({})), |event| {
            assert_eq!(event.action.sensitive, Some(expected));
        });
    }
    marked("iam", "CreateAccessKey", Sensitive::CredentialCreated);
    marked("iam", "AttachRolePolicy", Sensitive::PermissionGranted);
    marked("iam", "DeactivateMFADevice", Sensitive::FactorChanged);
    marked("iam", "UpdateAssumeRolePolicy", Sensitive::TrustChanged);
    marked("cloudtrail", "StopLogging", Sensitive::LogTampering);
    marked("guardduty", "DeleteDetector", Sensitive::LogTampering);
    marked(
        "config",
        "StopConfigurationRecorder",
        Sensitive::LogTampering,
    );
    marked("ec2", "DeleteFlowLogs", Sensitive::LogTampering);
    marked("secretsmanager", "GetSecretValue", Sensitive::SecretRead);
    marked("ec2", "ModifyImageAttribute", Sensitive::SharedOutside);
    marked("s3", "PutBucketPolicy", Sensitive::SharedOutside);
    marked(
        "lambda",
        "AddPermission20150331v2",
        Sensitive::SharedOutside,
    );
    see(&call("s3", "GetObject", json!({})), |event| {
        assert_eq!(event.action.sensitive, None);
    });
}
