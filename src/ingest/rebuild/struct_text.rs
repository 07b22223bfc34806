//! Struct text: how query engines render nested values in one cell,
//! `{type=AssumedRole, arn=…, sessioncontext={attributes={…}}}`.
//!
//! Values are not escaped, and some are chosen by whoever made the call. So a
//! value ends only where one of the struct's own keys follows that has not been
//! there yet, with a value that such a key can have, or where the brace closes
//! the struct and what follows can follow it. Nothing inside a value opens or
//! closes anything.

use std::cell::Cell;

use memchr::{memchr2_iter, memmem};
use serde_json::{Deserializer, Map, Value};

use crate::ingest::text::is_absent;
use crate::ingest::time;

/// Structures inside structures that are read, where any may be.
const MAX_DEPTH: u8 = 8;

/// How many bytes may be looked at, for each byte of the text and beyond them:
/// a text that can be read many ways is given up.
const WORK_PER_BYTE: usize = 16;
const WORK: usize = 64 * 1024;

/// How often a key may seem to begin before the text counts as unreadable.
const MAX_CANDIDATES: usize = 64;

/// A key of a struct, spelt as the product spells it, and what is under it.
#[derive(Debug)]
pub(super) struct Key(pub(super) &'static str, pub(super) Shape);

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Any text.
    Text,
    /// `<id>:<session>`, where the ARN that follows ends with the session.
    Principal,
    /// An ARN.
    Arn,
    /// Digits, or one word.
    Account,
    /// Letters, digits and colons.
    Word,
    /// A time, written as the product writes it.
    Time,
    /// A struct with these keys.
    Struct(&'static [Key]),
    /// A list of structs with these keys.
    List(&'static [Key]),
    /// Any keys, with texts or, again, any keys.
    Map,
}

/// Reads the struct text of a value of this shape.
pub(super) fn parse(text: &str, shape: Shape) -> Option<Value> {
    let text = text.trim();
    let text = Text {
        text,
        n_left: Cell::new(
            text.len()
                .saturating_mul(WORK_PER_BYTE)
                .saturating_add(WORK),
        ),
    };
    let (value, end) = text.nested(0, shape, &Rest::End, 0)?;
    (end == text.text.len()).then_some(value)
}

/// What may follow a value: the unfinished structures around it, innermost
/// first.
enum Rest<'r> {
    End,
    Struct(&'static [Key], Used, &'r Rest<'r>),
    List(&'r Rest<'r>),
    Map(&'r Rest<'r>),
}

/// The keys of a struct that were there, by position.
#[derive(Clone, Copy, Default)]
struct Used(u32);

impl Used {
    fn has(self, position: usize) -> bool {
        self.0.checked_shr(bit(position)).unwrap_or(0) & 1 == 1
    }

    fn with(self, position: usize) -> Self {
        Self(self.0 | 1_u32.checked_shl(bit(position)).unwrap_or(0))
    }
}

fn bit(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// The text, read at offsets.
struct Text<'t> {
    text: &'t str,
    /// How many more bytes may be looked at.
    n_left: Cell<usize>,
}

impl<'t> Text<'t> {
    fn from(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    fn between(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The structure at `at`, and where it ends.
    fn nested(
        &self,
        at: usize,
        shape: Shape,
        rest: &Rest<'_>,
        depth: u8,
    ) -> Option<(Value, usize)> {
        match shape {
            Shape::Struct(keys) => self.keyed(at, keys, rest),
            Shape::List(keys) => self.list(at, keys, rest),
            Shape::Map => self.map(at, rest, depth),
            _ => None,
        }
    }

    fn keyed(&self, at: usize, keys: &'static [Key], rest: &Rest<'_>) -> Option<(Value, usize)> {
        let mut map = Map::new();
        let mut used = Used::default();
        let mut session = None;
        let mut at = self.expect(at, "{")?;
        if let Some(end) = self.expect(at, "}") {
            return Some((Value::Object(map), end));
        }
        loop {
            let (position, begin) = self.key(at, keys, used)?;
            let Key(name, shape) = keys.get(position)?;
            used = used.with(position);
            let around = Rest::Struct(keys, used, rest);
            let (value, end) = self.member(begin, *shape, &mut session, &around)?;
            if let Some(value) = value {
                map.insert((*name).to_owned(), value);
            }
            match self.expect(end, "}") {
                Some(end) => return Some((Value::Object(map), end)),
                None => at = self.expect(end, ", ")?,
            }
        }
    }

    /// The value at `at`, if it is there at all, and where it ends. `session` is
    /// what the ARN is known to end with.
    fn member(
        &self,
        at: usize,
        shape: Shape,
        session: &mut Option<&'t str>,
        around: &Rest<'_>,
    ) -> Option<(Option<Value>, usize)> {
        if let Some((value, end)) = self.nested(at, shape, around, 0)
            && self.may_follow(end, around)
        {
            return Some((Some(value), end));
        }
        let end = match (shape, session.take()) {
            (Shape::Principal, _) => {
                let end = self.session_end(at, around)?;
                *session = end.and_then(|end| session_of(self.between(at, end)));
                end.or_else(|| self.end(at, around))?
            }
            (Shape::Arn, Some(session)) => self.arn_end(at, session, around)?,
            _ => match shape.word(self.from(at)) {
                Some(n) => {
                    Some(at.saturating_add(n)).filter(|end| self.may_follow(*end, around))?
                }
                None => self.end(at, around)?,
            },
        };
        let text = self.between(at, end);
        let value = match shape {
            _ if is_absent(text) => return Some((None, end)),
            Shape::Time => time::parse(text).map_or_else(|| text.to_owned(), |time| time.rfc3339()),
            _ => text.to_owned(),
        };
        Some((Some(Value::String(value)), end))
    }

    fn list(&self, at: usize, keys: &'static [Key], rest: &Rest<'_>) -> Option<(Value, usize)> {
        let mut items = Vec::new();
        let mut at = self.expect(at, "[")?;
        if let Some(end) = self.expect(at, "]") {
            return Some((Value::Array(items), end));
        }
        loop {
            let (item, end) = self.keyed(at, keys, &Rest::List(rest))?;
            items.push(item);
            match self.expect(end, "]") {
                Some(end) => return Some((Value::Array(items), end)),
                None => at = self.expect(end, ", ")?,
            }
        }
    }

    /// Any keys. What is in them is text, JSON, or the like again.
    fn map(&self, at: usize, rest: &Rest<'_>, depth: u8) -> Option<(Value, usize)> {
        let mut map = Map::new();
        let mut at = self.expect(at, "{")?;
        if let Some(end) = self.expect(at, "}") {
            return Some((Value::Object(map), end));
        }
        let around = Rest::Map(rest);
        loop {
            let name = any_key(self.from(at))?;
            let begin = at.saturating_add(name.len()).saturating_add(1);
            let (value, end) = self.any(begin, &around, depth)?;
            if !value.is_null() {
                map.entry(name).or_insert(value);
            }
            match self.expect(end, "}") {
                Some(end) => return Some((Value::Object(map), end)),
                None => at = self.expect(end, ", ")?,
            }
        }
    }

    /// The value at `at` under any key, and where it ends.
    fn any(&self, at: usize, around: &Rest<'_>, depth: u8) -> Option<(Value, usize)> {
        self.spend(0)?;
        if self.from(at).starts_with(['{', '[']) && depth < MAX_DEPTH {
            let mut values = Deserializer::from_str(self.from(at)).into_iter();
            let json = values.next().and_then(Result::ok);
            let json = json.map(|value| (value, at.saturating_add(values.byte_offset())));
            let nested = json.or_else(|| self.map(at, around, depth.saturating_add(1)));
            if let Some((value, end)) = nested
                && self.may_follow(end, around)
            {
                return Some((value, end));
            }
        }
        let end = self.end(at, around)?;
        let text = self.between(at, end);
        let value = (!is_absent(text)).then(|| Value::String(text.to_owned()));
        Some((value.unwrap_or_default(), end))
    }

    /// Where the value ends that begins at `at`: the first place where what
    /// follows can follow.
    fn end(&self, at: usize, around: &Rest<'_>) -> Option<usize> {
        let end = self.ends(at).find(|end| self.may_follow(*end, around));
        let looked_at = end.unwrap_or(self.text.len()).saturating_sub(at);
        self.spend(looked_at)?;
        end
    }

    fn spend(&self, n: usize) -> Option<()> {
        let n_left = self.n_left.get().checked_sub(n.saturating_add(MAX_KEY))?;
        self.n_left.set(n_left);
        Some(())
    }

    /// Where a value may end that begins at `at`.
    fn ends(&self, at: usize) -> impl Iterator<Item = usize> {
        let bytes = self.from(at).as_bytes();
        memchr2_iter(b',', b'}', bytes).map(move |n| at.saturating_add(n))
    }

    /// Where the session ends that somebody chose for the principal id at `at`:
    /// of the places where an ARN seems to begin, the last whose ARN ends with
    /// the session. What is inside the session cannot end with all of it and
    /// more.
    fn session_end(&self, at: usize, around: &Rest<'_>) -> Option<Option<usize>> {
        let Rest::Struct(keys, used, rest) = around else {
            return Some(None);
        };
        let mut last = None;
        let mut n_candidates = 0_usize;
        self.spend(self.text.len().saturating_sub(at))?;
        for end in self.ends(at) {
            let arn = self
                .expect(end, ", ")
                .and_then(|at| self.key(at, keys, *used));
            let Some((position, begin)) = arn else {
                continue;
            };
            if !matches!(keys.get(position)?.1, Shape::Arn) {
                continue;
            }
            n_candidates = n_candidates.saturating_add(1);
            if n_candidates > MAX_CANDIDATES {
                return None;
            }
            let around = Rest::Struct(keys, used.with(position), rest);
            let session = session_of(self.between(at, end));
            if session.is_some_and(|session| self.arn_end(begin, session, &around).is_some()) {
                last = Some(end);
            }
        }
        Some(last)
    }

    /// Where the ARN at `at` ends, which ends with `session`.
    fn arn_end(&self, at: usize, session: &str, around: &Rest<'_>) -> Option<usize> {
        let text = self.from(at);
        self.spend(text.len())?;
        memmem::find_iter(text.as_bytes(), session)
            .filter(|begin| {
                text.as_bytes()
                    .get(..*begin)
                    .is_some_and(|arn| arn.ends_with(b"/"))
            })
            .map(|begin| at.saturating_add(begin).saturating_add(session.len()))
            .find(|end| self.may_follow(*end, around))
    }

    /// Whether what is at `at` can follow a value inside these structures.
    fn may_follow(&self, at: usize, rest: &Rest<'_>) -> bool {
        let is_next = |begin: &dyn Fn(usize) -> bool| self.expect(at, ", ").is_some_and(begin);
        let is_closed =
            |brace, outer| (self.expect(at, brace)).is_some_and(|at| self.may_follow(at, outer));
        match rest {
            Rest::End => at == self.text.len(),
            Rest::Struct(keys, used, outer) => {
                is_next(&|at| self.key(at, keys, *used).is_some()) || is_closed("}", outer)
            }
            Rest::List(outer) => {
                is_next(&|at| self.expect(at, "{").is_some()) || is_closed("]", outer)
            }
            Rest::Map(outer) => {
                is_next(&|at| any_key(self.from(at)).is_some()) || is_closed("}", outer)
            }
        }
    }

    /// The key at `at` that was not there yet and whose value may be what
    /// follows: its position, and where its value begins.
    fn key(&self, at: usize, keys: &[Key], used: Used) -> Option<(usize, usize)> {
        let text = self.from(at);
        let n_name = text.bytes().take(MAX_KEY).position(|byte| byte == b'=')?;
        let name = text.get(..n_name)?;
        let position = keys
            .iter()
            .position(|Key(key, _)| key.eq_ignore_ascii_case(name))
            .filter(|position| !used.has(*position))?;
        let begin = at.saturating_add(name.len()).saturating_add(1);
        let Key(_, shape) = keys.get(position)?;
        shape
            .may_begin(self.from(begin))
            .then_some((position, begin))
    }

    fn expect(&self, at: usize, expected: &str) -> Option<usize> {
        self.from(at)
            .starts_with(expected)
            .then(|| at.saturating_add(expected.len()))
    }
}

/// The session of a principal id.
fn session_of(principal: &str) -> Option<&str> {
    principal.split_once(':').map(|(_, session)| session)
}

/// Longer than any key with its equals sign.
const MAX_KEY: usize = 32;

impl Shape {
    /// Whether a value of this shape may begin like `text`.
    fn may_begin(self, text: &str) -> bool {
        match self {
            Self::Text | Self::Principal => true,
            _ if text.starts_with("null") => true,
            Self::Arn => text.starts_with("arn:") || text.starts_with([',', '}']),
            Self::Struct(_) | Self::Map => text.starts_with(['{', ',', '}']),
            Self::List(_) => text.starts_with(['[', ',', '}']),
            Self::Account | Self::Word | Self::Time => {
                let end = self.word(text).and_then(|n| text.as_bytes().get(n));
                matches!(end, None | Some(b',' | b'}'))
            }
        }
    }

    /// How long the value at the front of `text` is, where its characters tell.
    fn word(self, text: &str) -> Option<usize> {
        let marks: &[u8] = match self {
            Self::Account => b"_",
            Self::Word => b":.",
            Self::Time => b"-:+. ",
            _ => return None,
        };
        let is_in = |byte: &u8| byte.is_ascii_alphanumeric() || marks.contains(byte);
        Some(text.bytes().take_while(is_in).count())
    }
}

/// The key of a map at the front of `text`.
fn any_key(text: &str) -> Option<&str> {
    let is_in = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:/-".contains(byte);
    let n = text.bytes().take_while(|byte| is_in(byte)).count();
    (n > 0 && text.as_bytes().get(n) == Some(&b'=')).then(|| text.get(..n))?
}

#[cfg(test)]
mod tests;
