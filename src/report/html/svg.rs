//! Drawings: inline SVG of whole numbers, coloured by the style sheet. Each
//! says in words what it shows, for those who do not see it.

use std::fmt::Write as _;

use super::markup::{Attribute, Markup};

/// Rectangles of one colour, as one path.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Boxes {
    path: String,
}

impl Boxes {
    pub(in crate::report) fn add(&mut self, x: u64, y: u64, width: u64, height: u64) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.path, "M{x} {y}h{width}v{height}h-{width}z");
    }

    /// Draws them, if there are any.
    pub(in crate::report) fn draw(&self, m: &mut Markup, class: &str) {
        if !self.path.is_empty() {
            m.element("path", &[("class", class), ("d", &self.path)], |_| ());
        }
    }
}

/// A drawing of `width` by `height` units that says `label`.
pub(in crate::report) fn drawing(
    m: &mut Markup,
    class: &str,
    size: (u64, u64),
    label: &str,
    inside: impl FnOnce(&mut Markup),
) {
    draw(
        m,
        class,
        size,
        &[("role", "img"), ("aria-label", label)],
        inside,
    );
    m.newline();
}

/// As [`drawing`], stretched to the width that there is.
pub(in crate::report) fn stretched(
    m: &mut Markup,
    class: &str,
    size: (u64, u64),
    label: &str,
    inside: impl FnOnce(&mut Markup),
) {
    let rest = [STRETCHED, ("role", "img"), ("aria-label", label)];
    draw(m, class, size, &rest, inside);
    m.newline();
}

const STRETCHED: Attribute<'static> = ("preserveAspectRatio", "none");

fn draw(
    m: &mut Markup,
    class: &str,
    (width, height): (u64, u64),
    rest: &[Attribute<'_>],
    inside: impl FnOnce(&mut Markup),
) {
    let view = format!("0 0 {width} {height}");
    let mut attributes = vec![("class", class), ("viewBox", view.as_str())];
    attributes.extend_from_slice(rest);
    m.element("svg", &attributes, inside);
}

/// A share, 0 to 1, as a bar. The number stands beside it, so it says nothing.
pub(in crate::report) fn share_bar(m: &mut Markup, share: f64) {
    let per_mille = whole((share.clamp(0.0, 1.0) * 1000.0).round());
    let rest = [STRETCHED, ("aria-hidden", "true")];
    draw(m, "share", (1000, 10), &rest, |m| {
        let mut ground = Boxes::default();
        ground.add(0, 0, 1000, 10);
        ground.draw(m, "ground");
        let mut bar = Boxes::default();
        if per_mille > 0 {
            bar.add(0, 0, per_mille, 10);
        }
        bar.draw(m, "bar");
    });
}

/// `n` of `max` on a scale of `height`, at least 1 for what is not nothing.
pub(in crate::report) fn scaled(n: u64, max: u64, height: u64) -> u64 {
    if n == 0 || max == 0 {
        return 0;
    }
    let scaled = u128::from(n) * u128::from(height) / u128::from(max);
    u64::try_from(scaled).unwrap_or(height).clamp(1, height)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 1000"
)]
fn whole(x: f64) -> u64 {
    x as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_there_is_seen() {
        assert_eq!(scaled(0, 100, 40), 0);
        assert_eq!(scaled(1, 1_000_000, 40), 1);
        assert_eq!(scaled(50, 100, 40), 20);
        assert_eq!(scaled(u64::MAX, u64::MAX, 40), 40);
        assert_eq!(scaled(3, 0, 40), 0);
    }
}
