//! An Amazon resource name, taken apart: partition, service, account, resource.

use std::borrow::Cow;

use crate::event::Resource;
use crate::ingest::text::{MAX_TEXT, clip, part};

/// The longest `n` segments of a path, empty ones not counted.
pub(super) fn first_segments(path: &str, n: usize) -> &str {
    let path = path.trim_start_matches('/');
    let end = path
        .match_indices('/')
        .nth(n.saturating_sub(1))
        .map_or(path.len(), |(at, _)| at);
    path.get(..end).unwrap_or(path).trim_end_matches('/')
}

/// What follows the last `/`.
pub(super) fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a secret given by name or ARN.
pub(super) fn secret_name(text: &str) -> &str {
    text.rsplit_once(":secret:")
        .map_or(text, |(_, name)| without_random(name))
}

/// A secret's name in an ARN, which adds a hyphen and six random characters.
fn without_random(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((stem, random)) if random.len() == 6 && !stem.is_empty() => stem,
        _ => name,
    }
}

/// The name of a function given by name, partial ARN or ARN, with or without
/// qualifier.
pub(super) fn function_name(text: &str) -> &str {
    let rest = text.rsplit_once("function:").map_or(text, |(_, rest)| rest);
    rest.split(':').next().unwrap_or(rest)
}

/// Bucket and the first two segments of the key.
pub(super) fn object_scope(path: &str) -> &str {
    first_segments(path, 3)
}

/// How the resource part of an ARN becomes a scope.
#[derive(Clone, Copy)]
enum Shape {
    /// `table/orders/index/x`: the segment after the type.
    Second,
    /// `user/division/alice`: the last segment.
    Last,
    /// `loadbalancer/app/web/0a1b`: type and the first two segments.
    Typed,
    /// `parameter/app/db/password`: three segments after the type.
    Path,
    /// `function:name:7`: by [`function_name`].
    Function,
    /// `secret:name-AbCdEf`: by [`without_random`].
    Secret,
    /// `topic`: all of it.
    Whole,
}

/// Service, type (empty for any), kind, shape; the first match wins.
const KINDS: &[(&str, &str, &str, Shape)] = &[
    ("secretsmanager", "secret", "secret", Shape::Secret),
    ("ssm", "parameter", "parameter", Shape::Path),
    ("kms", "key", "kms:key", Shape::Last),
    ("kms", "alias", "kms:key", Shape::Typed),
    ("iam", "user", "iam:user", Shape::Last),
    ("iam", "role", "iam:role", Shape::Last),
    ("iam", "group", "iam:group", Shape::Last),
    ("iam", "policy", "iam:policy", Shape::Last),
    (
        "iam",
        "instance-profile",
        "iam:instance-profile",
        Shape::Last,
    ),
    ("sts", "assumed-role", "iam:role", Shape::Second),
    ("lambda", "function", "lambda:function", Shape::Function),
    ("dynamodb", "table", "table", Shape::Second),
    ("rds", "db", "db:instance", Shape::Second),
    ("rds", "cluster", "db:cluster", Shape::Second),
    ("rds", "snapshot", "db:snapshot", Shape::Second),
    ("rds", "cluster-snapshot", "db:snapshot", Shape::Second),
    ("redshift", "cluster", "db:cluster", Shape::Second),
    ("logs", "log-group", "log-group", Shape::Second),
    ("cloudformation", "stack", "stack", Shape::Second),
    ("ecr", "repository", "repository", Shape::Path),
    ("ecs", "cluster", "ecs:cluster", Shape::Last),
    ("ecs", "service", "ecs:service", Shape::Last),
    (
        "ecs",
        "task-definition",
        "ecs:task-definition",
        Shape::Second,
    ),
    ("eks", "cluster", "eks:cluster", Shape::Last),
    ("cloudtrail", "trail", "trail", Shape::Last),
    ("sns", "", "topic", Shape::Whole),
    ("sqs", "", "queue", Shape::Whole),
    ("bedrock", "foundation-model", "model", Shape::Second),
    ("states", "stateMachine", "state-machine", Shape::Second),
    ("ec2", "", "", Shape::Last),
];

