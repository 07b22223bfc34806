//! Request parameters: the values of known names, wherever they stand.
//!
//! Services nest their parameters as they like and differ in letter case, so a
//! parameter is known by its own name alone. Values of other names are read
//! past, except that anything in the form of an ARN names a resource.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::ingest::cursor::{Cursor, Scalar};

/// Names that resources, edges and verbs are made from: lower case, sorted.
const NAMES: &[&str] = &[
    "accesskeyid",
    "accountid",
    "agentarn",
    "agentid",
    "agentruntimearn",
    "aws",
    "bucketname",
    "cluster",
    "clusteridentifier",
    "clustername",
    "dbclusteridentifier",
    "dbclustersnapshotidentifier",
    "dbinstanceidentifier",
    "dbsnapshotidentifier",
    "deliverystreamname",
    "documentname",
    "functionname",
    "granteeprincipal",
    "group",
    "groupid",
    "groupname",
    "imageid",
    "instanceid",
    "instanceids",
    "instanceprofilename",
    "key",
    "keyid",
    "knowledgebaseid",
    "loggroupidentifier",
    "loggroupname",
    "modelid",
    "name",
    "names",
    "networkinterfaceid",
    "path",
    "policy",
    "policyarn",
    "policydocument",
    "policyname",
    "prefix",
    "principal",
    "principalarn",
    "principalid",
    "principals",
    "projectname",
    "queueurl",
    "repositoryname",
    "requestitems",
    "rolearn",
    "rolename",
    "secretid",
    "secretidlist",
    "service",
    "snapshotid",
    "stackname",
    "statemachinearn",
    "streamname",
    "subnetid",
    "tablename",
    "target",
    "targetid",
    "targetprincipal",
    "taskdefinition",
    "topicarn",
    "userid",
    "username",
    "valuestoadd",
    "volumeid",
    "vpcid",
    "withdecryption",
    "x-amz-acl",
    "x-amz-copy-source",
];

/// How deep a value may stand.
const MAX_DEPTH: u8 = 6;
/// How many values are kept.
const MAX_VALUES: usize = 256;

/// The value of one known name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    /// The name, lower case.
    pub(super) name: &'static str,
    /// The value, scalars as their text.
    pub(super) text: Cow<'a, str>,
    /// 1 for a parameter of the call itself, more inside a structure.
    pub(super) depth: u8,
}

/// What was found in the parameters of one call.
#[derive(Debug, Default)]
pub(super) struct Parameters<'a> {
    /// Values of known names, in the order of the record.
    pub(super) values: Vec<Value<'a>>,
    /// Other values in the form of an ARN.
    pub(super) arns: Vec<Cow<'a, str>>,
    /// More values than are kept.
    pub(super) is_truncated: bool,
}

impl<'a> Parameters<'a> {
    /// The values of `name`, wherever they stand.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Cow<'a, str>> {
        self.values
            .iter()
            .filter(move |value| value.name == name)
            .map(|value| &value.text)
    }

    /// The value of the call's own parameter `name`.
    pub(super) fn own(&self, name: &str) -> Option<&Cow<'a, str>> {
        self.values
            .iter()
            .find(|value| value.name == name && value.depth == 1)
            .map(|value| &value.text)
    }

    fn keep(&mut self, name: Option<&'static str>, depth: u8, text: Cow<'a, str>) {
        let is_arn = text.starts_with("arn:aws");
        if text.is_empty() || (name.is_none() && !is_arn) {
            return;
        }
        if self.values.len().saturating_add(self.arns.len()) >= MAX_VALUES {
            self.is_truncated = true;
            return;
        }
        match name {
            Some(name) => self.values.push(Value { name, text, depth }),
            None => self.arns.push(text),
        }
    }
}

/// How many places there are for known names.
const N_SLOTS: usize = 512;

/// The positions of [`NAMES`] by [`slot`], up to two in each; where there are
/// less, one beyond all.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are less names than that"
)]
static SLOTS: [[u8; 2]; N_SLOTS] = {
    assert!(NAMES.len() < 256, "too many names");
    let none = NAMES.len() as u8;
    let mut slots = [[none; 2]; N_SLOTS];
    let mut at = 0;
    while at < NAMES.len() {
        let slot = slot(NAMES[at].as_bytes());
        let way = (slots[slot][0] != none) as usize;
        assert!(slots[slot][way] == none, "too many names in one place");
        slots[slot][way] = at as u8;
        at += 1;
    }
    slots
};

