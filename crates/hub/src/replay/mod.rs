//! Sessions as they were: every change of the text, who made it and when, and what can be told from that.
//!
//! Pure: a [`Recording`] is built from a session's whole record, which somebody else reads. What it holds is bounded, whoever wrote the
//! record; nothing here waits, and nothing here trusts a [file](mod@file) more than a stranger.

pub mod builder;
pub mod chunks;
pub mod file;
pub mod recording;
pub mod splice;
pub mod statistics;
#[cfg(test)]
mod tests;
mod weave;

pub use builder::{Builder, Unfit};
pub use recording::{Recording, Run, Step, StepKind};
pub use splice::Splice;
pub use statistics::Statistics;
