//! Sign-ins on their way to GitHub and back. Anybody can begin one, so their number is bounded.

use async_trait::async_trait;
use codementor_core::ports::{OauthFlow, OauthFlows, SecretHash, StoreResult};
use codementor_core::time::Timestamp;
use rusqlite::{Row, params};

use super::fault::{DbResult, Fault};
use super::rows::{plain, time};
use super::{SqliteStore, query};

/// The most flows remembered.
const MAX_FLOWS: i64 = 10_000;

const PUT: &str = "INSERT OR REPLACE INTO oauth_flows
        (state_hash, browser_hash, pkce_verifier, next, guest, expires_at, time_zone)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// Removes all but the newest. The inner query walks at most [`MAX_FLOWS`] entries of an index.
pub(super) const TRIM: &str = "DELETE FROM oauth_flows
    WHERE seq <= (SELECT seq FROM oauth_flows ORDER BY seq DESC LIMIT 1 OFFSET ?1)";
pub(super) const TAKE: &str = "DELETE FROM oauth_flows WHERE state_hash = ?1
    RETURNING state_hash, browser_hash, pkce_verifier, next, guest, expires_at, time_zone";
pub(super) const SWEEP: &str = "DELETE FROM oauth_flows WHERE seq IN (
        SELECT seq FROM oauth_flows WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 100
    )";

#[async_trait]
impl OauthFlows for SqliteStore {
    async fn put_flow(&self, flow: &OauthFlow) -> StoreResult<()> {
        let flow = flow.clone();
        self.write(move |conn| {
            query::change(
                conn,
                PUT,
                params![
                    flow.state_hash,
                    flow.browser_hash,
                    flow.pkce_verifier,
                    flow.next,
                    flow.guest.map(|guest| guest.to_string()),
                    flow.expires_at.as_ms(),
                    flow.time_zone,
                ],
            )?;
            query::change(conn, TRIM, [MAX_FLOWS])?;
            Ok(())
        })
        .await
    }

    async fn take_flow(&self, state_hash: &SecretHash, now: Timestamp) -> StoreResult<Option<OauthFlow>> {
        let state_hash = *state_hash;
        self.write(move |conn| {
            let taken = query::one(conn, TAKE, [state_hash], flow)?;
            query::change(conn, SWEEP, [now.as_ms()])?;
            Ok(taken.filter(|flow| flow.expires_at > now))
        })
        .await
    }
}

fn flow(row: &Row<'_>) -> DbResult<OauthFlow> {
    let guest: Option<String> = plain(row, 4)?;
    Ok(OauthFlow {
        state_hash: plain(row, 0)?,
        browser_hash: plain(row, 1)?,
        pkce_verifier: plain(row, 2)?,
        next: plain(row, 3)?,
        guest: guest.map(|guest| guest.parse()).transpose().map_err(|_| Fault::Malformed("guest"))?,
        expires_at: time(row, 5)?,
        time_zone: plain(row, 6)?,
    })
}
