//! Names that look alike and are not the same.

/// Letters of other scripts by the Latin letter that they look like.
const LETTERS: &[(char, &str)] = &[
    ('a', "аα"),
    ('b', "Ьь"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еєε"),
    ('g', "ɡ"),
    ('h', "һ"),
    ('i', "іιı"),
    ('j', "ј"),
    ('k', "кκ"),
    ('l', "ӏ"),
    ('m', "м"),
    ('n', "п"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('s', "ѕ"),
    ('t', "тτ"),
    ('u', "υ"),
    ('v', "ѵν"),
    ('w', "ԝω"),
    ('x', "хχ"),
    ('y', "уγ"),
    ('z', "ᴢ"),
];

/// Characters that show nothing.
const INVISIBLE: &[char] = &[
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}',
];

/// What `name` looks like: equal for names that people cannot tell apart.
///
/// # Examples
///
/// ```
/// # use habitual::identity::skeleton;
/// assert_eq!(skeleton("Аlice"), skeleton("alice")); // a Cyrillic А
/// assert_ne!(skeleton("alice"), skeleton("alise"));
/// ```
#[must_use]
pub fn skeleton(name: &str) -> String {
    name.chars()
        .filter(|c| !INVISIBLE.contains(c))
        .flat_map(char::to_lowercase)
        .map(latin)
        .collect()
}

fn latin(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    // Full-width forms stand 0xFEE0 above their narrow ones.
    if ('\u{ff01}'..='\u{ff5e}').contains(&c) {
        let narrow = u32::from(c).checked_sub(0xfee0).and_then(char::from_u32);
        return narrow.map_or(c, |narrow| narrow.to_ascii_lowercase());
    }
    LETTERS
        .iter()
        .find(|(_, alike)| alike.contains(c))
        .map_or(c, |(letter, _)| *letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        for name in ["ALICE", "аliсе", "ａlice", "Ａlice", "ali\u{200b}ce"] {
            assert_eq!(skeleton(name), "alice", "{name}");
        }
        assert_eq!(skeleton("Bücher"), "bücher");
    }
}
