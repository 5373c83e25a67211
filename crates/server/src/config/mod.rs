//! Settings: one table of names, three sources (flag, environment, file), all faults reported at once.

mod read;
mod settings;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use codementor_auth::SecretString;
use url::Url;

use crate::judge0::callbacks::Hosts;

pub use read::{Given, resolve};
pub use settings::{SETTINGS, Setting};

/// The checked settings of a process.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Folder of the embedded database and the caches.
    pub data: PathBuf,
    /// The database's file.
    pub database: PathBuf,
    /// The address people use, when it is not the one listened on.
    pub public_url: Option<Url>,
    /// What this process does.
    pub roles: Roles,
    /// Who runs learners' programs.
    pub judge: JudgeAt,
    /// Hosts that callbacks of the Judge0 API may go to.
    pub callback_hosts: Hosts,
    /// Whether guests may sign in.
    pub guests: bool,
    /// GitHub sign-in.
    pub github: Option<Github>,
    /// The signing key, when it is not the one kept in the data folder.
    pub jwt_secret: Option<SecretString>,
    /// What to log, in the notation of `tracing` filters.
    pub log: String,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roles {
    /// It serves, and judges.
    Both,
    /// It serves; worker processes judge.
    Web,
    /// It judges for a process that serves from the same data folder.
    Worker,
}

/// Who runs learners' programs.
#[derive(Debug, Clone)]
pub enum JudgeAt {
    /// This machine, in its sandbox.
    Here,
    /// A Judge0 server.
    Server {
        /// Its address.
        url: Url,
        /// What it wants to see.
        token: Option<SecretString>,
    },
}

/// GitHub sign-in.
#[derive(Debug, Clone)]
pub struct Github {
    /// The OAuth application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// GitHub, or an Enterprise server.
    pub base_url: Url,
}

/// Everything that is wrong with the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        writeln!(f, "the configuration has {count} {}:", if count == 1 { "fault" } else { "faults" })?;
        for fault in &self.0 {
            writeln!(f, "  - {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
