//! Signing in with GitHub: the authorization-code flow of OAuth 2.0 (RFC 6749) with `state` and PKCE S256 (RFC 7636).
//!
//! [`Github::begin`] remembers a flow and names the address to send the browser to; [`Github::finish`] takes what GitHub sent back and
//! answers who that is. Nothing GitHub says is believed unchecked, nothing is waited for without a limit, and neither the client
//! secret nor a code nor an access token reaches a log. GitHub's access token is used once and dropped.

mod client;
mod config;
mod error;
mod flow;
mod next;

pub use config::{ConfigError, GithubConfig, Limits};
pub use error::{FlowError, GithubError, Nonsense, Refusal};
pub use flow::{Begun, Completed, FlowKind, Github, Returned};
pub use next::safe_next;