/// The place of a name, whatever its letter case.
const fn slot(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return 0;
    };
    let letters = [*first, *last, name[name.len() / 2]];
    let letters = [letters[0] | 0x20, letters[1] | 0x20, letters[2] | 0x20];
    let sum = letters[0] as usize * 7 + letters[1] as usize * 17 + letters[2] as usize * 37;
    (sum + name.len() % N_SLOTS * 8) % N_SLOTS
}

/// The position among [`NAMES`] of the one that `key` is, in any letter case.
#[inline]
fn position(key: &str) -> Option<usize> {
    let ways = SLOTS.get(slot(key.as_bytes()))?;
    let mut ways = ways.iter().map(|at| usize::from(*at));
    ways.find(|at| {
        let name = NAMES.get(*at);
        name.is_some_and(|name| is_same(name, key))
    })
}

/// Whether `key` is `name`, which is lower case, in any letter case.
#[inline]
fn is_same(name: &str, key: &str) -> bool {
    if name.len() != key.len() {
        return false;
    }
    let ends = |text: &str| {
        let bytes = text.as_bytes();
        let fold = |word: &[u8; 8]| u64::from_le_bytes(*word) | 0x2020_2020_2020_2020;
        Some((fold(bytes.first_chunk()?), fold(bytes.last_chunk()?)))
    };
    // Of letters, and no others, this is the whole truth.
    let is_enough = (8..=16).contains(&name.len()) && !name.starts_with("x-");
    ends(name) == ends(key) && (is_enough || name.eq_ignore_ascii_case(key))
}

/// The known name that `key` is, in any letter case.
fn known(key: &str) -> Option<&'static str> {
    NAMES.get(position(key)?).copied()
}

/// Collects one JSON value that stands under `name` at `depth`.
struct Collector<'p, 'a> {
    parameters: &'p mut Parameters<'a>,
    name: Option<&'static str>,
    depth: u8,
}

