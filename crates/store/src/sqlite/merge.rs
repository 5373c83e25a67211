//! Moving a guest's work to the person they turn out to be. Only ever within the transaction of a sign-in.

use codementor_core::id::UserId;
use rusqlite::Connection;

use super::fault::DbResult;
use super::{query, standings};

/// A request key both used means two different requests: the guest's submission keeps its place but loses the key.
pub(super) const DROP_SHARED_KEYS: &str = "UPDATE submissions SET request_key = NULL
    WHERE user_id = ?1 AND request_key IN (
        SELECT request_key FROM submissions WHERE user_id = ?2 AND request_key IS NOT NULL
    )";
/// A submission whose ledger entry does not survive the merge brought nothing in the end.
pub(super) const DROP_SHARED_XP: &str = "UPDATE submissions SET xp_awarded = 0
    WHERE id IN (
        SELECT g.submission_id FROM ledger g
        JOIN ledger p ON p.user_id = ?2 AND p.challenge_id = g.challenge_id AND p.reason = g.reason
        WHERE g.user_id = ?1
    )";
pub(super) const DROP_SHARED_ENTRIES: &str = "DELETE FROM ledger
    WHERE user_id = ?1 AND (challenge_id, reason) IN (
        SELECT challenge_id, reason FROM ledger WHERE user_id = ?2
    )";
pub(super) const MOVE_ENTRIES: &str = "UPDATE ledger SET user_id = ?2 WHERE user_id = ?1";
pub(super) const MOVE_SUBMISSIONS: &str = "UPDATE submissions SET user_id = ?2 WHERE user_id = ?1";
pub(super) const DROP_SESSIONS: &str = "DELETE FROM auth_sessions WHERE user_id = ?1";
pub(super) const DROP_STANDINGS: &str = "DELETE FROM standings WHERE user_id = ?1";
pub(super) const DROP_USER: &str = "DELETE FROM users WHERE id = ?1";

/// Moves what `guest` did to `person`, signs the guest out everywhere and removes them.
pub(super) fn guest_into(conn: &Connection, guest: UserId, person: UserId) -> DbResult<()> {
    let (guest, to) = (guest.to_string(), person.to_string());
    for moved in [DROP_SHARED_KEYS, DROP_SHARED_XP, DROP_SHARED_ENTRIES, MOVE_ENTRIES, MOVE_SUBMISSIONS] {
        query::change(conn, moved, [&guest, &to])?;
    }
    for dropped in [DROP_SESSIONS, DROP_STANDINGS, DROP_USER] {
        query::change(conn, dropped, [&guest])?;
    }
    standings::rebuild_user(conn, person)?;
    Ok(())
}
