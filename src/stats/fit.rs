//! Weights from examples: which families tell the days of others from one's
//! own.

use super::length;

/// Penalty on squared weights.
const PENALTY: f64 = 1e-3;
/// No further sweep once no coordinate moves more than this.
const STILL: f64 = 1e-7;
const MAX_SWEEPS: usize = 20_000;

/// One example: what each column says, whether it is foreign, and what it
/// counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Bits per column, at least 0.
    pub bits: Vec<f64>,
    /// Whether somebody else acted.
    pub is_foreign: bool,
    /// Its part of the loss; all together 1.
    pub omega: f64,
}

/// A fitted line between one's own and foreign.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Weight per column, at least 0.
    pub weights: Vec<f64>,
    /// What is added.
    pub intercept: f64,
    /// Sweeps over all coordinates.
    pub n_sweeps: usize,
}

/// Weights of `n_columns` columns that tell foreign `rows` from own ones.
///
/// Rows are summed in the order given; a column that is 0 everywhere stays at
/// 0.
///
/// # Formula
///
/// ```text
/// minimise  Σ ω (ln(1 + e^z) − y z) + 1e-3 Σ w²      z = Σ w x + b,  w ≥ 0
/// by cyclic descent:  w ← max(0, w − G/H),  b ← b − G/H
/// G = Σ ω (σ(z) − y) x + 2·1e-3 w,   H = ¼ Σ ω x² + 2·1e-3
/// ```
///
/// without the penalty for b. H bounds the curvature, so that the loss never
/// rises.
///
/// # Source
///
/// Logistic regression by the majorisation of Böhning & Lindsay (1988),
/// "Monotonicity of quadratic-approximation algorithms", Annals of the
/// Institute of Statistical Mathematics 40(4) (`[combine.fit]`).
#[must_use]
pub fn fit(rows: &[Row], n_columns: usize) -> Fit {
    let mut descent = Descent::new(rows, n_columns);
    while descent.fit.n_sweeps < MAX_SWEEPS {
        descent.fit.n_sweeps += 1;
        let mut largest = 0.0_f64;
        for at in 0..n_columns {
            largest = largest.max(descent.step(at).abs());
        }
        largest = largest.max(descent.shift().abs());
        if largest <= STILL {
            break;
        }
    }
    descent.fit
}

/// A fit on its way down.
struct Descent {
    ys: Vec<f64>,
    omegas: Vec<f64>,
    columns: Vec<Vec<f64>>,
    /// Σ ω x² of each column.
    squares: Vec<f64>,
    /// Where each row stands.
    zs: Vec<f64>,
    fit: Fit,
}

impl Descent {
    fn new(rows: &[Row], n_columns: usize) -> Self {
        let ys = rows.iter().map(|row| f64::from(u8::from(row.is_foreign)));
        let omegas: Vec<f64> = rows.iter().map(|row| row.omega).collect();
        let column = |at: usize| -> Vec<f64> {
            let bits = rows.iter().map(|row| row.bits.get(at));
            bits.map(|x| x.copied().unwrap_or_default()).collect()
        };
        let columns: Vec<Vec<f64>> = (0..n_columns).map(column).collect();
        let square = |column: &Vec<f64>| column.iter().zip(&omegas).map(|(x, w)| w * x * x).sum();
        Self {
            ys: ys.collect(),
            squares: columns.iter().map(square).collect(),
            zs: vec![0.0; rows.len()],
            fit: Fit {
                weights: vec![0.0; n_columns],
                intercept: 0.0,
                n_sweeps: 0,
            },
            columns,
            omegas,
        }
    }

    /// ω (σ(z) − y) of every row.
    fn slopes(&self) -> impl Iterator<Item = f64> + '_ {
        let rows = self.zs.iter().zip(self.ys.iter().zip(&self.omegas));
        rows.map(|(z, (y, omega))| omega * (sigmoid(*z) - y))
    }

    /// Moves one weight; returns by how much.
    fn step(&mut self, at: usize) -> f64 {
        let (Some(column), Some(squares), Some(weight)) = (
            self.columns.get(at),
            self.squares.get(at).filter(|squares| **squares > 0.0),
            self.fit.weights.get(at),
        ) else {
            return 0.0;
        };
        let gradient: f64 = self.slopes().zip(column).map(|(slope, x)| slope * x).sum();
        let gradient = gradient + 2.0 * PENALTY * weight;
        let next = (weight - gradient / (0.25 * squares + 2.0 * PENALTY)).max(0.0);
        let step = next - weight;
        if step.abs() > 0.0 {
            for (z, x) in self.zs.iter_mut().zip(column) {
                *z += step * x;
            }
        }
        if let Some(weight) = self.fit.weights.get_mut(at) {
            *weight = next;
        }
        step
    }

    /// Moves the intercept; returns by how much.
    fn shift(&mut self) -> f64 {
        let total: f64 = self.omegas.iter().sum();
        if total <= 0.0 {
            return 0.0;
        }
        let step = -self.slopes().sum::<f64>() / (0.25 * total);
        self.fit.intercept += step;
        for z in &mut self.zs {
            *z += step;
        }
        step
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Share of `foreign` scores that are larger than all but `share` of `own`
/// ones: recall at that rate of false alarms.
///
/// With fewer than 1/`share` own scores, larger than all of them. 0 without
/// foreign scores.
///
/// # Examples
///
/// ```
/// # use habitual::stats::fit::recall_at;
/// let own = [1.0, 2.0, 3.0, 9.0];
/// // One of four may lie beyond: the threshold is 3.
/// assert!((recall_at(0.25, &own, &[2.0, 4.0]) - 0.5).abs() < 1e-12);
/// assert!(recall_at(0.01, &own, &[2.0, 4.0]).abs() < 1e-12);
/// ```
#[must_use]
pub fn recall_at(share: f64, own: &[f64], foreign: &[f64]) -> f64 {
    let mut descending = own.to_vec();
    descending.sort_unstable_by(|a, b| b.total_cmp(a));
    let allowed = n_allowed(share, own.len());
    let threshold = descending.get(allowed).copied();
    let threshold = threshold.unwrap_or(f64::NEG_INFINITY);
    let caught = foreign.iter().filter(|score| **score > threshold).count();
    length(caught) / length(foreign.len().max(1))
}

/// How many of `n` make at most `share` of them.
#[must_use]
pub fn n_allowed(share: f64, n: usize) -> usize {
    let allowed = (share * length(n) + 1e-9).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length"
    )]
    let allowed = allowed.max(0.0) as usize;
    allowed.min(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_a_word_has_no_weight() {
        let row = |x: f64, is_foreign| Row {
            bits: vec![0.0, x],
            is_foreign,
            omega: 0.25,
        };
        let rows = [
            row(0.5, false),
            row(0.0, false),
            row(3.0, true),
            row(2.0, true),
        ];
        let fit = fit(&rows, 2);
        assert!(fit.weights[0].abs() < 1e-12);
        assert!(fit.weights[1] > 0.5, "{fit:?}");
    }

    #[test]
    fn without_rows_nothing_is_learned() {
        let fit = fit(&[], 3);
        assert_eq!(fit.weights, [0.0; 3]);
        assert_eq!(fit.n_sweeps, 1);
    }

    #[test]
    fn what_a_rate_allows_is_rounded_down() {
        assert_eq!(n_allowed(0.01, 99), 0);
        assert_eq!(n_allowed(0.01, 100), 1);
        assert_eq!(n_allowed(0.1, 30), 3);
        assert_eq!(n_allowed(2.0, 3), 3);
    }
}
