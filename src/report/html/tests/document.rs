//! A page as a browser's tokenizer reads it.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// A tag: its name, where it opens its attributes, where it closes a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
}

/// Attributes whose values are text, which may differ.
const TEXTS: [&str; 3] = ["aria-label", "title", "data-sort"];

impl Tag {
    pub(super) fn value(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    pub(super) fn heading_level(&self) -> Option<u32> {
        self.name.strip_prefix('h')?.parse().ok()
    }
}

/// Everything that a page amounts to.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub(super) tags: Vec<Tag>,
    /// Text that is shown, and values of attributes that are read out.
    pub(super) text: String,
    raw: Vec<(String, String)>,
}

impl Document {
    pub(super) fn of(page: &str) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(page));
        let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.document.into_inner()
    }

    /// The content of style sheets or scripts.
    pub(super) fn raw_of(&self, name: &str) -> Vec<&str> {
        let found = self.raw.iter().filter(|(tag, _)| tag == name);
        found.map(|(_, content)| &**content).collect()
    }

    /// Tags with an attribute.
    pub(super) fn with(&self, attribute: &str) -> impl Iterator<Item = &Tag> {
        self.tags
            .iter()
            .filter(move |tag| tag.value(attribute).is_some())
    }

    fn open(&mut self, name: &str, attributes: Vec<html5ever::Attribute>) {
        let mut kept = BTreeMap::new();
        for attribute in attributes {
            let key = attribute.name.local.to_string();
            let is_text = TEXTS.contains(&&*key);
            if is_text {
                self.text.push_str(&format!("{}\n", attribute.value));
            }
            // That there is a value is structure, what it says is not.
            let value = if is_text {
                "text".to_owned()
            } else {
                attribute.value.to_string()
            };
            kept.insert(key, value);
        }
        self.tags.push(Tag {
            name: name.to_owned(),
            attributes: kept,
        });
    }
}

/// Collects tokens, and tells the tokenizer which elements hold no markup.
#[derive(Default)]
struct Reader {
    document: RefCell<Document>,
    raw: RefCell<Option<String>>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut document = self.document.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let name = tag.name.to_string();
                document.open(&name, tag.attrs);
                let kind = match &*name {
                    "style" => RawKind::Rawtext,
                    "script" => RawKind::ScriptData,
                    "title" | "textarea" => RawKind::Rcdata,
                    _ => return TokenSinkResult::Continue,
                };
                if kind != RawKind::Rcdata {
                    document.raw.push((name.clone(), String::new()));
                    self.raw.replace(Some(name));
                }
                return TokenSinkResult::RawData(kind);
            }
            Token::TagToken(tag) => {
                self.raw.replace(None);
                document.open(&format!("/{}", tag.name), tag.attrs);
            }
            Token::CharacterTokens(text) => match (&*self.raw.borrow(), document.raw.last_mut()) {
                (Some(_), Some((_, content))) => content.push_str(&text),
                _ => document.text.push_str(&text),
            },
            Token::CommentToken(text) => panic!("a comment: {text}"),
            Token::NullCharacterToken => panic!("a null character"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
