//! Detection: whose records these are.

use super::mapping::{Detect, Mapping};
use super::path::Path;
use super::tree::Tree;
use super::words::first_text;
use crate::ingest::members::{member_of_kind, members};

/// One object that mappings are tried on. It is taken apart when the first of
/// them might fit.
pub(super) struct Detector<'t> {
    text: &'t str,
    keys: Vec<&'t str>,
    tree: Option<Option<Tree<'t>>>,
}

impl<'t> Detector<'t> {
    /// The object `text`.
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            keys: members(text).map(|member| member.key).collect(),
            tree: None,
        }
    }

    /// Whether the object is a record of `mapping`. One that was asked for by
    /// name and says nothing about detection takes whatever has a time, an
    /// identity and an action.
    pub(super) fn is_of(&mut self, mapping: &Mapping, is_asked: bool) -> bool {
        if !mapping.format.allows_json() {
            return false;
        }
        if mapping.detect().is_empty() {
            let text = |paths: &[Path], tree: &Tree<'_>| first_text(paths, tree).is_some();
            return is_asked
                && self.tree().is_some_and(|tree| {
                    text(&mapping.time.path, tree)
                        && (mapping.action.path.is_empty() || text(&mapping.action.path, tree))
                        && text(&mapping.identity.key, tree)
                });
        }
        mapping.detect().iter().any(|detect| self.fits(detect))
    }

    fn fits(&mut self, detect: &Detect) -> bool {
        let equal = detect.equals.iter().map(|(path, _)| path);
        let mut named = detect.has.iter().chain(equal).filter_map(Path::first_key);
        let is_known = |key: &str| self.keys.iter().any(|own| own.eq_ignore_ascii_case(key));
        if !named.all(is_known) {
            return false;
        }
        self.tree().is_some_and(|tree| {
            detect.has.iter().all(|path| leads_anywhere(path, tree))
                && detect.equals.iter().all(|(path, value)| {
                    first_text(std::slice::from_ref(path), tree).as_ref() == Some(value)
                })
                && detect
                    .conditions
                    .iter()
                    .all(|condition| condition.holds(tree))
        })
    }

    fn tree(&mut self) -> Option<&Tree<'t>> {
        let text = self.text;
        self.tree
            .get_or_insert_with(|| Tree::parse(text).ok())
            .as_ref()
    }
}

fn leads_anywhere(path: &Path, tree: &Tree<'_>) -> bool {
    let mut is_there = false;
    path.visit(tree, &mut |value| is_there |= *value != Tree::Null);
    is_there
}

/// Whether a table with these columns, given by their canonical names, is one
/// of `mapping`: it has a time, an identity and an action. One that was not
/// asked for by name must also have every column that detection wants.
pub(super) fn is_table_of(mapping: &Mapping, is_asked: bool, columns: &[&str]) -> bool {
    if !mapping.format.allows_tables() {
        return false;
    }
    let has = |path: &Path| columns.contains(&path.column());
    let has_one = |paths: &[Path]| paths.iter().any(has);
    let is_detected = mapping
        .detect()
        .iter()
        .any(|detect| !detect.has.is_empty() && detect.has.iter().all(has));
    (is_asked || is_detected)
        && has_one(&mapping.time.path)
        && has_one(&mapping.identity.key)
        && (has_one(&mapping.action.path) || !mapping.action.templates().is_empty())
}

/// The array at the dotted `path` of the object `text`.
pub(super) fn array_at<'t>(text: &'t str, path: &str) -> Option<&'t str> {
    let (folders, last) = match path.rsplit_once('.') {
        Some((folders, last)) => (Some(folders), last),
        None => (None, path),
    };
    let folders = folders.into_iter().flat_map(|folders| folders.split('.'));
    let object = folders
        .into_iter()
        .try_fold(text, |object, key| member_of_kind(object, key, '{'))?;
    member_of_kind(object, last, '[').filter(|_| !last.is_empty())
}
