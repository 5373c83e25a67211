//! Fast shared truth between the parts of a running system, in this process.
//!
//! Nothing here is durable: a restart forgets it, and readers are told so (a new epoch, a `gap`). Every memory is bounded.

mod events;
mod rate;

pub use events::InProcessEvents;
pub use rate::{RateLimiter, RateRule, Retry};
