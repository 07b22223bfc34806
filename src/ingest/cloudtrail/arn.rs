//! An Amazon resource name, taken apart: partition, service, account, resource.

use std::borrow::Cow;

use crate::event::Resource;
use crate::ingest::text::{MAX_TEXT, clip, part};

/// The longest `n` segments of a path, empty ones not counted.
pub(super) fn first_segments(path: &str, n: usize) -> &str {
    let path = path.trim_start_matches('/');
    let end = nth(path, n.saturating_sub(1), |byte| byte == b'/').unwrap_or(path.len());
    path.get(..end).unwrap_or(path).trim_end_matches('/')
}

/// What follows the last `/`.
pub(super) fn last_segment(path: &str) -> &str {
    let before = path.bytes().rposition(|byte| byte == b'/');
    let after = before.and_then(|at| path.get(at.saturating_add(1)..));
    after.unwrap_or(path)
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
    /// `payroll/2026/10/all.csv`: by [`object_scope`].
    Object,
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
    let mut colons = arn.bytes().enumerate().filter(|(_, byte)| *byte == b':');
    let mut after = |n| colons.nth(n).map(|(at, _)| at.saturating_add(1));
    let (scheme, at, service_end, at_tail) = (after(0)?, after(0)?, after(0)?, after(1)?);
    let service = arn.get(at..service_end.saturating_sub(1))?;
    let tail = arn.get(at_tail..)?;
    if arn.get(..scheme) != Some("arn:") || service.is_empty() || tail.is_empty() {
        return None;
    }
    let (kind, shape) = classify(service, tail);
    let scope = part(&arn, |arn| {
        scope(arn.get(at_tail..).unwrap_or_default(), shape)
    });
    Some(Resource {
        kind,
        scope,
        id: arn,
    })
}

/// Where in `text` the byte is that `is_it` for the `n`th time, counted from 0.
fn nth(text: &str, n: usize, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let mut found = text.bytes().enumerate().filter(|(_, byte)| is_it(*byte));
    found.nth(n).map(|(at, _)| at)
}

/// Where the type ends in the resource part of an ARN, if it says one.
fn type_end(tail: &str) -> Option<usize> {
    nth(tail, 0, |byte| matches!(byte, b':' | b'/'))
}

/// The kind of the resource `tail` of `service`, and how its scope is made.
fn classify(service: &str, tail: &str) -> (Cow<'static, str>, Shape) {
    if service == "s3" {
        let is_object = tail.contains('/');
        let kind = if is_object { "s3:object" } else { "s3:bucket" };
        return (Cow::Borrowed(kind), Shape::Object);
    }
    let type_name = type_end(tail).and_then(|end| tail.get(..end));
    let type_name = type_name.unwrap_or_default();
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
    let after_type = type_end(tail)
        .and_then(|at| tail.get(at.saturating_add(1)..))
        .unwrap_or(tail);
    match shape {
        Shape::Whole => tail,
        Shape::Object => object_scope(tail),
        Shape::Typed => first_segments(tail, 3),
        Shape::Last => last_segment(tail),
        Shape::Path => first_segments(after_type, 3),
        Shape::Function => function_name(tail),
        Shape::Secret => without_random(after_type),
        Shape::Second => {
            // Log groups begin with `/` and hold more of them.
            let name = after_type.trim_start_matches('/');
            let end = if after_type.starts_with('/') {
                nth(name, 0, |byte| byte == b':')
            } else {
                type_end(name)
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
