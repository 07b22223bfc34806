//! A choice: a flag whose value is one of a closed set of names.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A parser of one of a closed set of values, which suggests the nearest name.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(move |value| name(*value))).try_map(move |text| {
        all.iter()
            .copied()
            .find(|value| name(*value) == text)
            .ok_or("unknown name")
    })
}
