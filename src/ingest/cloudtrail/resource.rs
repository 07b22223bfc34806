//! What a call acted on: the resources that the record lists, then those that
//! its parameters name and the list does not.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::action::Call;
use super::arn::{self, first_segments, function_name, last_segment, object_scope, secret_name};
use super::fields::Record;
use crate::event::Resource;
use crate::ingest::text::{MAX_TEXT, clip, part};

/// How many resources of one event are kept.
const MAX_RESOURCES: usize = 64;

/// How a parameter's value becomes a scope.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// The value, or the end of its path.
    Name,
    /// The first three segments of a path.
    Path,
    /// A secret by name or ARN.
    Secret,
    /// A function by name or ARN.
    Function,
    /// The value as it is.
    Whole,
    /// A key by id or ARN.
    Key,
    /// A log group by name or ARN.
    LogGroup,
    /// A model id without its version.
    Model,
    /// The id is made anew each time: no scope.
    Nameless,
}

/// Service, parameter, kind, shape.
#[derive(Debug)]
pub(super) struct Row(&'static str, &'static str, &'static str, Shape);

use Shape::{Function, Key, LogGroup, Model, Name, Nameless, Path, Secret, Whole};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("secretsmanager", "secretid", "secret", Secret),
    Row("secretsmanager", "secretidlist", "secret", Secret),
    Row("secretsmanager", "name", "secret", Secret),
    Row("ssm", "name", "parameter", Path),
    Row("ssm", "names", "parameter", Path),
    Row("ssm", "path", "parameter", Path),
    Row("ssm", "documentname", "ssm:document", Name),
    Row("ssm", "instanceid", "ec2:instance", Name),
    Row("ssm", "instanceids", "ec2:instance", Name),
    Row("ssm", "target", "ec2:instance", Name),
    Row("kms", "keyid", "kms:key", Key),
    Row("iam", "rolename", "iam:role", Name),
    Row("iam", "username", "iam:user", Name),
    Row("iam", "groupname", "iam:group", Name),
    Row("iam", "policyarn", "iam:policy", Name),
    Row("iam", "policyname", "iam:policy", Name),
    Row("iam", "instanceprofilename", "iam:instance-profile", Name),
    Row("iam", "accesskeyid", "iam:access-key", Nameless),
    Row("sts", "rolearn", "iam:role", Whole),
    Row("lambda", "functionname", "lambda:function", Function),
    Row("dynamodb", "tablename", "table", Name),
    Row("dynamodb", "requestitems", "table", Name),
    Row("ec2", "instanceid", "ec2:instance", Name),
    Row("ec2", "imageid", "ec2:image", Name),
    Row("ec2", "snapshotid", "ec2:snapshot", Name),
    Row("ec2", "volumeid", "ec2:volume", Name),
    Row("ec2", "groupid", "ec2:security-group", Name),
    Row("ec2", "networkinterfaceid", "ec2:network-interface", Name),
    Row("ec2", "subnetid", "ec2:subnet", Name),
    Row("ec2", "vpcid", "ec2:vpc", Name),
    Row("ec2-instance-connect", "instanceid", "ec2:instance", Name),
    Row("rds", "dbinstanceidentifier", "db:instance", Name),
    Row("rds", "dbclusteridentifier", "db:cluster", Name),
    Row("rds", "dbsnapshotidentifier", "db:snapshot", Name),
    Row("rds", "dbclustersnapshotidentifier", "db:snapshot", Name),
    Row("redshift", "clusteridentifier", "db:cluster", Name),
    Row("redshift-data", "clusteridentifier", "db:cluster", Name),
    Row("ecr", "repositoryname", "repository", Path),
    Row("ecs", "cluster", "ecs:cluster", Name),
    Row("ecs", "service", "ecs:service", Name),
    Row("ecs", "taskdefinition", "ecs:task-definition", Function),
    Row("ecs", "name", "ecs:cluster", Name),
    Row("ecr", "name", "repository", Path),
    Row("eks", "name", "eks:cluster", Name),
    Row("eks", "clustername", "eks:cluster", Name),
    Row("logs", "loggroupname", "log-group", Path),
    Row("logs", "loggroupidentifier", "log-group", LogGroup),
    Row("sns", "topicarn", "topic", Name),
    Row("sqs", "queueurl", "queue", Name),
    Row("cloudformation", "stackname", "stack", Name),
    Row("cloudtrail", "name", "trail", Name),
    Row("organizations", "accountid", "account", Name),
    Row("organizations", "targetid", "account", Name),
    Row("account", "accountid", "account", Name),
    Row("bedrock", "modelid", "model", Model),
    Row("bedrock", "agentid", "bedrock:agent", Name),
    Row("bedrock", "knowledgebaseid", "bedrock:knowledge-base", Name),
    Row("kinesis", "streamname", "stream", Name),
    Row("firehose", "deliverystreamname", "stream", Name),
    Row("codebuild", "projectname", "codebuild:project", Name),
];

/// The resources of one call.
#[derive(Debug, Default)]
pub(super) struct Resources<'a> {
    /// At most [`MAX_RESOURCES`] of them.
    pub(super) kept: SmallVec<[Resource<'a>; 2]>,
    /// How many there were.
    pub(super) total: u32,
}