impl<'de> Visitor<'de> for Collector<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parameters")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.parameters
            .keep(self.name, self.depth, Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.parameters
            .keep(self.name, self.depth, Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.visit_str(if value { "true" } else { "false" })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self {
            parameters,
            name,
            depth,
        } = self;
        while seq
            .next_element_seed(Collector {
                parameters: &mut *parameters,
                name,
                depth,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let depth = self.depth.saturating_add(1);
        let mut seen: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            if depth > MAX_DEPTH {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if self.name == Some("requestitems") {
                // The keys are the tables.
                self.parameters.keep(self.name, depth, key.clone());
            }
            let name = known(&key);
            if name.is_some() && seen.contains(&key) {
                return Err(A::Error::custom("duplicate field in parameters"));
            }
            map.next_value_seed(Collector {
                parameters: &mut *self.parameters,
                name,
                depth,
            })?;
            if name.is_some() && seen.len() < NAMES.len() {
                seen.push(key);
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Collector<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.depth >= MAX_DEPTH {
            return IgnoredAny::deserialize(from).map(|_| ());
        }
        from.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parameters<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut parameters = Parameters::<'de>::default();
        Collector {
            parameters: &mut parameters,
            name: None,
            depth: 0,
        }
        .deserialize(from)?;
        Ok(parameters)
    }
}

impl<'t> Parameters<'t> {
    /// Collects the parameters in the object at `cursor`, as serde does.
    pub(super) fn collect(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        self.collect_value(cursor, None, 0)
    }

    fn collect_value(
        &mut self,
        cursor: &mut Cursor<'t>,
        name: Option<&'static str>,
        depth: u8,
    ) -> Option<()> {
        match cursor.peek()? {
            _ if depth >= MAX_DEPTH => cursor.skip(),
            b'"' => self.collect_text(cursor, name, depth),
            b'{' => self.collect_members(cursor, name, depth.saturating_add(1)),
            b'[' => cursor.array(|cursor| self.collect_value(cursor, name, depth)),
            _ if name.is_none() => cursor.skip(),
            _ => {
                let text = match cursor.scalar()? {
                    Scalar::Null => return Some(()),
                    Scalar::Bool(true) => Cow::Borrowed("true"),
                    Scalar::Bool(false) => Cow::Borrowed("false"),
                    Scalar::Number(number) if number.contains('.') => return None,
                    Scalar::Number(number) => Cow::Borrowed(number),
                    Scalar::Text(text) => text,
                };
                self.keep(name, depth, text);
                Some(())
            }
        }
    }

    #[inline]
    fn collect_text(
        &mut self,
        cursor: &mut Cursor<'t>,
        name: Option<&'static str>,
        depth: u8,
    ) -> Option<()> {
        let may_be_arn = cursor.may_be_at(b"\"arn:aws");
        if let Some(text) = cursor.plain_string() {
            if name.is_some() || may_be_arn {
                self.keep(name, depth, Cow::Borrowed(text));
            }
            return Some(());
        }
        if name.is_none() && !may_be_arn {
            return cursor.skip();
        }
        if let Scalar::Text(text) = cursor.scalar()? {
            self.keep(name, depth, text);
        }
        Some(())
    }

    fn collect_members(
        &mut self,
        cursor: &mut Cursor<'t>,
        around: Option<&'static str>,
        depth: u8,
    ) -> Option<()> {
        let mut seen = [false; NAMES.len()];
        let mut has_more = cursor.open_object()?;
        while has_more
            && cursor.texts(|key, text| {
                let name = self.name(key, around, depth, &mut seen)?;
                if depth < MAX_DEPTH && (name.is_some() || text.starts_with("arn:aws")) {
                    self.keep(name, depth, Cow::Borrowed(text));
                }
                Some(())
            })?
        {
            let key = cursor.key()?;
            let name = self.name(key, around, depth, &mut seen)?;
            self.collect_value(cursor, name, depth)?;
            has_more = cursor.next_member()?;
        }
        Some(())
    }

    /// The known name that `key` is, of a member of an object that stands under
    /// the name `around` and has `seen` others; declines what it has twice.
    #[inline]
    fn name(
        &mut self,
        key: &'t str,
        around: Option<&'static str>,
        depth: u8,
        seen: &mut [bool; NAMES.len()],
    ) -> Option<Option<&'static str>> {
        if around == Some("requestitems") {
            self.keep(around, depth, Cow::Borrowed(key));
        }
        let Some(at) = position(key) else {
            return Some(None);
        };
        // The same name twice may be in another letter case.
        let is_second = std::mem::replace(seen.get_mut(at)?, true);
        (!is_second).then(|| NAMES.get(at).copied())
    }
}

/// An object key, borrowed where it has no escape.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn parameters(json: &str) -> Parameters<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn names_are_sorted_and_lower_case() {
        assert!(NAMES.is_sorted());
        assert!(NAMES.iter().all(|name| *name == name.to_ascii_lowercase()));
    }

    #[test]
    fn a_name_is_known_in_any_letter_case_and_nothing_else_is() {
        let is_letter = |c: char| c.is_ascii_lowercase() || c == '-';
        for (at, name) in NAMES.iter().enumerate() {
            assert!(name.chars().all(is_letter), "{name}");
            assert_eq!(name.contains('-'), name.starts_with("x-"), "{name}");
            assert_eq!(position(&name.to_ascii_uppercase()), Some(at));
            for place in 0..name.len() {
                for byte in 0..=0x7f_u8 {
                    let mut key = name.as_bytes().to_vec();
                    key[place] = byte;
                    let key = String::from_utf8(key).unwrap();
                    let same = NAMES
                        .iter()
                        .position(|name| name.eq_ignore_ascii_case(&key));
                    assert_eq!(position(&key), same, "{key:?}");
                }
            }
            assert_eq!(
                position(&name[1..]),
                NAMES.iter().position(|n| *n == &name[1..])
            );
        }
        assert_eq!(position(""), None);
        assert_eq!(position(&"name".repeat(300)), None);
    }

    /// What is collected in one value, if it is.
    fn collect(json: &str) -> Option<Parameters<'_>> {
        let mut parameters = Parameters::default();
        parameters.collect(&mut Cursor::new(json, 64))?;
        Some(parameters)
    }

    #[test]
    fn what_is_collected_is_what_serde_finds() {
        let deep = |n: usize| {
            format!(
                "{}{{\"name\":\"deep\",\"a\":\"arn:aws:s3:::x\"}}{}",
                "{\"x\":".repeat(n),
                "}".repeat(n)
            )
        };
        let samples = [
            r#"{"bucketName":"b","Host":"h","acl":""}"#.to_owned(),
            r#"{"x":"arn:aws:s3:::b","name":"","y":"plain","key":"k"}"#.to_owned(),
            r#"{"requestItems":{"orders":"o","arn":"arn:aws:x"},"path":null,"names":["a","b"]}"#
                .to_owned(),
            r#"{ "name" : "a", "group":"g" ,"policy":"p"}"#.to_owned(),
            r#"{"name":"a\"b","policyDocument":"{\"x\":1}","x":"arn:aws:\u0041","key":"k"}"#
                .to_owned(),
            r#"{"names":["arn:aws:a",{"name":"n","x":"arn:aws:b"}],"keyId":7,"path":true}"#
                .to_owned(),
            r#"{"x":"a\\","name":"n"}"#.to_owned(),
            r#"{"name":{"a":"x","b":"arn:aws:c"},"Service":"s"}"#.to_owned(),
        ];
        for json in samples.into_iter().chain((0..9).map(deep)) {
            let followed = format!("{json},");
            let (plain, quick) = (parameters(&json), collect(&followed).unwrap());
            assert_eq!(quick.values, plain.values, "{json}");
            assert_eq!(quick.arns, plain.arns, "{json}");
        }
        for json in [
            r#"{"name":"a","name":"b"}"#,
            r#"{"name":"a",}"#,
            r#"{"name":"a""key":"b"}"#,
            "{\"name\":\"a\n\",\"b\":\"c\"}",
        ] {
            assert!(collect(json).is_none(), "{json}");
        }
    }

    #[test]
    fn known_names_are_found_in_any_case_and_depth() {
        let found = parameters(
            r#"{"BucketName":"b","instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},
                "names":["/a","/b"],"withDecryption":true,"requestItems":{"orders":{"Keys":[]}}}"#,
        );
        assert_eq!(found.own("bucketname").unwrap(), "b");
        assert_eq!(found.all("instanceid").collect::<Vec<_>>(), ["i-1", "i-2"]);
        assert_eq!(found.own("instanceid"), None);
        assert_eq!(found.all("names").collect::<Vec<_>>(), ["/a", "/b"]);
        assert_eq!(found.own("withdecryption").unwrap(), "true");
        assert_eq!(found.all("requestitems").next().unwrap(), "orders");
    }

    #[test]
    fn other_values_are_kept_only_as_arns() {
        let found = parameters(
            r#"{"password":"hunter2","userData":"c2VjcmV0","x":{"y":["arn:aws-cn:sns:r:1:t"]}}"#,
        );
        assert_eq!(found.arns, ["arn:aws-cn:sns:r:1:t"]);
        assert!(found.values.is_empty());
    }

    #[test]
    fn same_name_in_another_case_is_no_duplicate() {
        let found = parameters(r#"{"name":"a","Name":"b"}"#);
        assert_eq!(found.all("name").count(), 2);
        let error = serde_json::from_str::<Parameters<'_>>(r#"{"name":"a","name":"b"}"#);
        assert!(crate::ingest::text::is_duplicate(&error.unwrap_err()));
    }

    #[test]
    fn deep_and_long_structures_are_bounded() {
        let deep = format!("{}{}", r#"{"x":"#.repeat(100), "}".repeat(100)).replace(":}", ":1}");
        assert!(parameters(&deep).values.is_empty());
        let long = format!(r#"{{"names":[{}"x"]}}"#, r#""x","#.repeat(1000));
        let found = parameters(&long);
        assert_eq!(found.values.len(), MAX_VALUES);
        assert!(found.is_truncated);
    }
}
