//! People: finding and changing them. Signing in with GitHub has its own file, [`super::sign_in`].

use async_trait::async_trait;
use codementor_core::id::UserId;
use codementor_core::name::UserName;
use codementor_core::ports::{Created, GithubSignIn, StoreResult, Users};
use codementor_core::role::Role;
use codementor_core::time::Timestamp;
use codementor_core::user::{GithubIdentity, User};
use rusqlite::{Connection, params};

use super::fault::DbResult;
use super::rows::user_columns;
use super::sign_in::SignIn;
use super::{SqliteStore, query, rows};

const INSERT: &str = "INSERT INTO users (id, name, name_key, role, kind, time_zone, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (name_key) DO NOTHING";
pub(super) const BY_ID: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = ?1");
pub(super) const BY_NAME: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.name_key = ?1");
pub(super) const GITHUB_LOGIN: &str =
    "SELECT github_login FROM users WHERE id = ?1 AND github_login IS NOT NULL";
pub(super) const SET_ROLE: &str = "UPDATE users SET role = ?2 WHERE id = ?1";
pub(super) const SET_TIME_ZONE: &str = "UPDATE users SET time_zone = ?2 WHERE id = ?1";

#[async_trait]
impl Users for SqliteStore {
    async fn create_user(&self, user: &User) -> StoreResult<Created<()>> {
        let user = user.clone();
        self.write(move |conn| insert(conn, &user)).await
    }

    async fn user(&self, id: UserId) -> StoreResult<Option<User>> {
        self.read(move |conn| by_id(conn, id)).await
    }

    async fn user_by_name(&self, name: &UserName) -> StoreResult<Option<User>> {
        let key = name.key();
        self.read(move |conn| query::one(conn, BY_NAME, [key], rows::user)).await
    }

    async fn set_role(&self, id: UserId, role: Role) -> StoreResult<Option<User>> {
        self.write(move |conn| {
            query::change(conn, SET_ROLE, params![id.to_string(), role.as_str()])?;
            by_id(conn, id)
        })
        .await
    }

    async fn set_time_zone(&self, id: UserId, time_zone: &str) -> StoreResult<Option<User>> {
        let time_zone = time_zone.to_owned();
        self.write(move |conn| {
            query::change(conn, SET_TIME_ZONE, params![id.to_string(), time_zone])?;
            by_id(conn, id)
        })
        .await
    }

    async fn sign_in_github(
        &self,
        identity: &GithubIdentity,
        guest: Option<UserId>,
        time_zone: &str,
        now: Timestamp,
    ) -> StoreResult<GithubSignIn> {
        let sign_in = SignIn { identity: identity.clone(), guest, time_zone: time_zone.to_owned(), now };
        self.write(move |conn| sign_in.run(conn)).await
    }
}

/// Adds a person unless the name's key is taken.
pub(super) fn insert(conn: &Connection, user: &User) -> DbResult<Created<()>> {
    let added = query::change(
        conn,
        INSERT,
        params![
            user.id.to_string(),
            user.name.as_str(),
            user.name.key(),
            user.role.as_str(),
            rows::kind_word(user.kind),
            user.time_zone,
            user.created_at.as_ms(),
        ],
    )?;
    Ok(if added == 1 { Created::New(()) } else { Created::Taken })
}

/// Finds a person.
pub(super) fn by_id(conn: &Connection, id: UserId) -> DbResult<Option<User>> {
    query::one(conn, BY_ID, [id.to_string()], rows::user)
}

/// The login of a person who signs in with GitHub.
pub(super) fn github_login(conn: &Connection, id: UserId) -> DbResult<Option<String>> {
    query::one(conn, GITHUB_LOGIN, [id.to_string()], query::first)
}
