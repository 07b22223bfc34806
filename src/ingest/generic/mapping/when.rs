//! When an event was: where its time is, and how it is written.

use anyhow::{anyhow, bail};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::ingest::generic::path::Path;

/// When.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::ingest::generic) struct Time {
    pub(in crate::ingest::generic) path: Vec<Path>,
    #[serde(default)]
    pub(in crate::ingest::generic) format: TimeFormat,
    /// For times that do not say.
    #[serde(default)]
    pub(in crate::ingest::generic) zone: Zone,
}

/// A time zone by its name in the tz database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::ingest::generic) struct Zone(pub(in crate::ingest::generic) Tz);

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl TryFrom<String> for Zone {
    type Error = anyhow::Error;

    fn try_from(name: String) -> anyhow::Result<Self> {
        let zone = name.parse::<Tz>();
        zone.map(Self)
            .map_err(|_| anyhow!("{name:?} is no time zone, like Europe/Oslo"))
    }
}

/// How times are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::ingest::generic) enum TimeFormat {
    /// Any unambiguous form.
    #[default]
    Auto,
    /// RFC 3339 and its relatives.
    Rfc3339,
    /// Seconds since the epoch.
    EpochSeconds,
    /// Milliseconds since the epoch.
    EpochMillis,
    /// A pattern of `strptime`.
    Pattern(String),
}

impl TryFrom<String> for TimeFormat {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        Ok(match text.as_str() {
            "auto" => Self::Auto,
            "rfc3339" => Self::Rfc3339,
            "epoch_s" => Self::EpochSeconds,
            "epoch_ms" => Self::EpochMillis,
            other => match other.strip_prefix("strptime:") {
                Some(pattern) => {
                    let mut items = chrono::format::StrftimeItems::new(pattern);
                    if items.any(|item| item == chrono::format::Item::Error) {
                        bail!("{pattern:?} is no strptime pattern");
                    }
                    Self::Pattern(pattern.to_owned())
                }
                None => {
                    bail!("{other:?} is none of auto, rfc3339, epoch_s, epoch_ms, strptime:PATTERN")
                }
            },
        })
    }
}
