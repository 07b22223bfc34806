//! The raw statistics of many windows, most of which are zero.

/// One row of statistics per window, without the zeros: about ten bytes for
/// each of the handful that are not.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Where each row ends.
    ends: Vec<usize>,
    /// Positions in [`super::Parameters::statistics`], ascending in a row.
    statistics: Vec<u16>,
    values: Vec<f64>,
}

impl Rows {
    /// Adds the row of one more window.
    pub(super) fn push(&mut self, row: &[f64]) {
        for (at, value) in (0_u16..).zip(row) {
            if *value != 0.0 {
                self.statistics.push(at);
                self.values.push(*value);
            }
        }
        self.ends.push(self.values.len());
    }

    /// Adds the rows of further windows.
    pub(super) fn append(&mut self, other: &Self) {
        let before = self.values.len();
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.statistics.extend_from_slice(&other.statistics);
        self.values.extend_from_slice(&other.values);
    }

    /// How many windows there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// What is not zero of a row: position and value.
    fn row(&self, window: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let end = self.ends.get(window).copied().unwrap_or_default();
        let before = window.checked_sub(1).and_then(|at| self.ends.get(at));
        let range = before.copied().unwrap_or_default()..end;
        let statistics = self.statistics.get(range.clone()).unwrap_or_default();
        let values = self.values.get(range).unwrap_or_default();
        statistics
            .iter()
            .zip(values)
            .map(|(at, value)| (usize::from(*at), *value))
    }

    /// One statistic of one window.
    pub(super) fn get(&self, window: usize, statistic: usize) -> f64 {
        let mut row = self.row(window);
        row.find(|(at, _)| *at == statistic)
            .map_or(0.0, |(_, value)| value)
    }

    /// All `n` statistics of one window.
    pub(super) fn dense(&self, window: usize, n: usize) -> Vec<f64> {
        let mut dense = vec![0.0; n];
        for (at, value) in self.row(window) {
            if let Some(place) = dense.get_mut(at) {
                *place = value;
            }
        }
        dense
    }

    /// One statistic of every window.
    pub(super) fn column(&self, statistic: usize) -> Vec<f64> {
        (0..self.len())
            .map(|window| self.get(window, statistic))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let rows = [vec![0.0, 1.5, 0.0], vec![0.0; 3], vec![2.0, 0.0, 0.25]];
        let mut packed = Rows::default();
        packed.push(&rows[0]);
        let mut rest = Rows::default();
        rest.push(&rows[1]);
        rest.push(&rows[2]);
        packed.append(&rest);
        let dense: Vec<Vec<f64>> = (0..packed.len()).map(|at| packed.dense(at, 3)).collect();
        assert_eq!(dense, rows);
        assert_eq!(packed.column(0), [0.0, 0.0, 2.0]);
        assert_eq!(packed.column(2), [0.0, 0.0, 0.25]);
    }
}
