//! Signed-in devices.

use async_trait::async_trait;
use codementor_core::id::{AuthSessionId, UserId};
use codementor_core::ports::{AuthSession, AuthSessions, SecretHash, StoreResult};
use codementor_core::time::Timestamp;
use codementor_core::user::User;
use rusqlite::{Row, params};

use super::fault::DbResult;
use super::rows::{USER_COLUMNS, parsed, plain, time, user_columns};
use super::{SqliteStore, query, rows};

macro_rules! live_session {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", s.id, s.secret_hash, s.created_at, s.expires_at
            FROM auth_sessions s JOIN users u ON u.id = s.user_id
            WHERE s.expires_at > ?2 AND ",
            $condition
        )
    };
}

const INSERT: &str = "INSERT INTO auth_sessions (id, user_id, secret_hash, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5)";
/// A bounded sweep, so that no sign-in pays for a million of forgotten devices.
pub(super) const SWEEP: &str = "DELETE FROM auth_sessions WHERE id IN (
        SELECT id FROM auth_sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 100
    )";
pub(super) const LIVE_BY_SECRET: &str = live_session!("s.secret_hash = ?1");
pub(super) const LIVE_BY_ID: &str = live_session!("s.id = ?1");
pub(super) const EXTEND: &str = "UPDATE auth_sessions SET expires_at = ?2 WHERE id = ?1 AND expires_at < ?2";
pub(super) const REVOKE: &str = "DELETE FROM auth_sessions WHERE id = ?1";
pub(super) const REVOKE_OF_USER: &str = "DELETE FROM auth_sessions WHERE user_id = ?1 RETURNING id";

#[async_trait]
impl AuthSessions for SqliteStore {
    async fn create_session(&self, session: &AuthSession) -> StoreResult<()> {
        let session = session.clone();
        self.write(move |conn| {
            query::change(conn, SWEEP, [session.created_at.as_ms()])?;
            query::change(
                conn,
                INSERT,
                params![
                    session.id.to_string(),
                    session.user_id.to_string(),
                    session.secret_hash,
                    session.created_at.as_ms(),
                    session.expires_at.as_ms(),
                ],
            )?;
            Ok(())
        })
        .await
    }

    async fn session_by_secret(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> StoreResult<Option<(AuthSession, User)>> {
        let hash = *hash;
        self.read(move |conn| query::one(conn, LIVE_BY_SECRET, params![hash, now.as_ms()], session)).await
    }

    async fn session(&self, id: AuthSessionId, now: Timestamp) -> StoreResult<Option<(AuthSession, User)>> {
        self.read(move |conn| query::one(conn, LIVE_BY_ID, params![id.to_string(), now.as_ms()], session))
            .await
    }

    async fn extend_session(&self, id: AuthSessionId, expires_at: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            query::change(conn, EXTEND, params![id.to_string(), expires_at.as_ms()])?;
            Ok(())
        })
        .await
    }

    async fn revoke_session(&self, id: AuthSessionId) -> StoreResult<()> {
        self.write(move |conn| {
            query::change(conn, REVOKE, [id.to_string()])?;
            Ok(())
        })
        .await
    }

    async fn revoke_sessions_of(&self, user: UserId) -> StoreResult<Vec<AuthSessionId>> {
        self.write(move |conn| {
            query::all(conn, REVOKE_OF_USER, [user.to_string()], |row| parsed(row, 0, "session id"))
        })
        .await
    }
}

fn session(row: &Row<'_>) -> DbResult<(AuthSession, User)> {
    let user = rows::user(row)?;
    let session = AuthSession {
        id: parsed(row, USER_COLUMNS, "session id")?,
        user_id: user.id,
        secret_hash: plain(row, USER_COLUMNS + 1)?,
        created_at: time(row, USER_COLUMNS + 2)?,
        expires_at: time(row, USER_COLUMNS + 3)?,
    };
    Ok((session, user))
}
