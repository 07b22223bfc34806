//! The whole of the mathematics: against numbers computed elsewhere, and for
//! what must hold of every input.

mod properties;
mod vectors;
