//! Reading what follows from the ledger: one person's progress, and leaderboards.

use async_trait::async_trait;
use codementor_core::id::UserId;
use codementor_core::ledger::Scope;
use codementor_core::ports::{LedgerSummary, Progress, Solved, Standing, Standings, StoreResult};
use rusqlite::{Connection, Row, params};

use super::fault::{DbResult, Fault};
use super::rows::{USER_COLUMNS, challenge, count, language, plain, time, user_columns};
use super::{SqliteStore, query, rows};

/// The longest page of a leaderboard.
const MAX_PAGE: u32 = 100;

pub(super) const TOTAL_XP: &str = "SELECT coalesce(sum(xp), 0) FROM ledger WHERE user_id = ?1 AND xp > 0";
pub(super) const ACTIVE: &str = "SELECT at FROM ledger WHERE user_id = ?1 ORDER BY at DESC LIMIT 5000";
pub(super) const SOLVED: &str = "SELECT challenge_id, language, xp, at FROM ledger
    WHERE user_id = ?1 AND reason = 'solved' ORDER BY at DESC, challenge_id LIMIT 5000";
/// The page first, so that the names of the skipped are never looked up.
pub(super) const PAGE: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", page.xp
    FROM (
        SELECT xp, reached_at, user_id FROM standings WHERE scope = ?1
        ORDER BY xp DESC, reached_at, user_id LIMIT ?2 OFFSET ?3
    ) page CROSS JOIN users u ON u.id = page.user_id
    ORDER BY page.xp DESC, page.reached_at, page.user_id"
);
pub(super) const TOTAL: &str = "SELECT count(*) FROM standings WHERE scope = ?1";
pub(super) const MINE: &str = "SELECT xp, reached_at FROM standings WHERE scope = ?1 AND user_id = ?2";
/// Everybody before a place, as three ranges of the index in leaderboard order.
pub(super) const BEFORE: &str = "SELECT
    (SELECT count(*) FROM standings WHERE scope = ?1 AND xp > ?2)
    + (SELECT count(*) FROM standings WHERE scope = ?1 AND xp = ?2 AND reached_at < ?3)
    + (SELECT count(*) FROM standings WHERE scope = ?1 AND xp = ?2 AND reached_at = ?3 AND user_id < ?4)";

#[async_trait]
impl Progress for SqliteStore {
    async fn ledger_summary(&self, user: UserId) -> StoreResult<LedgerSummary> {
        self.read(move |conn| summary(conn, &user.to_string())).await
    }

    async fn standings(
        &self,
        scope: &Scope,
        me: Option<UserId>,
        offset: u64,
        limit: u32,
    ) -> StoreResult<Standings> {
        let scope = scope.clone();
        let limit = limit.clamp(1, MAX_PAGE);
        self.read(move |conn| {
            Ok(Standings {
                items: page(conn, scope.as_str(), offset, limit)?,
                me: match me {
                    Some(me) => place(conn, scope.as_str(), me)?,
                    None => None,
                },
                total: query::one(conn, TOTAL, [scope.as_str()], |row| count(row, 0))?.unwrap_or(0),
            })
        })
        .await
    }
}

fn summary(conn: &Connection, user: &str) -> DbResult<LedgerSummary> {
    Ok(LedgerSummary {
        total_xp: query::one(conn, TOTAL_XP, [user], |row| count(row, 0))?.unwrap_or(0),
        active: query::all(conn, ACTIVE, [user], |row| time(row, 0))?,
        solved: query::all(conn, SOLVED, [user], solved)?,
    })
}

fn solved(row: &Row<'_>) -> DbResult<Solved> {
    Ok(Solved {
        challenge_id: challenge(row, 0)?,
        language: language(row, 1)?,
        xp: plain(row, 2)?,
        at: time(row, 3)?,
    })
}

fn page(conn: &Connection, scope: &str, offset: u64, limit: u32) -> DbResult<Vec<Standing>> {
    let skipped = i64::try_from(offset).unwrap_or(i64::MAX);
    let mut rank = offset;
    query::all(conn, PAGE, params![scope, limit, skipped], |row| {
        rank = rank.saturating_add(1);
        Ok(Standing { rank, user: rows::user(row)?, xp: count(row, USER_COLUMNS)? })
    })
}

/// Rank and XP of one person.
fn place(conn: &Connection, scope: &str, me: UserId) -> DbResult<Option<(u64, u64)>> {
    let me = me.to_string();
    let mine = query::one(conn, MINE, params![scope, me], |row| Ok((count(row, 0)?, plain::<i64>(row, 1)?)))?;
    let Some((xp, reached_at)) = mine else {
        return Ok(None);
    };
    let key = params![scope, xp.cast_signed(), reached_at, me];
    let before = query::one(conn, BEFORE, key, |row| count(row, 0))?.ok_or(Fault::Malformed("count"))?;
    Ok(Some((before + 1, xp)))
}
