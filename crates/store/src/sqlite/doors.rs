//! How people come into live sessions and lose their way in again: invitations. Always within the writer's transaction, so that
//! who comes in by an invitation that is being revoked is either refused or sent out.

use codementor_core::id::{InvitationId, SessionId, UserId};
use codementor_core::live::{Entrance, Invitation, Knock, MAX_INVITATIONS, MAX_PARTICIPANTS, Part};
use codementor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::fault::DbResult;
use super::query;
use super::rows::{parsed, plain, time};

/// What a session that has not ended knows of somebody: when it was made, and of who has or had a place the part and when they
/// were sent out.
pub(super) const PLACE: &str = "SELECT l.created_at, p.part, p.sent_out_at
    FROM live_sessions l LEFT JOIN live_participants p ON p.session_id = l.id AND p.user_id = ?2
    WHERE l.id = ?1 AND l.ended_at IS NULL";
/// The newest invitation that opens to a secret, or to none, and was made after a time.
pub(super) const OPENED_BY: &str = "SELECT id, part FROM live_invitations
    WHERE session_id = ?1 AND revoked_at IS NULL AND secret_hash IS ?2
        AND (expires_at IS NULL OR expires_at > ?3) AND (?4 IS NULL OR created_at > ?4)
    ORDER BY id DESC LIMIT 1";
pub(super) const COUNT: &str =
    "SELECT count(*) FROM live_participants WHERE session_id = ?1 AND sent_out_at IS NULL";
pub(super) const DRIVEN: &str = "SELECT 1 FROM live_participants
    WHERE session_id = ?1 AND part = 'driver' AND sent_out_at IS NULL";
const COME_IN: &str = "INSERT INTO live_participants
        (session_id, user_id, part, joined_at, invitation_id, session_created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
pub(super) const COME_BACK: &str = "UPDATE live_participants
    SET part = ?3, invitation_id = ?4, sent_out_at = NULL WHERE session_id = ?1 AND user_id = ?2";
const ADD: &str = "INSERT INTO live_invitations (id, session_id, secret_hash, part, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
/// No row when the session is not there or has ended.
pub(super) const COUNT_OPEN: &str = "SELECT (
        SELECT count(*) FROM live_invitations
        WHERE session_id = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)
    ) FROM live_sessions WHERE id = ?1 AND ended_at IS NULL";
pub(super) const OPEN: &str = "SELECT i.id, i.session_id, i.secret_hash, i.part, i.created_at, i.expires_at
    FROM live_sessions l CROSS JOIN live_invitations i ON i.session_id = l.id
    WHERE l.id = ?1 AND l.ended_at IS NULL AND i.revoked_at IS NULL
        AND (i.expires_at IS NULL OR i.expires_at > ?2)
    ORDER BY i.id";
pub(super) const REVOKE: &str = "UPDATE live_invitations SET revoked_at = ?3
    WHERE id = ?2 AND session_id = ?1 AND revoked_at IS NULL";
pub(super) const SEND_OUT_GUESTS: &str = "UPDATE live_participants SET sent_out_at = ?3
    WHERE invitation_id = ?2 AND session_id = ?1 AND sent_out_at IS NULL
        AND user_id <> (SELECT creator FROM live_sessions WHERE id = ?1)
    RETURNING user_id";

/// What [`PLACE`] found.
struct Place {
    session_created_at: i64,
    part: Option<Part>,
    sent_out_at: Option<i64>,
}

