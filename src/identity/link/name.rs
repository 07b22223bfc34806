//! Names in the form in which they are compared.

/// A session name of exactly this length may be cut.
const MAX_SESSION: usize = 64;

/// Local parts that name nobody.
const GENERIC: [&str; 11] = [
    "admin", "root", "deploy", "ci", "test", "user", "service", "backup", "ops", "dev", "prod",
];

/// Letters that a local part has at least to tell anybody.
const MIN_LOCAL: usize = 4;

/// A name without what products put around it: blanks, letter case, a Windows
/// domain, the form that directories give to guests.
///
/// Letters of other scripts and widths stay what they are: whoever looks like
/// somebody else is somebody else.
pub(super) fn normalise(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = name
        .rsplit_once('\\')
        .map_or(name.as_str(), |(_, user)| user);
    match name.split_once("#ext#") {
        // alice_corp.example#ext#@tenant
        Some((guest, _)) => match guest.rsplit_once('_') {
            Some((user, domain)) if !guest.contains('@') => format!("{user}@{domain}"),
            _ => guest.to_owned(),
        },
        None => name.to_owned(),
    }
}

/// The part before the `@`, if it can tell somebody.
pub(super) fn local(name: &str) -> Option<&str> {
    let local = name.split_once('@').map_or(name, |(local, _)| local);
    let tells = local.chars().count() >= MIN_LOCAL && !GENERIC.contains(&local);
    tells.then_some(local)
}

/// Whether `name` is that of a person in some organisation, and no mere local
/// part.
pub(super) fn is_address(name: &str) -> bool {
    name.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

/// Whether `name` has the form of a repository: `<owner>/<name>`.
pub(super) fn is_repository(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['/', '@', ':', ' ']);
    name.split_once('/')
        .is_some_and(|(owner, name)| is_part(owner) && is_part(name))
}

/// Whether a session name may be the beginning of a longer one.
pub(super) fn may_be_cut(session: &str) -> bool {
    session.len() == MAX_SESSION
}

/// Undoes the encoding of one component of a key.
pub(super) fn decode(component: &str) -> String {
    let mut bytes = Vec::with_capacity(component.len());
    let mut rest = component.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An AWS principal by account, kind (`role`, `user`) and name without path.
pub(super) type Principal<'t> = (&'t str, &'t str, &'t str);

/// The principal behind an ARN; the role, of a session.
pub(super) fn principal(arn: &str) -> Option<Principal<'_>> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let account = parts.nth(3)?;
    let (kind, path) = parts.next()?.split_once('/')?;
    match kind {
        "assumed-role" => Some((account, "role", path.split('/').next()?)),
        "role" | "user" => Some((account, kind, path.rsplit('/').next()?)),
        _ => None,
    }
}

/// The session name in the ARN of a session.
pub(super) fn session_of(arn: &str) -> Option<&str> {
    let (_, path) = arn.split_once(":assumed-role/")?;
    path.split_once('/').map(|(_, session)| session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_products_put_around_them() {
        for (logged, expected) in [
            (" Alice@Corp.Example ", "alice@corp.example"),
            ("CORP\\alice", "alice"),
            (
                "alice_corp.example#EXT#@t.onmicrosoft.example",
                "alice@corp.example",
            ),
            ("a.b+c@corp.example", "a.b+c@corp.example"),
            ("аlice@corp.example", "аlice@corp.example"),
        ] {
            assert_eq!(normalise(logged), expected, "{logged}");
        }
        assert_ne!(normalise("ａlice@corp.example"), "alice@corp.example");
    }

    #[test]
    fn generic_and_short_local_parts_tell_nobody() {
        assert_eq!(local("alice@corp.example"), Some("alice"));
        assert_eq!(local("bob@corp.example"), None);
        assert_eq!(local("backup@corp.example"), None);
    }

    #[test]
    fn components_are_decoded() {
        let name = "x/y#z%41@é";
        let encoded = crate::event::encode_component(name);
        assert_eq!(decode(&encoded), name);
        assert_eq!(decode("100%"), "100%");
    }

    #[test]
    fn principals_are_told_without_their_paths() {
        let role = Some(("111122223333", "role", "deploy"));
        assert_eq!(
            principal("arn:aws:sts::111122223333:assumed-role/deploy/job-1"),
            role
        );
        assert_eq!(
            principal("arn:aws:iam::111122223333:role/team/x/deploy"),
            role
        );
        assert_eq!(principal("arn:aws:s3:::bucket/key"), None);
        assert_eq!(
            session_of("arn:aws:sts::111122223333:assumed-role/deploy/job-1"),
            Some("job-1")
        );
    }
}