impl<'a> Resources<'a> {
    fn add(&mut self, resource: Resource<'a>) {
        if self.kept.iter().any(|kept| kept.id == resource.id) {
            return;
        }
        self.total = self.total.saturating_add(1);
        if self.kept.len() < MAX_RESOURCES {
            self.kept.push(resource);
        }
    }

    fn scope_by_id(&mut self, kind: &str) {
        for resource in self.kept.iter_mut().filter(|kept| kept.kind == kind) {
            resource.scope.clone_from(&resource.id);
        }
    }

    fn has(&self, kind: &str) -> bool {
        self.kept.iter().any(|kept| kept.kind == kind)
    }
}

/// The rows for the calls of `service`.
pub(super) fn rows(service: &str) -> Vec<&'static Row> {
    // Families of services share their parameters: bedrock-runtime.
    let family = if service.starts_with("bedrock") {
        "bedrock"
    } else {
        service
    };
    ROWS.iter().filter(|row| row.0 == family).collect()
}

/// The resources of the call of `record`.
pub(super) fn resources<'a>(record: &Record<'a>, call: &Call<'_>) -> Resources<'a> {
    let mut found = Resources::default();
    for entry in &record.resources.0 {
        let arn = [&entry.arn, &entry.lower_arn, &entry.arn_prefix]
            .into_iter()
            .find_map(|arn| arn.cloned());
        if let Some(resource) = arn.and_then(arn::resource) {
            found.add(resource);
        }
    }
    match &*call.service {
        "s3" => objects(record, &mut found),
        "signin" => console(record, &mut found),
        // Roles of other accounts may bear the same name.
        "sts" => found.scope_by_id("iam:role"),
        // What is described is chosen by filters; there is no target.
        "ec2" if call.name.starts_with("Describe") => return found,
        _ => {}
    }
    parameters(record, call, &mut found);
    if found.kept.is_empty() {
        for arn in &record.request_parameters.value.arns {
            if let Some(resource) = arn::resource(arn.clone()) {
                found.add(resource);
            }
        }
    }
    found
}

fn parameters<'a>(record: &Record<'a>, call: &Call<'_>, found: &mut Resources<'a>) {
    let values = &record.request_parameters.value.values;
    for row in call.resources.iter() {
        // Documents and other things of the service have a `name` too.
        let is_foreign = row.2 == "parameter" && !call.name.contains("Parameter");
        if is_foreign || found.has(row.2) {
            continue;
        }
        // Nested `name` and `key` belong to filters and tags.
        let is_generic = matches!(row.1, "name" | "path" | "target" | "service" | "cluster");
        for value in values
            .iter()
            .filter(|value| value.name == row.1 && (!is_generic || value.depth == 1))
        {
            let id = clip(value.text.clone(), MAX_TEXT);
            found.add(Resource {
                kind: Cow::Borrowed(row.2),
                scope: part(&id, |id| scope(id, row.3)),
                id,
            });
        }
    }
}

fn scope(value: &str, shape: Shape) -> &str {
    match shape {
        Name if value.starts_with("arn:") && !value.contains('/') => {
            value.rsplit(':').next().unwrap_or(value)
        }
        // A stack's ARN ends in an id; its name stands before it.
        Name if value.contains(":stack/") => value.split('/').nth(1).unwrap_or(value),
        Name => last_segment(value),
        Path => first_segments(value, 3),
        Secret => secret_name(value),
        Function => function_name(last_segment(value)),
        Whole => value,
        Key => {
            let id = value.rsplit(':').next().unwrap_or(value);
            id.strip_prefix("key/").unwrap_or(id)
        }
        LogGroup => {
            let name = value
                .split_once(":log-group:")
                .map_or(value, |(_, name)| name);
            first_segments(name.split(':').next().unwrap_or(name), 3)
        }
        Model => last_segment(value).split(':').next().unwrap_or(value),
        Nameless => "",
    }
}

/// Bucket and key of an S3 call.
fn objects<'a>(record: &Record<'a>, found: &mut Resources<'a>) {
    let parameters = &record.request_parameters.value;
    let Some(bucket) = parameters.own("bucketname") else {
        return;
    };
    let key = parameters.own("key").or_else(|| parameters.own("prefix"));
    if let Some(key) = key.filter(|key| !found.has("s3:object") && !key.is_empty()) {
        found.add(object(format!("{bucket}/{key}").into()));
    }
    if !found.has("s3:bucket") {
        let bucket = clip(bucket.clone(), MAX_TEXT);
        found.add(Resource {
            kind: Cow::Borrowed("s3:bucket"),
            id: bucket.clone(),
            scope: bucket,
        });
    }
    if let Some(source) = parameters.own("x-amz-copy-source") {
        found.add(object(part(source, |source| {
            let path = source.trim_start_matches('/');
            path.split("?versionId=").next().unwrap_or(path)
        })));
    }
}

fn object(path: Cow<'_, str>) -> Resource<'_> {
    let path = clip(path, MAX_TEXT);
    Resource {
        kind: Cow::Borrowed("s3:object"),
        scope: part(&path, object_scope),
        id: path,
    }
}

/// The console that a sign-in leads to.
fn console<'a>(record: &Record<'a>, found: &mut Resources<'a>) {
    let Some(url) = record.additional_event_data.value.login_to.cloned() else {
        return;
    };
    let host = part(&url, |url| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or(rest)
    });
    found.add(Resource {
        kind: Cow::Borrowed("console"),
        id: host.clone(),
        scope: host,
    });
}
