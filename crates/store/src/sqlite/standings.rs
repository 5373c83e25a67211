//! Leaderboard rows as a projection of the ledger: set to its sums after each entry, never added to.

use std::collections::HashMap;

use codementor_core::id::{Language, UserId};
use codementor_core::ledger::{Period, Scope};
use codementor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::fault::{DbResult, Fault};
use super::query;
use super::rows::{count, language, parsed, time};

/// One pass over a period gives the sum of all languages and that of one.
macro_rules! sums {
    ($period:literal) => {
        concat!(
            "SELECT coalesce(sum(xp), 0), coalesce(max(at), 0),
                coalesce(sum(xp) FILTER (WHERE language = ?2), 0), coalesce(max(at) FILTER (WHERE language = ?2), 0)
            FROM ledger WHERE user_id = ?1 AND xp > 0 AND ",
            $period
        )
    };
}

/// Since the beginning; `?3` is `all`.
pub(super) const SUM_ALL: &str = sums!("?3 = 'all'");
pub(super) const SUM_MONTH: &str = sums!("month = ?3");
pub(super) const SUM_WEEK: &str = sums!("week = ?3");
const SET: &str = "INSERT INTO standings (scope, user_id, xp, reached_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (scope, user_id) DO UPDATE SET xp = excluded.xp, reached_at = excluded.reached_at";
pub(super) const UNSET: &str = "DELETE FROM standings WHERE scope = ?1 AND user_id = ?2";
pub(super) const UNSET_USER: &str = "DELETE FROM standings WHERE user_id = ?1";
pub(super) const EARNED: &str = "SELECT xp, at, language FROM ledger WHERE user_id = ?1 AND xp > 0";
pub(super) const ROWS_OF_USER: &str = "SELECT scope, xp, reached_at FROM standings WHERE user_id = ?1";
/// A repair reads everybody.
const EVERYBODY: &str = "SELECT id FROM users";

/// XP and the moment of the last entry that gave some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    xp: u64,
    reached_at: Timestamp,
}

/// Sets the rows of every leaderboard an entry of this moment and language counts in.
pub(super) fn project(conn: &Connection, user: UserId, at: Timestamp, language: &Language) -> DbResult<()> {
    let user = user.to_string();
    for (period, sql) in [(Period::All, SUM_ALL), (Period::Month, SUM_MONTH), (Period::Week, SUM_WEEK)] {
        let key = params![user, language.as_str(), period.key(at)];
        let sums = query::one(conn, sql, key, |row| Ok([sum(row, 0)?, sum(row, 2)?]))?;
        let [all, one] = sums.ok_or(Fault::Malformed("sum"))?;
        set(conn, &Scope::new(period, at, None), &user, all)?;
        set(conn, &Scope::new(period, at, Some(language)), &user, one)?;
    }
    Ok(())
}

fn set(conn: &Connection, scope: &Scope, user: &str, sum: Sum) -> DbResult<()> {
    if sum.xp == 0 {
        query::change(conn, UNSET, params![scope.as_str(), user])?;
        return Ok(());
    }
    let xp = i64::try_from(sum.xp).map_err(|_| Fault::Malformed("sum"))?;
    query::change(conn, SET, params![scope.as_str(), user, xp, sum.reached_at.as_ms()])?;
    Ok(())
}

fn sum(row: &Row<'_>, column: usize) -> DbResult<Sum> {
    Ok(Sum { xp: count(row, column)?, reached_at: time(row, column + 1)? })
}

/// Sets all rows of one person from the ledger and returns how many were wrong.
pub(super) fn rebuild_user(conn: &Connection, user: UserId) -> DbResult<usize> {
    let user = user.to_string();
    let right = sums_of(conn, &user)?;
    let stored: HashMap<String, Sum> =
        query::all(conn, ROWS_OF_USER, [&user], |row| Ok((row.get(0)?, sum(row, 1)?)))?.into_iter().collect();
    let missing = right.iter().filter(|(scope, sum)| stored.get(scope.as_str()) != Some(sum)).count();
    let superfluous = stored.len() - right.keys().filter(|scope| stored.contains_key(scope.as_str())).count();
    if missing + superfluous > 0 {
        query::change(conn, UNSET_USER, [&user])?;
        for (scope, sum) in &right {
            set(conn, scope, &user, *sum)?;
        }
    }
    Ok(missing + superfluous)
}

/// What the ledger says of one person, added up entry by entry.
fn sums_of(conn: &Connection, user: &str) -> DbResult<HashMap<Scope, Sum>> {
    let entries =
        query::all(conn, EARNED, [user], |row| Ok((count(row, 0)?, time(row, 1)?, language(row, 2)?)))?;
    let mut sums: HashMap<Scope, Sum> = HashMap::new();
    for (xp, at, language) in entries {
        for scope in Scope::of_entry(at, &language) {
            let sum = sums.entry(scope).or_insert(Sum { xp: 0, reached_at: at });
            sum.xp += xp;
            sum.reached_at = sum.reached_at.max(at);
        }
    }
    Ok(sums)
}

/// Sets everybody's rows from the ledger and returns how many were wrong.
pub(super) fn rebuild_all(conn: &Connection) -> DbResult<usize> {
    let everybody: Vec<UserId> = query::all(conn, EVERYBODY, [], |row| parsed(row, 0, "user id"))?;
    let mut wrong = 0;
    for user in everybody {
        wrong += rebuild_user(conn, user)?;
    }
    Ok(wrong)
}
