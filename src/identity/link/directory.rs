//! The directory of Identity Center, as `aws identitystore list-users` prints
//! it: the only place that says who is behind a user id of its events.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Deserialize;

use super::name::normalise;
use crate::event::encode_component;

/// The users of a directory, by the key of their identities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory(BTreeMap<Box<str>, Entry>);

/// What the directory says of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The user name, by which sessions are named too.
    pub(super) name: String,
    /// Ids at the identity provider that it was copied from.
    pub(super) ids: Vec<String>,
}

/// Why a file is no directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryError {
    /// What the system said.
    Unreadable(String),
    /// Not JSON, or not of this shape.
    Shape(String),
    /// It goes on elsewhere.
    Part,
    /// Nobody in it.
    Empty,
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(err) => f.write_str(err),
            Self::Shape(err) => write!(
                f,
                "it is not what `aws identitystore list-users --output json` prints: {err}"
            ),
            Self::Part => f.write_str(
                "it is a part of a directory: it has a NextToken; leave out --max-items",
            ),
            Self::Empty => f.write_str("it has no users"),
        }
    }
}

impl std::error::Error for DirectoryError {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shape {
    users: Vec<UserShape>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserShape {
    identity_store_id: String,
    user_id: String,
    user_name: Option<String>,
    #[serde(default)]
    external_ids: Vec<IdShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IdShape {
    id: String,
}

impl Directory {
    /// Reads what `aws identitystore list-users` printed.
    ///
    /// # Errors
    ///
    /// When it is not of that shape, or not all of it.
    pub fn parse(text: &str) -> Result<Self, DirectoryError> {
        let shape: Shape =
            serde_json::from_str(text).map_err(|err| DirectoryError::Shape(err.to_string()))?;
        if shape.next_token.is_some() {
            return Err(DirectoryError::Part);
        }
        if shape.users.is_empty() {
            return Err(DirectoryError::Empty);
        }
        let users = shape.users.into_iter().map(|user| {
            let [store, id] =
                [&user.identity_store_id, &user.user_id].map(|it| encode_component(it));
            let entry = Entry {
                name: normalise(&user.user_name.unwrap_or_default()),
                ids: user.external_ids.into_iter().map(|it| it.id).collect(),
            };
            (format!("aws:idc:{store}/{id}").into(), entry)
        });
        Ok(Self(users.collect()))
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or [`Directory::parse`] refuses it.
    pub fn load(path: &Path) -> Result<Self, DirectoryError> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|err| DirectoryError::Unreadable(err.to_string()))?;
        Self::parse(&text)
    }

    /// Adds the users of another one.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether it names nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The user with this key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = r#"{"IdentityStoreId": "d-1", "UserId": "u-1", "UserName": "Alice@Corp.example",
        "ExternalIds": [{"Issuer": "https://idp.example", "Id": "00u1"}], "Name": {"GivenName": "A"}}"#;

    #[test]
    fn what_the_command_prints_is_read() {
        let read = Directory::parse(&format!(r#"{{"Users": [{USER}]}}"#));
        let expected = Entry {
            name: "alice@corp.example".to_owned(),
            ids: vec!["00u1".to_owned()],
        };
        assert_eq!(
            read.unwrap_or_default().get("aws:idc:d-1/u-1"),
            Some(&expected)
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let refused = |text: &str| Directory::parse(text).err().map(|err| err.to_string());
        let shape = "it is not what `aws identitystore list-users --output json` prints";
        for text in [
            "",
            "Users:\n- UserId: u",
            r#"{"Users": [{"UserId": "u"}]}"#,
            r#"{"Groups": []}"#,
        ] {
            assert!(
                refused(text).is_some_and(|err| err.starts_with(shape)),
                "{text}"
            );
        }
        assert_eq!(
            Directory::parse(r#"{"Users": []}"#),
            Err(DirectoryError::Empty)
        );
        let part = format!(r#"{{"Users": [{USER}], "NextToken": "x"}}"#);
        assert_eq!(Directory::parse(&part), Err(DirectoryError::Part));
    }
}
