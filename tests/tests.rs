//! The one integration binary: linking is paid once. Each file is a door that
//! users, or the next developer, come in by.

/// The arrows of the house: which module may use which.
mod architecture;
/// Flags, help, every exit status, closed pipes.
mod cli;
/// Sandbox and event builders, and tests that they are true to the products.
mod support;
