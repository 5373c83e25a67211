//! A person, and the GitHub account that may stand behind one.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::name::UserName;
use crate::role::Role;
use crate::time::Timestamp;

/// How a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// By name only, bound to one device's cookie.
    Guest,
    /// Through GitHub.
    Github,
}

/// A person as the store keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Never changes, also when a guest becomes a GitHub user.
    pub id: UserId,
    /// Unique by [`UserName::key`].
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// How they sign in.
    pub kind: AccountKind,
    /// IANA time zone in which their days are counted.
    pub time_zone: String,
    /// When they first came.
    pub created_at: Timestamp,
}

/// What GitHub says of somebody. GitHub's numeric id is the identity; the login may change hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubIdentity {
    /// GitHub's stable numeric id.
    pub id: u64,
    /// The login at this sign-in.
    pub login: String,
}
