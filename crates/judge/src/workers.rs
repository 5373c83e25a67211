//! Judge workers in processes of their own, on the machine of the one that has the store and the queue.
//!
//! That process listens on a socket in its data folder; [`Pool`] gives programs to whoever has connected there and, where it has one, to
//! the judge of its own process. A [`Worker`] connects, waiting for the other side as long as it takes, says which languages it has and
//! how many programs it judges at once, takes that many, and tells how each ends. It knows neither store nor queue: a worker that is
//! lost loses nothing but time.
//!
//! - Both sides must be processes of the same user, or of root.
//! - A message is four bytes of length and JSON, bounded; what does not fit what was said before ends the connection, and no more.
//! - A worker says something every second. One that is silent for [`SILENCE`], stopped or stuck, is lost: its programs go to another
//!   place, and when it comes back it begins anew.
//! - A program that has cost [`MOST_LOSSES`] workers within ten minutes costs no more: it is the judge's failure.

mod door;
mod frame;
mod listening;
mod losses;
mod member;
mod message;
mod pool;
mod work;

use std::time::Duration;

pub use listening::{Listening, Seen, look};
pub use losses::MOST_LOSSES;
pub use pool::Pool;
pub use work::Worker;

/// Both sides must say the same. It changes with every change of what messages mean.
const PROTOCOL: u32 = 1;
/// Workers at once.
pub const MOST_WORKERS: usize = 32;
/// Programs that one worker judges at once, at most.
pub const MOST_PLACES: usize = 100;
/// How often a worker says that it lives.
const BEAT: Duration = Duration::from_secs(1);
/// How long a worker may be silent, and how long either side may take to say one message, to read one, or to greet.
pub const SILENCE: Duration = Duration::from_secs(5);

/// Who is told what becomes of workers, to measure it.
pub trait Observer: Send + Sync {
    /// Somebody was turned away, or a connection ended for what was said on it.
    fn refused(&self, reason: &'static str);
    /// So many workers are connected, and so many programs can be judged at once, with those in this process.
    fn changed(&self, workers: usize, places: usize);
}
