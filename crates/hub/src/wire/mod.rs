//! The y-protocols messages of a socket (<https://github.com/yjs/y-protocols>, update format v1), read by a whitelist.
//!
//! The CRDT library panics, hoards or diverges on some bytes that it decodes. So a message is read here first, in full and bounded
//! by its own length, and whatever an editor of one plain text does not send is refused.

pub mod awareness;
pub mod message;
pub mod read;
mod rewrite;
pub mod state_vector;
pub mod update;

pub use message::Message;
pub use read::Malformed;
pub use update::Update;

/// Who wrote something: a Yjs client, which is one open document in one tab.
pub type ClientId = u64;
/// How much a client has written, in UTF-16 units.
pub type Clock = u32;

/// The largest client id, 2⁵³ − 1: more is no whole number in JavaScript.
pub const MAX_CLIENT_ID: ClientId = (1 << 53) - 1;
/// The largest clock, 2³¹ − 1: beyond what any document may hold.
pub const MAX_CLOCK: Clock = i32::MAX as Clock;
