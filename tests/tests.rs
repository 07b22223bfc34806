//! The one integration binary: linking is paid once. Each file is a door that
//! users, or the next developer, come in by.

/// The arrows of the house: which module may use which.
mod architecture;
/// `habitual backtest`: promises held against the example organisation.
mod backtest;
/// Saved baselines: as if everything had been read at once.
mod baseline;
/// The HTML report, from the command and, on request, in a real browser.
mod browser;
/// `case`: findings with all that they rest on, exported and verified.
mod case;
/// Flags, help, and what is refused before anything is read.
mod cli;
/// The example organisation: the same every time, and its attacks found.
mod demo;
/// `--dump-events`: every event once, in order, and read back as it was.
mod dump;
/// Every exit status of a whole run, and what is said with it.
mod exits;
/// `explain`: sums that can be done again, and habits of who is asked for.
mod explain;
/// Logs written to do harm: every requirement of reading, by its number.
mod hostile;
/// `--manifest`: what is recorded about a run.
mod manifest;
/// Logs of other products: mappings, built in and of one's own.
mod mappings;
/// The nightly job: only what is new, whatever came when.
mod nightly;
/// `pivot`: the story of one thing, and the commands that lead on.
mod pivot;
/// What must not change: order, splitting, packing, copies, threads, weeks.
mod properties;
/// Logs that nobody here wrote: every record accounted for.
mod real_logs;
/// State under stress: writers, damage, signals, files that vanish.
mod reliability;
/// Open files and memory: what a run may take of the machine.
mod resources;
/// Stories: who must be found, and who must be left in peace.
mod scenarios;
/// Sandbox, event builders and a small organisation, and tests that they are
/// true to the products.
mod support;
