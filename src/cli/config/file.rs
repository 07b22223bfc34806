//! The configuration file: `habitual.toml`.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue};
use toml::{Table, Value};

use super::setting::{Kind, Setting};
use crate::cli::Cli;
use crate::cli::usage::UsageError;

/// The file that is looked for in the working directory.
pub(super) const NAME: &str = "habitual.toml";
/// No configuration is longer.
const MAX_BYTES: u64 = 1 << 20;

/// Where the file was named, which decides whether it must exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Explicitly,
    ByDefault,
}

/// A setting with its values.
pub(super) type Entry = (Setting, Vec<String>);

/// The settings in the file, with their values as they would be typed; none if
/// there is no file and nobody named one.
pub(super) fn read(path: &Path, named: Named) -> Result<Option<Vec<Entry>>, UsageError> {
    let problem = |text: String| UsageError::Configuration {
        path: path.to_owned(),
        problem: text,
    };
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| {
        let mut file = file.take(MAX_BYTES);
        file.read_to_string(&mut text)
    });
    match read {
        Err(err) if named == Named::ByDefault && err.kind() == ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(err) => return Err(problem(err.to_string())),
        Ok(_) => {}
    }
    let table: Table = text
        .parse()
        .map_err(|err: toml::de::Error| problem(at_line(&text, &err)))?;
    let mut settings = Vec::new();
    for (key, value) in &table {
        let setting = Setting::named(key).ok_or_else(|| problem(unknown(key)))?;
        let values = values(setting, value, path).ok_or_else(|| problem(wrong(setting)))?;
        settings.push((setting, values));
    }
    Ok(Some(settings))
}

fn at_line(text: &str, err: &toml::de::Error) -> String {
    let before = err.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.split('\n').count());
    format!("line {line}: {}", err.message())
}

fn unknown(key: &str) -> String {
    let nearest = nearest(key).map_or_else(
        || "`habitual config show` lists those that there are".to_owned(),
        |name| format!("did you mean {name}?"),
    );
    format!("{key:?} is no setting; {nearest}")
}

/// The setting that was meant, by the rule for slips of the pen in flags.
fn nearest(key: &str) -> Option<&'static str> {
    let flag = format!("--{}=x", key.replace('_', "-").to_lowercase());
    let name = |flag: &str| Setting::named(flag.trim_start_matches('-')).map(|s| s.name);
    match Cli::command().try_get_matches_from(["habitual", "replay", &flag, "x"]) {
        Err(answer) => match answer.get(ContextKind::SuggestedArg) {
            Some(ContextValue::String(flag)) => name(flag),
            _ => name(flag.strip_suffix("=x")?),
        },
        Ok(_) => name(flag.strip_suffix("=x")?),
    }
}

fn wrong(setting: Setting) -> String {
    let name = setting.name;
    match setting.kind {
        Kind::Value => format!("{name} takes one text or number, as in {name} = \"…\""),
        Kind::Files => format!("{name} takes texts, as in {name} = [\"…\"]"),
        Kind::Switch => format!("{name} is true or false"),
    }
}

/// The values as they would be typed; files are beside the configuration.
fn values(setting: Setting, value: &Value, path: &Path) -> Option<Vec<String>> {
    match (setting.kind, value) {
        (Kind::Switch, Value::Boolean(is_on)) => Some(vec![is_on.to_string()]),
        (Kind::Value, value) => Some(vec![scalar(value)?]),
        (Kind::Files, Value::Array(items)) => items
            .iter()
            .map(|item| Some(beside(setting, item.as_str()?, path)))
            .collect(),
        (Kind::Files, Value::String(text)) => Some(vec![beside(setting, text, path)]),
        _ => None,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(n) => Some(n.to_string()),
        Value::Float(x) => Some(x.to_string()),
        _ => None,
    }
}

/// A file as seen from the folder of the configuration. The name of a mapping
/// that is built in is no file.
fn beside(setting: Setting, text: &str, path: &Path) -> String {
    let is_name = setting.name == "mapping" && !text.contains(['/', '.']);
    match path.parent() {
        Some(folder) if !is_name && folder != Path::new("") => {
            let joined: PathBuf = folder.join(text);
            joined.to_string_lossy().into_owned()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &[(&str, &[&str])]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        fs::write(&path, text).unwrap();
        let found = read(&path, Named::Explicitly).unwrap().unwrap();
        let prefix = format!("{}/", folder.path().display());
        let found: Vec<(&str, Vec<String>)> = found
            .iter()
            .map(|(setting, values)| {
                let values = values.iter().map(|v| v.replace(&prefix, "@/"));
                (setting.name, values.collect())
            })
            .collect();
        let expected: Vec<(&str, Vec<String>)> = expected
            .iter()
            .map(|(name, values)| (*name, values.iter().map(|v| (*v).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn refuses(text: &str, says: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        fs::write(&path, text).unwrap();
        let problem = read(&path, Named::Explicitly).unwrap_err().to_string();
        assert!(problem.contains(says), "{problem}");
    }

    #[test]
    fn settings_are_read_as_they_would_be_typed() {
        reads("", &[]);
        reads(
            "alerts-per-day = 0.5\nthreads = 4\nmemory-limit = \"2GiB\"\nascii = true",
            &[
                ("alerts-per-day", &["0.5"]),
                ("ascii", &["true"]),
                ("memory-limit", &["2GiB"]),
                ("threads", &["4"]),
            ],
        );
        reads(
            "mmdb = \"asn.mmdb\"\nmapping = [\"github\", \"mine.toml\", \"/a/b.toml\"]",
            &[
                ("mapping", &["github", "@/mine.toml", "/a/b.toml"]),
                ("mmdb", &["@/asn.mmdb"]),
            ],
        );
    }

    #[test]
    fn a_mistake_is_named_with_what_was_meant() {
        refuses("okta-orgg = \"a\"", "did you mean okta-org?");
        refuses("okta_org = \"a\"", "did you mean okta-org?");
        refuses("xyzzy = 1", "`habitual config show` lists");
        refuses("review = \"7d\"", "is no setting");
        refuses("threads = [1]", "threads takes one text or number");
        refuses("ascii = \"yes\"", "ascii is true or false");
        refuses("ascii = true\nthreads = ", "line 2: ");
    }

    #[test]
    fn only_a_file_that_was_named_must_be_there() {
        let missing = Path::new("/nowhere/habitual.toml");
        assert_eq!(read(missing, Named::ByDefault), Ok(None));
        assert!(read(missing, Named::Explicitly).is_err());
    }
}
