//! Live sessions. Who takes part in them has its own file, [`super::parts`].

use async_trait::async_trait;
use codementor_core::id::{ChallengeId, SessionId, UserId};
use codementor_core::live::{Invitation, LiveChange, LiveSession, LiveSessions, Part};
use codementor_core::ports::StoreResult;
use codementor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::fault::{DbResult, Fault};
use super::rows::{language, parsed, plain, time};
use super::{SqliteStore, doors, parts, query};

/// The columns of a session, which [`live`] reads.
macro_rules! live_columns {
    () => {
        "id, title, creator, challenge_id, language, policy, recording, timer_ends_at, created_at, ended_at"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO live_sessions (",
    live_columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
);
pub(super) const BY_ID: &str = concat!("SELECT ", live_columns!(), " FROM live_sessions WHERE id = ?1");
pub(super) const CHANGE: &str = concat!(
    "UPDATE live_sessions SET title = coalesce(?2, title), language = coalesce(?3, language),
        policy = coalesce(?4, policy), recording = coalesce(?5, recording),
        timer_ends_at = CASE WHEN ?6 THEN ?7 ELSE timer_ends_at END
    WHERE id = ?1 AND ended_at IS NULL RETURNING ",
    live_columns!()
);
pub(super) const END: &str = "UPDATE live_sessions SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";
/// The cross join keeps SQLite to the order of the person's places.
pub(super) const OF_USER: &str = "SELECT l.id, l.title, l.creator, l.challenge_id, l.language, l.policy,
        l.recording, l.timer_ends_at, l.created_at, l.ended_at
    FROM live_participants p CROSS JOIN live_sessions l ON l.id = p.session_id
    WHERE p.user_id = ?1 AND p.sent_out_at IS NULL AND (p.session_created_at, p.session_id) < (?2, ?3)
    ORDER BY p.session_created_at DESC, p.session_id DESC LIMIT ?4";

/// The most sessions a list shows: a page and one.
const MAX_PAGE: u32 = 101;

/// Behind every id, so that a list may begin before any.
const BEHIND_ALL_IDS: &str = "~";

#[async_trait]
impl LiveSessions for SqliteStore {
    async fn create_live(
        &self,
        session: &LiveSession,
        creators_part: Part,
        link: &Invitation,
    ) -> StoreResult<()> {
        let (session, link) = (session.clone(), link.clone());
        self.write(move |conn| create(conn, &session, creators_part, &link)).await
    }

    async fn live(&self, id: SessionId) -> StoreResult<Option<LiveSession>> {
        self.read(move |conn| query::one(conn, BY_ID, [id.to_string()], live)).await
    }

    async fn change_live(&self, id: SessionId, change: &LiveChange) -> StoreResult<Option<LiveSession>> {
        let change = change.clone();
        self.write(move |conn| {
            let params = params![
                id.to_string(),
                change.title,
                change.language.as_ref().map(|language| language.as_str()),
                change.policy.map(|policy| policy.as_str()),
                change.recording.map(|recording| recording.as_str()),
                change.timer_ends_at.is_some(),
                change.timer_ends_at.flatten().map(Timestamp::as_ms),
            ];
            query::one(conn, CHANGE, params, live)
        })
        .await
    }

    async fn end_live(&self, id: SessionId, now: Timestamp) -> StoreResult<bool> {
        self.write(move |conn| {
            let ended = query::change(conn, END, params![id.to_string(), now.as_ms()])?;
            Ok(ended == 1)
        })
        .await
    }

    async fn lives_of(
        &self,
        user: UserId,
        before: Option<(Timestamp, SessionId)>,
        limit: u32,
    ) -> StoreResult<Vec<LiveSession>> {
        let (at, id) = match before {
            Some((at, id)) => (at.as_ms(), id.to_string()),
            None => (i64::MAX, BEHIND_ALL_IDS.to_owned()),
        };
        let limit = limit.clamp(1, MAX_PAGE);
        self.read(move |conn| query::all(conn, OF_USER, params![user.to_string(), at, id, limit], live)).await
    }
}

fn create(conn: &Connection, session: &LiveSession, part: Part, link: &Invitation) -> DbResult<()> {
    if link.session_id != session.id {
        return Err(Fault::Refused("the invitation leads into another session"));
    }
    query::change(
        conn,
        INSERT,
        params![
            session.id.to_string(),
            session.title,
            session.creator.to_string(),
            session.challenge_id.as_ref().map(ChallengeId::as_str),
            session.language.as_str(),
            session.policy.as_str(),
            session.recording.as_str(),
            session.timer_ends_at.map(Timestamp::as_ms),
            session.created_at.as_ms(),
            session.ended_at.map(Timestamp::as_ms),
        ],
    )?;
    parts::add_creator(conn, session, part)?;
    doors::add(conn, link)
}

fn live(row: &Row<'_>) -> DbResult<LiveSession> {
    let challenge: Option<String> = plain(row, 3)?;
    let challenge = challenge.map(|slug| slug.parse()).transpose();
    Ok(LiveSession {
        id: parsed(row, 0, "live session id")?,
        title: plain(row, 1)?,
        creator: parsed(row, 2, "user id")?,
        challenge_id: challenge.map_err(|_| Fault::Malformed("challenge id"))?,
        language: language(row, 4)?,
        policy: parsed(row, 5, "policy")?,
        recording: parsed(row, 6, "state of recording")?,
        timer_ends_at: plain::<Option<i64>>(row, 7)?.map(Timestamp::from_ms),
        created_at: time(row, 8)?,
        ended_at: plain::<Option<i64>>(row, 9)?.map(Timestamp::from_ms),
    })
}
