//! Moving a guest's work to the person they turn out to be. Only ever within the transaction of a sign-in.

use codementor_core::id::UserId;
use rusqlite::Connection;

use super::fault::DbResult;
use super::rows::plain;
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
pub(super) const MOVE_JUDGE0: &str = "UPDATE judge0_submissions SET user_id = ?2 WHERE user_id = ?1";
/// Who made a live session takes part in it: there the guest's place stays instead of one the person was sent out from.
pub(super) const DROP_LOST_PLACES: &str = "DELETE FROM live_participants
    WHERE user_id = ?2 AND sent_out_at IS NOT NULL AND session_id IN (
        SELECT id FROM live_sessions WHERE creator = ?1
    )";
/// Tells the sessions whose keyboard the guest had. There is never a second driver, so it is passed on only after this.
pub(super) const DROP_SHARED_PLACES: &str = "DELETE FROM live_participants
    WHERE user_id = ?1 AND session_id IN (SELECT session_id FROM live_participants WHERE user_id = ?2)
    RETURNING session_id, part = 'driver' AND sent_out_at IS NULL";
pub(super) const TAKE_KEYBOARD: &str = "UPDATE live_participants SET part = 'driver'
    WHERE session_id = ?1 AND user_id = ?2 AND sent_out_at IS NULL";
pub(super) const MOVE_PLACES: &str = "UPDATE live_participants SET user_id = ?2 WHERE user_id = ?1";
pub(super) const MOVE_LIVES: &str = "UPDATE live_sessions SET creator = ?2 WHERE creator = ?1";
pub(super) const MOVE_CHALLENGES: &str = "UPDATE challenges SET author = ?2 WHERE author = ?1";
pub(super) const MOVE_CHANGES: &str = "UPDATE challenges SET changed_by = ?2 WHERE changed_by = ?1";
pub(super) const DROP_SESSIONS: &str = "DELETE FROM auth_sessions WHERE user_id = ?1";
pub(super) const DROP_STANDINGS: &str = "DELETE FROM standings WHERE user_id = ?1";
pub(super) const DROP_USER: &str = "DELETE FROM users WHERE id = ?1";

/// Moves what `guest` did to `person`, signs the guest out everywhere and removes them.
pub(super) fn guest_into(conn: &Connection, guest: UserId, person: UserId) -> DbResult<()> {
    let (guest, to) = (guest.to_string(), person.to_string());
    for moved in
        [DROP_SHARED_KEYS, DROP_SHARED_XP, DROP_SHARED_ENTRIES, MOVE_ENTRIES, MOVE_SUBMISSIONS, MOVE_JUDGE0]
    {
        query::change(conn, moved, [&guest, &to])?;
    }
    live_places(conn, &guest, &to)?;
    for moved in [MOVE_CHALLENGES, MOVE_CHANGES] {
        query::change(conn, moved, [&guest, &to])?;
    }
    for dropped in [DROP_SESSIONS, DROP_STANDINGS, DROP_USER] {
        query::change(conn, dropped, [&guest])?;
    }
    standings::rebuild_user(conn, person)?;
    Ok(())
}

/// Moves the live sessions the guest made and their places.
fn live_places(conn: &Connection, guest: &str, to: &str) -> DbResult<()> {
    query::change(conn, DROP_LOST_PLACES, [guest, to])?;
    let shared = query::all(conn, DROP_SHARED_PLACES, [guest, to], |row| {
        Ok((plain::<String>(row, 0)?, plain::<bool>(row, 1)?))
    })?;
    for (session, _) in shared.iter().filter(|(_, drove)| *drove) {
        query::change(conn, TAKE_KEYBOARD, [session, to])?;
    }
    for moved in [MOVE_PLACES, MOVE_LIVES] {
        query::change(conn, moved, [guest, to])?;
    }
    Ok(())
}
