//! How the model is set, by those verbs that score.

use clap::Args;

use super::choice::one_of;
use super::inputs::Inputs;
use crate::model::{Parameters, Weighing};

/// How the model is set.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArgs {
    /// Where weights come from: default or learned
    ///
    /// learned plants takeovers in the history, as `habitual backtest` does, and takes the weights
    /// that find most of them, if they also find more in a later part of it than the defaults do.
    #[arg(
        long,
        value_name = "WEIGHTS",
        default_value = Weighing::Default.name(),
        value_parser = one_of(&Weighing::ALL, Weighing::name),
        hide_possible_values = true,
        hide_short_help = true
    )]
    weights: Weighing,
}

impl ModelArgs {
    /// The parameters that the flags amount to.
    pub(super) fn parameters(self, inputs: &Inputs) -> Parameters {
        Parameters {
            weighing: self.weights,
            ..parameters(inputs)
        }
    }
}

/// The default parameters, with the threads that may be used.
pub(super) fn parameters(inputs: &Inputs) -> Parameters {
    Parameters {
        threads: inputs.limits.threads,
        ..Parameters::default()
    }
}
