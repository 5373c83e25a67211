//! Stand-ins of outside services for tests: real servers on loopback, as strict as the real ones, that can be told to misbehave.
//!
//! Nothing here is a mock of our own code, and nothing here sleeps.

pub mod github;
