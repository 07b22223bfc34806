//! Where a window stands: in which windows its statistics and its scores are
//! ranked, and what p-values that makes.

use super::calibration::{Calibrated, Column, OwnList, PoolColumn};
use super::past::class_of;
use super::pooling::Pooling;
use super::reading::{Reading, combine};
use super::rows::Rows;
use super::slate::Slate;
use super::{ChannelCalibration, Parameters, parallel};
use crate::event::Class;
use crate::stats::calibration::PoolRank;

/// Windows to rank others among.
pub(super) struct Ranking {
    pub(super) pooling: Pooling,
    /// Raw statistics of every window.
    rows: Rows,
    columns: Vec<Column>,
    channels: Vec<ChannelColumn>,
}

enum ChannelColumn {
    Pool(PoolColumn),
    /// With the score of every window.
    Own(Column, Vec<f64>),
}

impl Ranking {
    /// `rows` are those of the windows of `pooling`. Their scores are ranked by
    /// [`Self::rank`].
    pub(super) fn new(pooling: Pooling, rows: Rows, parameters: &Parameters) -> Self {
        let columns = parallel::map(parameters.threads, parameters.statistics.len(), |at| {
            let statistic = parameters.statistics.get(at);
            let is_tail = parameters.bounds_tails
                && statistic.is_some_and(|(statistic, _)| statistic.is_tail());
            Column::new(&pooling, &rows.column(at), is_tail)
        });
        Self {
            pooling,
            rows,
            columns,
            channels: Vec::new(),
        }
    }

    /// Scores every window under the weights of `parameters`, for others to be
    /// ranked among; also returns the scores.
    pub(super) fn rank(
        &mut self,
        slate: &Slate,
        parameters: &Parameters,
        is_shared: impl Fn(usize) -> bool + Sync,
    ) -> Vec<[f64; 3]> {
        let threads = parameters.threads;
        let subjects = &self.pooling.subject_of;
        let scores = parallel::map(threads, subjects.len(), |at| {
            let subject = subjects.get(at).copied().unwrap_or_default();
            let class = class_of(slate, subject);
            let reading = self.window(parameters, at, class, is_shared(subject));
            reading.scores
        });
        self.channels = parallel::map(threads, 3, |channel| {
            let own = scores.iter();
            let values: Vec<f64> = own
                .map(|scores| scores.get(channel).copied().unwrap_or_default())
                .collect();
            match parameters.channels {
                ChannelCalibration::Pool => {
                    ChannelColumn::Pool(PoolColumn::new(&self.pooling, &values))
                }
                ChannelCalibration::OwnAndPool => {
                    let column = Column::new(&self.pooling, &values, false);
                    ChannelColumn::Own(column, values)
                }
            }
        });
        scores
    }

    /// What the statistics of the window at `at` say, up to the scores.
    pub(super) fn window(
        &self,
        parameters: &Parameters,
        at: usize,
        class: Class,
        is_shared: bool,
    ) -> Reading {
        let raw = self.rows.dense(at, parameters.statistics.len());
        let columns = self.columns.iter().zip(&raw).enumerate();
        let p = columns
            .map(|(statistic, (column, t))| {
                let value = |window| self.rows.get(window, statistic);
                column.p_of_window(&self.pooling, at, *t, value)
            })
            .collect();
        let mut reading = Reading {
            raw,
            p,
            ..Reading::default()
        };
        combine(parameters, class, is_shared, &mut reading);
        reading
    }

    /// p-values of the scores of the window at `at`.
    pub(super) fn p_channels(&self, at: usize, scores: [f64; 3]) -> [f64; 3] {
        let subject = self.pooling.subject_of.get(at);
        let subject = subject.copied().unwrap_or_default();
        self.p_of_channels(scores, |channel, score| match channel {
            ChannelColumn::Pool(column) => column.p_beside(&self.pooling, subject, score, true),
            ChannelColumn::Own(column, values) => {
                let value = |window: usize| values.get(window).copied().unwrap_or_default();
                Some(column.p_of_window(&self.pooling, at, score, value))
            }
        })
    }

    /// p-values of the scores of a new window of `subject`.
    pub(super) fn p_channels_of_new(&self, subject: usize, scores: [f64; 3]) -> [f64; 3] {
        self.p_of_channels(scores, |channel, score| match channel {
            ChannelColumn::Pool(column) => column.p(&self.pooling, subject, score),
            ChannelColumn::Own(column, _) => Some(column.p_of_new(&self.pooling, subject, score)),
        })
    }

    fn p_of_channels(
        &self,
        scores: [f64; 3],
        p_of: impl Fn(&ChannelColumn, f64) -> Option<f64>,
    ) -> [f64; 3] {
        let mut ps = scores;
        for (p, channel) in ps.iter_mut().zip(&self.channels) {
            *p = p_of(channel, *p).unwrap_or(1.0);
        }
        ps
    }

    /// p-values of the `raw` statistics of a new window of `subject`.
    pub(super) fn p_of_new(&self, subject: usize, raw: &[f64]) -> Vec<f64> {
        let columns = self.columns.iter().zip(raw);
        columns
            .map(|(column, t)| column.p_of_new(&self.pooling, subject, *t))
            .collect()
    }

    /// p-values that the window at `at` would have with `raw` in the place of
    /// its own statistics.
    pub(super) fn p_instead(&self, at: usize, raw: &[f64]) -> Vec<f64> {
        let original = self.rows.dense(at, raw.len());
        let columns = self.columns.iter().zip(original.iter().zip(raw));
        columns
            .enumerate()
            .map(|(statistic, (column, (original, t)))| {
                let value = |window| self.rows.get(window, statistic);
                column.p_instead(&self.pooling, at, (*original, *t), value)
            })
            .collect()
    }

    /// p-value of one statistic of the window at `at`.
    pub(super) fn p_of_window(&self, at: usize, statistic: usize) -> Option<f64> {
        let t = self.rows.get(at, statistic);
        let column = self.columns.get(statistic)?;
        let value = |window| self.rows.get(window, statistic);
        Some(column.p_of_window(&self.pooling, at, t, value))
    }

    /// One statistic of one window.
    pub(super) fn value(&self, window: usize, statistic: usize) -> f64 {
        self.rows.get(window, statistic)
    }

    /// Windows that `subject` is ranked among.
    pub(super) fn n_pool(&self, subject: usize) -> usize {
        self.pooling.n_pool(subject)
    }

    /// Puts other lists in the place of those of `subject`; returns the latter.
    pub(super) fn replace(&mut self, subject: usize, lists: Vec<OwnList>) -> Vec<OwnList> {
        let columns = self.columns.iter_mut().zip(lists);
        columns
            .map(|(column, list)| column.replace(subject, list))
            .collect()
    }

    /// How statistic number `at` of a new window of `subject` becomes a p-value.
    pub(super) fn calibrated(&self, subject: usize, at: usize, t: f64) -> Option<Calibrated> {
        self.columns.get(at)?.calibrated(&self.pooling, subject, t)
    }

    /// Where the channel scores of a new window of `subject` stand in its pool.
    pub(super) fn channel_ranks(&self, subject: usize, scores: [f64; 3]) -> Vec<Option<PoolRank>> {
        let channels = self.channels.iter().zip(scores);
        let rank = |(channel, score): (&ChannelColumn, f64)| match channel {
            ChannelColumn::Pool(column) => column.rank(&self.pooling, subject, score),
            ChannelColumn::Own(..) => None,
        };
        channels.map(rank).collect()
    }
}
