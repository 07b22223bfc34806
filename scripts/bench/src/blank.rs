//! The blanks of a call's parameters and response, filled in.

use crate::calls::Piece;
use crate::cast::Project;
use crate::record::Sighting;
use crate::rng::Rng;
use crate::text::{self, put};

impl Sighting<'_> {
    pub fn fill_or_null(&self, out: &mut Vec<u8>, rng: &mut Rng, template: &[Piece]) {
        if template.is_empty() {
            put!(out, "null");
        } else {
            self.fill(out, rng, template);
        }
    }

    /// Appends `template` with its blanks filled.
    pub fn fill(&self, out: &mut Vec<u8>, rng: &mut Rng, template: &[Piece]) {
        for piece in template {
            match piece {
                Piece::Text(text) => put!(out, text),
                Piece::Blank(letter, count) => self.fill_blank(out, rng, *letter, *count),
            }
        }
    }

    fn fill_blank(&self, out: &mut Vec<u8>, rng: &mut Rng, letter: u8, count: u64) {
        let (project, thing, length) = (self.session.project, self.thing, count as usize);
        match letter {
            b'a' => put!(out, self.account),
            b'r' => put!(out, self.region),
            b'i' => put!(
                out,
                self.session.who.name.split('@').next().unwrap_or_default()
            ),
            b'e' => put!(out, &self.session.who.name),
            b'w' => put!(
                out,
                &project.words[(thing >> 32) as usize % project.words.len()]
            ),
            b'b' => put!(
                out,
                &project.buckets[(thing >> 34) as usize % project.buckets.len()]
            ),
            b'k' => object_key(out, &mut Rng::new(self.key, "key", 0), project, self.at),
            b's' => text::hex(out, &mut Rng::new(thing, "thing", count), length),
            b'h' => text::hex(out, rng, length),
            b'u' => text::uuid(out, rng),
            b'x' => text::base64(out, rng, length),
            b'A' => text::upper(out, rng, length),
            b'n' => text::number(out, 1 + rng.below(count)),
            b't' => text::number(out, self.at * 1000),
            b'd' => text::seconds(out, self.at),
            _ => text::console_time(out, self.at),
        }
    }
}

/// An object key: a table's partition, a build, or one of a few settings.
fn object_key(out: &mut Vec<u8>, rng: &mut Rng, project: &Project, at: u64) {
    let (year, month, day) = text::date(at);
    let word = &project.words[rng.skewed(project.words.len())];
    match rng.below(4) {
        0 => {
            put!(out, "config/", word, "/settings-");
            text::number(out, rng.below(12));
            put!(out, ".json");
        }
        1 => {
            put!(out, "builds/", word, "/");
            text::number(out, rng.below(400));
            put!(out, "/app.tar.gz");
        }
        _ => {
            put!(out, word, "/year=");
            text::number(out, year);
            put!(out, "/month=");
            text::padded(out, month, 2);
            put!(out, "/day=");
            text::padded(out, day, 2);
            put!(out, "/part-");
            text::padded(out, rng.below(200), 5);
            put!(out, "-");
            text::hex(out, rng, 8);
            put!(out, ".snappy.parquet");
        }
    }
}
