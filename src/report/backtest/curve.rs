//! The calibration curve: what was seen against what was promised, on
//! logarithmic scales, with intervals.

use crate::backtest::{NOMINAL_RATES, Share};
use crate::report::html::markup::Markup;
use crate::report::html::svg::{self, Boxes};

use super::table;

/// Units of one power of ten.
const DECADE: f64 = 100.0;
/// Room for the numbers on the left and below, and around the points.
const LEFT: u64 = 44;
const TOP: u64 = 10;
const BELOW: u64 = 24;
/// The rates at the corners: the least below, the most above.
const LEAST: f64 = 4e-4;
const MOST: f64 = 0.6;
/// Half the side of a point.
const HALF: u64 = 4;

/// Draws the points of `shares`, one for each of the nominal rates, with a
/// legend in words.
pub(super) fn draw(m: &mut Markup, title: &str, shares: &[Share; NOMINAL_RATES.len()]) {
    let words: Vec<String> = NOMINAL_RATES
        .iter()
        .zip(shares)
        .map(|(nominal, share)| {
            format!(
                "{} promised, {} seen",
                percent(*nominal),
                table::small(*share)
            )
        })
        .collect();
    let side = along(MOST);
    let size = (LEFT + side + TOP, TOP + side + BELOW);
    m.element("figure", &[], |m| {
        m.line("h3", &[], title);
        let label = format!("{title}: {}.", words.join("; "));
        svg::drawing(m, "curve", size, &label, |m| {
            grid(m, side);
            diagonal(m, side);
            points(m, shares, side);
        });
        let caption = "Across: promised. Up: seen.";
        m.line("figcaption", &[], caption);
    });
    m.newline();
}

/// `3%`, `0.3%`.
fn percent(rate: f64) -> String {
    format!("{}%", (1000.0 * rate).round() / 10.0)
}

/// How far along an axis a rate is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and three decades"
)]
fn along(rate: f64) -> u64 {
    let rate = rate.clamp(LEAST, MOST);
    (DECADE * (rate / LEAST).log10()).round() as u64
}

fn x(rate: f64) -> u64 {
    LEFT + along(rate)
}

fn y(rate: f64, side: u64) -> u64 {
    TOP + side.saturating_sub(along(rate))
}

fn grid(m: &mut Markup, side: u64) {
    let mut lines = Boxes::default();
    for rate in NOMINAL_RATES {
        lines.add(x(rate), TOP, 1, side);
        lines.add(LEFT, y(rate, side), side, 1);
    }
    lines.draw(m, "grid");
    for rate in NOMINAL_RATES {
        let name = percent(rate);
        let (across, up) = (x(rate).to_string(), (y(rate, side) + 4).to_string());
        let below = (TOP + side + 16).to_string();
        let attributes = [("x", across.as_str()), ("y", &below), ("class", "middle")];
        m.element("text", &attributes, |m| m.text(&name));
        m.element("text", &[("x", "2"), ("y", &up)], |m| m.text(&name));
    }
}

/// Where promise and life agree.
fn diagonal(m: &mut Markup, side: u64) {
    let path = format!("M{LEFT} {}L{} {TOP}", TOP + side, LEFT + side);
    m.element("path", &[("class", "agree"), ("d", &path)], |_| ());
}

fn points(m: &mut Markup, shares: &[Share; NOMINAL_RATES.len()], side: u64) {
    let (mut intervals, mut points) = (Boxes::default(), Boxes::default());
    for (nominal, share) in NOMINAL_RATES.iter().zip(shares) {
        let Some(seen) = share.value() else {
            continue;
        };
        let (least, most) = share.interval();
        let (top, bottom) = (y(most, side), y(least, side));
        intervals.add(x(*nominal) - 1, top, 2, (bottom - top).max(1));
        let up = y(seen, side);
        points.add(
            x(*nominal) - HALF,
            up.saturating_sub(HALF),
            2 * HALF,
            2 * HALF,
        );
    }
    intervals.draw(m, "interval");
    points.draw(m, "now");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_times_as_much_is_a_decade_further() {
        assert_eq!(along(LEAST), 0);
        assert_eq!(along(0.1) - along(0.01), 100);
        assert_eq!(along(0.0), 0);
        assert_eq!(percent(0.003), "0.3%");
    }
}
