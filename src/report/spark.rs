//! A sparkline: one character per scored period, the higher the more unusual.

use super::pen::Pen;
use crate::finding::Finding;

/// Periods in a line; the most recent are shown.
const MAX_PERIODS: usize = 31;
/// Bits of surprise from one level to the next: the highest is one in ten
/// thousand and beyond, the lowest is an ordinary day.
const BITS_PER_LEVEL: f64 = 1.9;
const UNICODE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// The periods of the review of `finding`; a blank where the model abstains.
pub(super) fn line(pen: &Pen<'_>, finding: &Finding) -> String {
    let n_hidden = finding.days.len().saturating_sub(MAX_PERIODS);
    let days = finding.days.iter().skip(n_hidden);
    let levels = if pen.is_ascii() { ASCII } else { UNICODE };
    days.map(|day| day.p_value.and_then(|p| level(&levels, p)).unwrap_or(' '))
        .collect()
}

/// `values` on a scale from nothing to `most`; what is there is seen.
pub(super) fn of(values: &[u64], most: u64, is_ascii: bool) -> String {
    let levels = if is_ascii { ASCII } else { UNICODE };
    let level = |n: u64| {
        let part = u128::from(n) * 7 / u128::from(most.max(1));
        let at = usize::try_from(part)
            .unwrap_or_default()
            .max(usize::from(n > 0));
        levels.get(at.min(7)).copied().unwrap_or(' ')
    };
    values
        .iter()
        .map(|n| if *n == 0 { ' ' } else { level(*n) })
        .collect()
}

fn level(levels: &[char; 8], p: f64) -> Option<char> {
    let bits = -p.log2();
    let n_reached = (1_u8..8)
        .filter(|step| bits >= f64::from(*step) * BITS_PER_LEVEL)
        .count();
    levels.get(n_reached).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_one_in_ten_thousand() {
        let levels: Vec<_> = [1.0, 0.3, 0.26, 0.01, 1e-4, 1e-9]
            .map(|p| level(&ASCII, p))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(String::from_iter(levels), "__.-*#");
        assert_eq!(level(&ASCII, f64::NAN), Some('_'));
    }
}
