//! The rules of CodeMentor and the ports through which the rules meet the world.
//!
//! Everything here is plain data and pure functions: no sockets, no files, no clock but the one passed in. Crates of rank 1
//! implement the [`ports`]; the server joins them.

pub mod audience;
pub mod catalogue;
pub mod challenge;
pub mod events;
pub mod forms;
pub mod id;
pub mod journal;
mod json_text;
pub mod judge0;
pub mod judging;
pub mod ledger;
pub mod live;
pub mod name;
pub mod ports;
pub mod progress;
pub mod quality;
pub mod role;
pub mod submission;
pub mod terminal;
pub mod time;
pub mod user;
pub mod value_type;

pub use audience::Audience;
pub use challenge::{Challenge, Difficulty};
pub use id::{
    AuthSessionId, ChallengeId, InvitationId, Judge0Token, Language, SessionId, SubmissionId, UserId,
};
pub use judging::Verdict;
pub use role::Role;
pub use submission::{Submission, SubmissionStatus};
pub use time::Timestamp;
pub use user::User;
