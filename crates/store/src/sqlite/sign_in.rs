//! Signing in with GitHub: who that is, whether they are new, and what becomes of the guest they were.

use codementor_core::id::UserId;
use codementor_core::name::{MAX_NAME_CHARS, UserName};
use codementor_core::ports::{Created, GithubSignIn};
use codementor_core::role::Role;
use codementor_core::time::Timestamp;
use codementor_core::user::{AccountKind, GithubIdentity, User};
use rusqlite::{Connection, params};

use super::fault::{DbResult, Fault};
use super::rows::user_columns;
use super::{merge, query, rows, users};

pub(super) const BY_GITHUB: &str =
    concat!("SELECT ", user_columns!(), " FROM users u WHERE u.github_id = ?1");
pub(super) const SET_LOGIN: &str = "UPDATE users SET github_login = ?2 WHERE id = ?1 AND github_login <> ?2";
pub(super) const BECOME_GITHUB: &str =
    "UPDATE users SET kind = 'github', github_id = ?2, github_login = ?3 WHERE id = ?1";

/// The last number tried after a taken name, before GitHub's own id is: bounds the work of a sign-in.
const LAST_SUFFIX: u64 = 99;

/// What a sign-in knows.
pub(super) struct SignIn {
    pub(super) identity: GithubIdentity,
    pub(super) guest: Option<UserId>,
    pub(super) time_zone: String,
    pub(super) now: Timestamp,
}

impl SignIn {
    /// Finds or makes the person, within a transaction.
    pub(super) fn run(&self, conn: &Connection) -> DbResult<GithubSignIn> {
        let known = query::one(conn, BY_GITHUB, [self.identity.id.cast_signed()], rows::user)?;
        let guest = match self.guest {
            Some(id) => users::by_id(conn, id)?.filter(|user| user.kind == AccountKind::Guest),
            None => None,
        };
        match (known, guest) {
            (Some(person), guest) => self.returned(conn, person, guest),
            (None, Some(guest)) => self.named(conn, guest.id),
            (None, None) => {
                let person = self.newcomer(conn)?;
                self.named(conn, person)
            }
        }
    }

    /// A known person came back, perhaps with work done as a guest.
    fn returned(&self, conn: &Connection, person: User, guest: Option<User>) -> DbResult<GithubSignIn> {
        query::change(conn, SET_LOGIN, params![person.id.to_string(), self.identity.login])?;
        if let Some(guest) = &guest {
            merge::guest_into(conn, guest.id, person.id)?;
        }
        Ok(GithubSignIn { user: person, merged_guest: guest.map(|guest| guest.id) })
    }

    /// Binds somebody in the database to the GitHub account.
    fn named(&self, conn: &Connection, id: UserId) -> DbResult<GithubSignIn> {
        let github = self.identity.id.cast_signed();
        query::change(conn, BECOME_GITHUB, params![id.to_string(), github, self.identity.login])?;
        let user = users::by_id(conn, id)?.ok_or(Fault::Malformed("user"))?;
        Ok(GithubSignIn { user, merged_guest: None })
    }

    /// Adds a person under the first free name.
    fn newcomer(&self, conn: &Connection) -> DbResult<UserId> {
        for name in names(&self.identity) {
            let user = User {
                id: UserId::new(),
                name,
                role: Role::Learner,
                kind: AccountKind::Github,
                time_zone: self.time_zone.clone(),
                created_at: self.now,
            };
            if users::insert(conn, &user)? == Created::New(()) {
                return Ok(user.id);
            }
        }
        Err(Fault::Malformed("name"))
    }
}

/// Names for a GitHub account in the order they are tried: the login, then with `-2`, `-3`… and at last with GitHub's id, which
/// nobody else has a reason to use, and the numbers after it.
fn names(identity: &GithubIdentity) -> impl Iterator<Item = UserName> + use<> {
    let known = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let login: String = identity.login.chars().filter(known).collect();
    let login = login.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let base = if login.is_empty() { "learner" } else { login }.to_owned();
    let suffixes = (2..=LAST_SUFFIX).chain(identity.id..).map(|number| format!("-{number}"));
    std::iter::once(String::new()).chain(suffixes).filter_map(move |suffix| {
        let room = MAX_NAME_CHARS.saturating_sub(suffix.len());
        let start = base.get(..room).unwrap_or(&base);
        UserName::new(&format!("{start}{suffix}")).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_names(login: &str, count: usize) -> Vec<String> {
        let identity = GithubIdentity { id: u64::MAX - 5, login: login.to_owned() };
        names(&identity).take(count).map(String::from).collect()
    }

    #[test]
    fn logins_become_valid_names() {
        assert_eq!(first_names("octocat", 3), ["octocat", "octocat-2", "octocat-3"]);
        let long = "a".repeat(39);
        assert_eq!(first_names(&long, 2), ["a".repeat(32), format!("{}-2", "a".repeat(30))]);
        assert_eq!(first_names("dependabot[bot]", 1), ["dependabotbot"]);
        assert_eq!(first_names("-ghost", 1), ["ghost"]);
        assert_eq!(first_names("漢", 2), ["learner", "learner-2"]);
        assert_eq!(first_names("Me", 1), ["Me-2"], "a word that the API's addresses need");
    }

    #[test]
    fn a_crowded_name_ends_with_the_github_id() {
        let names = first_names("octocat", 100);
        assert_eq!(names[98], "octocat-99");
        assert_eq!(names[99], "octocat-18446744073709551610");
    }
}