/// See [`codementor_core::live::LiveParts::enter`].
pub(super) fn enter(conn: &Connection, id: SessionId, knock: &Knock) -> DbResult<Entrance> {
    let (session, user) = (id.to_string(), knock.user_id.to_string());
    let Some(place) = query::one(conn, PLACE, [&session, &user], place)? else {
        return Ok(Entrance::Missing);
    };
    if let (Some(part), None) = (place.part, place.sent_out_at) {
        return Ok(Entrance::In { part, is_new: false });
    }
    let opening = params![session, knock.secret_hash, knock.at.as_ms(), place.sent_out_at];
    let Some((invitation, invited)) = query::one(conn, OPENED_BY, opening, opened)? else {
        return Ok(Entrance::Missing);
    };
    if query::one(conn, COUNT, [&session], query::first::<u32>)?.unwrap_or(0) >= MAX_PARTICIPANTS {
        return Ok(Entrance::Full);
    }
    let part = becomes(conn, &session, invited, knock)?;
    if place.part.is_some() {
        query::change(conn, COME_BACK, params![session, user, part.as_str(), invitation])?;
    } else {
        let (now, of_session) = (knock.at.as_ms(), place.session_created_at);
        query::change(conn, COME_IN, params![session, user, part.as_str(), now, invitation, of_session])?;
    }
    Ok(Entrance::In { part, is_new: true })
}

/// What somebody is who comes in by an invitation for `invited`.
fn becomes(conn: &Connection, session: &str, invited: Part, knock: &Knock) -> DbResult<Part> {
    let part = match invited {
        Part::Viewer => Part::Viewer,
        invited => knock.part.unwrap_or(invited),
    };
    let driven = part == Part::Driver && query::one(conn, DRIVEN, [session], query::first::<i64>)?.is_some();
    Ok(if driven { Part::Navigator } else { part })
}

/// Adds an invitation whatever there is.
pub(super) fn add(conn: &Connection, invitation: &Invitation) -> DbResult<()> {
    query::change(
        conn,
        ADD,
        params![
            invitation.id.to_string(),
            invitation.session_id.to_string(),
            invitation.secret_hash,
            invitation.part.as_str(),
            invitation.created_at.as_ms(),
            invitation.expires_at.map(Timestamp::as_ms),
        ],
    )?;
    Ok(())
}

/// See [`codementor_core::live::LiveParts::invite`].
pub(super) fn invite(conn: &Connection, invitation: &Invitation) -> DbResult<bool> {
    let now = invitation.created_at.as_ms();
    let params = params![invitation.session_id.to_string(), now];
    let open = query::one(conn, COUNT_OPEN, params, query::first::<u32>)?;
    let may = open.is_some_and(|open| open < MAX_INVITATIONS);
    if may {
        add(conn, invitation)?;
    }
    Ok(may)
}

/// See [`codementor_core::live::LiveParts::invitations`].
pub(super) fn open(conn: &Connection, id: SessionId, now: Timestamp) -> DbResult<Vec<Invitation>> {
    query::all(conn, OPEN, params![id.to_string(), now.as_ms()], invitation)
}

/// See [`codementor_core::live::LiveParts::revoke_invitation`].
pub(super) fn revoke(
    conn: &Connection,
    id: SessionId,
    invitation: InvitationId,
    now: Timestamp,
) -> DbResult<Option<Vec<UserId>>> {
    let (session, invitation, now) = (id.to_string(), invitation.to_string(), now.as_ms());
    if query::change(conn, REVOKE, params![session, invitation, now])? == 0 {
        return Ok(None);
    }
    let sent = query::all(conn, SEND_OUT_GUESTS, params![session, invitation, now], |row| {
        parsed(row, 0, "user id")
    })?;
    Ok(Some(sent))
}

fn place(row: &Row<'_>) -> DbResult<Place> {
    let has_place = row.get::<_, Option<String>>(1)?.is_some();
    Ok(Place {
        session_created_at: plain(row, 0)?,
        part: has_place.then(|| parsed(row, 1, "part")).transpose()?,
        sent_out_at: plain(row, 2)?,
    })
}

fn opened(row: &Row<'_>) -> DbResult<(String, Part)> {
    Ok((plain(row, 0)?, parsed(row, 1, "part")?))
}

fn invitation(row: &Row<'_>) -> DbResult<Invitation> {
    Ok(Invitation {
        id: parsed(row, 0, "invitation id")?,
        session_id: parsed(row, 1, "live session id")?,
        secret_hash: plain(row, 2)?,
        part: parsed(row, 3, "part")?,
        created_at: time(row, 4)?,
        expires_at: plain::<Option<i64>>(row, 5)?.map(Timestamp::from_ms),
    })
}
