//! Who takes part in live sessions, and as what. How they come in is in [`super::doors`].

use async_trait::async_trait;
use codementor_core::id::{InvitationId, SessionId, UserId};
use codementor_core::live::{Entrance, Invitation, Knock, LiveParts, LiveSession, Part, Participant};
use codementor_core::name::UserName;
use codementor_core::ports::StoreResult;
use codementor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::fault::{DbResult, Fault};
use super::rows::{parsed, time};
use super::{SqliteStore, doors, query};

/// The people of a session in the order in which they came.
macro_rules! people {
    ($condition:literal) => {
        concat!(
            "SELECT p.user_id, u.name, p.part, p.joined_at
            FROM live_participants p CROSS JOIN users u ON u.id = p.user_id
            WHERE p.session_id = ?1 ",
            $condition,
            " ORDER BY p.seq"
        )
    };
}

const INSERT_CREATOR: &str =
    "INSERT INTO live_participants (session_id, user_id, part, joined_at, session_created_at)
    VALUES (?1, ?2, ?3, ?4, ?4)";
pub(super) const PART: &str = "SELECT part FROM live_participants
    WHERE session_id = ?1 AND user_id = ?2 AND sent_out_at IS NULL";
pub(super) const DROP_KEYBOARD: &str = "UPDATE live_participants SET part = 'navigator'
    WHERE session_id = ?1 AND part = 'driver' AND sent_out_at IS NULL RETURNING user_id";
pub(super) const SET_PART: &str = "UPDATE live_participants SET part = ?3
    WHERE session_id = ?1 AND user_id = ?2 AND sent_out_at IS NULL";
pub(super) const SEND_OUT: &str = "UPDATE live_participants SET sent_out_at = ?3
    WHERE session_id = ?1 AND user_id = ?2 AND sent_out_at IS NULL
        AND user_id <> (SELECT creator FROM live_sessions WHERE id = ?1)";
pub(super) const PARTICIPANTS: &str = people!("AND p.sent_out_at IS NULL");
pub(super) const EVERYBODY: &str = people!("");

#[async_trait]
impl LiveParts for SqliteStore {
    async fn part(&self, id: SessionId, user: UserId) -> StoreResult<Option<Part>> {
        self.read(move |conn| part(conn, id, user)).await
    }

    async fn enter(&self, id: SessionId, knock: &Knock) -> StoreResult<Entrance> {
        let knock = knock.clone();
        self.write(move |conn| doors::enter(conn, id, &knock)).await
    }

    async fn set_part(&self, id: SessionId, user: UserId, part: Part) -> StoreResult<Vec<(UserId, Part)>> {
        self.write(move |conn| set_part(conn, id, user, part)).await
    }

    async fn send_out(&self, id: SessionId, user: UserId, now: Timestamp) -> StoreResult<bool> {
        self.write(move |conn| {
            let sent = query::change(conn, SEND_OUT, params![id.to_string(), user.to_string(), now.as_ms()])?;
            Ok(sent == 1)
        })
        .await
    }

    async fn participants(&self, id: SessionId) -> StoreResult<Vec<Participant>> {
        self.read(move |conn| query::all(conn, PARTICIPANTS, [id.to_string()], participant)).await
    }

    async fn everybody(&self, id: SessionId) -> StoreResult<Vec<Participant>> {
        self.read(move |conn| query::all(conn, EVERYBODY, [id.to_string()], participant)).await
    }

    async fn invite(&self, invitation: &Invitation) -> StoreResult<bool> {
        let invitation = invitation.clone();
        self.write(move |conn| doors::invite(conn, &invitation)).await
    }

    async fn invitations(&self, id: SessionId, now: Timestamp) -> StoreResult<Vec<Invitation>> {
        self.read(move |conn| doors::open(conn, id, now)).await
    }

    async fn revoke_invitation(
        &self,
        id: SessionId,
        invitation: InvitationId,
        now: Timestamp,
    ) -> StoreResult<Option<Vec<UserId>>> {
        self.write(move |conn| doors::revoke(conn, id, invitation, now)).await
    }
}

/// Adds who made a session.
pub(super) fn add_creator(conn: &Connection, session: &LiveSession, part: Part) -> DbResult<()> {
    let (id, creator) = (session.id.to_string(), session.creator.to_string());
    query::change(conn, INSERT_CREATOR, params![id, creator, part.as_str(), session.created_at.as_ms()])?;
    Ok(())
}

fn part(conn: &Connection, id: SessionId, user: UserId) -> DbResult<Option<Part>> {
    query::one(conn, PART, [id.to_string(), user.to_string()], |row| parsed(row, 0, "part"))
}

fn set_part(conn: &Connection, id: SessionId, user: UserId, to: Part) -> DbResult<Vec<(UserId, Part)>> {
    if part(conn, id, user)?.is_none_or(|part| part == to) {
        return Ok(Vec::new());
    }
    let mut changed = vec![(user, to)];
    if to == Part::Driver {
        // First, for there is never a second one.
        let dropped = query::all(conn, DROP_KEYBOARD, [id.to_string()], |row| parsed(row, 0, "user id"))?;
        changed.extend(dropped.into_iter().map(|driver| (driver, Part::Navigator)));
    }
    query::change(conn, SET_PART, params![id.to_string(), user.to_string(), to.as_str()])?;
    Ok(changed)
}

fn participant(row: &Row<'_>) -> DbResult<Participant> {
    let name = UserName::kept(row.get_ref(1)?.as_str().map_err(|_| Fault::Malformed("name"))?);
    Ok(Participant {
        user_id: parsed(row, 0, "user id")?,
        name: name.map_err(|_| Fault::Malformed("name"))?,
        part: parsed(row, 2, "part")?,
        joined_at: time(row, 3)?,
    })
}
