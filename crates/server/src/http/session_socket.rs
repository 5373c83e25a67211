//! `GET /ws/sessions/{id}`: one socket a participant. Binary frames are y-protocols messages, as any Yjs provider speaks them; text frames
//! are JSON events, for clients that asked for the subprotocol.
//!
//! The connection reads, checks and passes on; the room decides, and writes to the client itself as fast as it reads. The connection sees
//! to what is left over.

mod connection;
mod events;
mod handshake;
mod seen;
mod socket;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::response::Response;
use codementor_auth::{AuthError, Identity};
use codementor_core::SessionId;
use codementor_hub::room::{Hears, Member, Newcomer};
use codementor_protocol::problem::close;
use http::HeaderMap;
use serde::Deserialize;
use tokio::sync::SemaphorePermit;

use self::connection::Connection;
use self::handshake::Handshake;
pub use self::seen::Seen;
use self::socket::Socket;
use super::extract::{MaybeSigned, Query};
use super::problem::ApiResult;
use super::socket::{Ending, check_origin_named};
use crate::app::{App, SharedApp};
use crate::live::{self, LiveError, Place};
use crate::sockets::Full;

/// How long somebody waits for their turn to come in.
const TURN_LIMIT: Duration = Duration::from_secs(20);

/// The query of a socket's request.
#[derive(Debug, Default, Deserialize)]
pub struct SocketQuery {
    /// A token, for clients that cannot set headers.
    token: Option<String>,
    /// A ticket, good for one opening.
    ticket: Option<String>,
    /// The secret of an invitation.
    invite: Option<String>,
}

/// Opens the socket. Who is not let in is told by a close code, as clients in browsers cannot see an HTTP status here.
///
/// # Errors
/// 400 or 405 when the request is no handshake, 403 when a cookie comes without an origin, 429 when the person has too many sockets,
/// 503 when everybody together has or the database does not answer.
pub async fn connect(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Path(id): Path<String>,
    Query(query): Query<SocketQuery>,
    headers: HeaderMap,
    handshake: ApiResult<Handshake>,
) -> ApiResult<Response> {
    let handshake = handshake?;
    check_origin_named(query.token.is_some() || query.ticket.is_some(), &headers)?;
    let id: Option<SessionId> = id.parse().ok();
    let turned_away = |handshake: Handshake, ending: Ending| {
        if let Some((_, reason)) = ending {
            app.metrics.reject("session_socket", reason);
        }
        let (response, opened) = handshake.accept();
        app.sockets.spawn(async move {
            if let Some(opened) = opened.await {
                Socket::new(opened, Arc::default()).await.close(ending).await;
            }
        });
        Ok(response)
    };
    let Some(identity) = who(&app, identity, &query, id).await? else {
        return turned_away(handshake, Some((close::UNAUTHENTICATED, "not_signed_in")));
    };
    let Some(id) = id else { return turned_away(handshake, Some((close::NOT_FOUND, "no_such_session"))) };
    let changes = app.changes.count();
    let turn = turn(&app).await.ok_or(Full::Server)?;
    let place = match live::enter(&app, &identity.user, id, query.invite.as_deref()).await {
        Ok(place) => place,
        Err(LiveError::Missing) => {
            return turned_away(handshake, Some((close::NOT_FOUND, "no_such_session")));
        }
        Err(LiveError::Full(_)) => return turned_away(handshake, Some((close::FORBIDDEN, "session_full"))),
        Err(error) => return Err(error.into()),
    };
    drop(turn);
    let slot = app.socket_slots.take(identity.user.id)?;
    let hears = if handshake.has_events { Hears::Events } else { Hears::Messages };
    let (response, opened) = handshake.accept();
    let sockets = app.sockets.clone();
    sockets.spawn(async move {
        let _slot = slot;
        let Some(opened) = opened.await else { return };
        app.metrics.sockets.inc();
        let signed_out = app.signed_out.subscribe();
        let (socket, ending) = match join(&app, &identity, (&place, changes), hears).await {
            Ok(member) => {
                let socket = Socket::new(opened, member.outbox().clone()).await;
                Connection::new(&app, identity, place, hears, member, socket).run(signed_out).await
            }
            Err(ending) => (Socket::new(opened, Arc::default()).await, ending),
        };
        app.metrics.sockets.dec();
        if let Some((code, reason)) = ending
            && !matches!(code, close::NORMAL | close::RESTART | close::UNAUTHENTICATED)
        {
            app.metrics.reject("session_socket", reason);
        }
        socket.close(ending).await;
    });
    Ok(response)
}

/// Who it is, by the first of token, ticket, header and cookie. `None` when nobody is signed in.
async fn who(
    app: &App,
    identity: Option<Identity>,
    query: &SocketQuery,
    id: Option<SessionId>,
) -> ApiResult<Option<Identity>> {
    if let Some(token) = &query.token {
        return match app.auth.authenticate_bearer(token).await {
            Ok(identity) => Ok(Some(identity)),
            Err(AuthError::Unauthenticated(_)) => Ok(None),
            Err(error) => Err(error.into()),
        };
    }
    if let (Some(ticket), Some(id)) = (&query.ticket, id) {
        return Ok(app.tickets.take(ticket, id, Instant::now()));
    }
    Ok(identity)
}

/// Somebody's turn to come in: thousands may come back at once after a restart. `None` when it does not come in time.
async fn turn(app: &App) -> Option<SemaphorePermit<'_>> {
    tokio::time::timeout(TURN_LIMIT, app.joining.acquire()).await.ok()?.ok()
}

/// Joins the room. `changes` is what was counted before the place was looked up.
async fn join(
    app: &SharedApp,
    identity: &Identity,
    (place, changes): (&Place, u64),
    hears: Hears,
) -> Result<Member, Ending> {
    let newcomer =
        Newcomer { user: identity.user.id, name: identity.user.name.to_string(), part: place.part, hears };
    let Some(_turn) = turn(app).await else { return Err(Some((close::RESTART, "unavailable"))) };
    let joined = live::with_room(&app.hub, &place.session, |room| {
        let newcomer = newcomer.clone();
        async move { room.join(newcomer).await }
    });
    let member = joined.await.map_err(|error| match error {
        LiveError::Full(_) => Some((close::FORBIDDEN, "session_full")),
        error => {
            tracing::warn!(%error, session = %place.session.id, "a session could not be opened");
            Some((close::RESTART, "unavailable"))
        }
    })?;
    if app.changes.count() == changes {
        return Ok(member);
    }
    // Who was sent out, or whose session ended, between being let in and joining was not heard of in the room.
    match live::place(app, &identity.user, place.session.id).await {
        Ok(now) if now.session.ended_at.is_some() => Err(Some((close::NOT_FOUND, "no_such_session"))),
        Err(LiveError::Missing) => Err(Some((close::FORBIDDEN, "sent_out"))),
        // They became something else in between: coming in again tells the room what is true now.
        Ok(now) if now.part != place.part => Err(Some((close::RESTART, "part_changed"))),
        // A database that does not answer throws nobody out.
        Ok(_) | Err(_) => Ok(member),
    }
}