/// The resource that `arn` names, or `None` if it is no ARN.
pub(super) fn resource(arn: Cow<'_, str>) -> Option<Resource<'_>> {
    let arn = clip(arn, MAX_TEXT);
    let rest = arn.strip_prefix("arn:")?;
    let service = rest.get(after_colons(rest, 1)?..)?;
    let service = service.get(..service.find(':')?)?;
    let tail = tail_of(&arn);
    if service.is_empty() || tail.is_empty() {
        return None;
    }
    if service == "s3" {
        return Some(s3(arn));
    }
    let (kind, shape) = classify(service, tail);
    let scope = part(&arn, |arn| scope(tail_of(arn), shape));
    Some(Resource {
        kind,
        scope,
        id: arn,
    })
}

fn tail_of(arn: &str) -> &str {
    after_colons(arn, 5)
        .and_then(|at| arn.get(at..))
        .unwrap_or_default()
}

/// Where the text behind the first `n` colons begins.
fn after_colons(text: &str, n: usize) -> Option<usize> {
    let mut colons = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
    colons.nth(n.checked_sub(1)?).map(|(at, _)| at + 1)
}

fn s3(arn: Cow<'_, str>) -> Resource<'_> {
    let is_object = tail_of(&arn).contains('/');
    Resource {
        kind: Cow::Borrowed(if is_object { "s3:object" } else { "s3:bucket" }),
        scope: part(&arn, |arn| object_scope(tail_of(arn))),
        id: arn,
    }
}

/// The kind of the resource `tail` of `service`, and how its scope is made.
fn classify(service: &str, tail: &str) -> (Cow<'static, str>, Shape) {
    let type_name = match tail.find([':', '/']) {
        Some(end) => tail.get(..end).unwrap_or_default(),
        None => "",
    };
    let row = KINDS
        .iter()
        .find(|row| row.0 == service && (row.1 == type_name || row.1.is_empty()));
    match row {
        Some((_, _, kind, shape)) if !kind.is_empty() => (Cow::Borrowed(kind), *shape),
        _ if type_name.is_empty() => (Cow::Owned(service.to_owned()), Shape::Whole),
        row => {
            let shape = row.map_or(Shape::Typed, |row| row.3);
            (Cow::Owned(format!("{service}:{type_name}")), shape)
        }
    }
}

fn scope(tail: &str, shape: Shape) -> &str {
    let after_type = tail
        .find([':', '/'])
        .and_then(|at| tail.get(at.saturating_add(1)..))
        .unwrap_or(tail);
    match shape {
        Shape::Whole => tail,
        Shape::Typed => first_segments(tail, 3),
        Shape::Last => last_segment(tail),
        Shape::Path => first_segments(after_type, 3),
        Shape::Function => function_name(tail),
        Shape::Secret => without_random(after_type),
        Shape::Second => {
            // Log groups begin with `/` and hold more of them.
            let name = after_type.trim_start_matches('/');
            let end = if after_type.starts_with('/') {
                name.find(':')
            } else {
                name.find([':', '/'])
            };
            end.and_then(|end| name.get(..end)).unwrap_or(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(arn: &str, kind: &str, scope: &str) {
        let found = resource(arn.into());
        let shown = found
            .as_ref()
            .map(|resource| (&*resource.kind, &*resource.scope));
        assert_eq!(shown, Some((kind, scope)), "{arn}");
    }

    #[test]
    fn scope_is_what_stays_when_versions_and_random_parts_change() {
        names(
            "arn:aws:s3:::payroll/2026/10/all.csv",
            "s3:object",
            "payroll/2026/10",
        );
        names("arn:aws-cn:s3:::payroll", "s3:bucket", "payroll");
        names("arn:aws:s3:::payroll/", "s3:object", "payroll");
        names(
            "arn:aws:secretsmanager:r:1:secret:prod/db-AbC123",
            "secret",
            "prod/db",
        );
        names(
            "arn:aws:ssm:r:1:parameter/app/db/a/b",
            "parameter",
            "app/db/a",
        );
        names("arn:aws:kms:r:1:key/0a1b", "kms:key", "0a1b");
        names("arn:aws:iam::1:role/team/Deploy", "iam:role", "Deploy");
        names(
            "arn:aws:sts::1:assumed-role/Deploy/job-7",
            "iam:role",
            "Deploy",
        );
        names(
            "arn:aws:lambda:r:1:function:report:7",
            "lambda:function",
            "report",
        );
        names(
            "arn:aws:dynamodb:r:1:table/orders/index/x",
            "table",
            "orders",
        );
        names("arn:aws:ec2:r:1:instance/i-1", "ec2:instance", "i-1");
        names(
            "arn:aws:logs:r:1:log-group:/aws/lambda/x:*",
            "log-group",
            "aws/lambda/x",
        );
        names("arn:aws:cloudformation:r:1:stack/web/0a1b", "stack", "web");
        names(
            "arn:aws:ecs:r:1:task-definition/web:7",
            "ecs:task-definition",
            "web",
        );
        names(
            "arn:aws:elasticloadbalancing:r:1:loadbalancer/app/web/0a1b",
            "elasticloadbalancing:loadbalancer",
            "loadbalancer/app/web",
        );
        names("arn:aws:sns:r:1:alerts", "topic", "alerts");
        names("arn:aws:glue:r:1:job/nightly", "glue:job", "job/nightly");
        names("arn:aws:iam::1:root", "iam", "root");
    }

    #[test]
    fn what_is_no_arn_names_nothing() {
        for text in [
            "",
            "arn",
            "arn:aws:s3",
            "arn:aws:::::",
            "arn:aws::r:1:x",
            "a:b:c:d:e:f",
        ] {
            assert_eq!(resource(text.into()), None, "{text}");
        }
    }

    #[test]
    fn names_given_as_parameters_are_reduced_alike() {
        assert_eq!(secret_name("prod/db"), "prod/db");
        assert_eq!(secret_name("team-secret"), "team-secret");
        assert_eq!(
            secret_name("arn:aws:secretsmanager:r:1:secret:db-AbC123"),
            "db"
        );
        assert_eq!(function_name("report"), "report");
        assert_eq!(function_name("1:function:report"), "report");
        assert_eq!(function_name("report:live"), "report");
        assert_eq!(first_segments("/a//b/", 3), "a//b");
        assert_eq!(first_segments("a", 0), "a");
    }
}
