//! `GET /ws/sessions/{id}`: one socket a participant. Binary frames are y-protocols messages, as any Yjs provider speaks them; text frames
//! are JSON events, for clients that asked for the subprotocol.
//!
//! The connection reads, checks and passes on; the room decides. What the room has for it is sent as fast as the client reads, many frames
//! with one write.

mod connection;
mod events;
mod seen;

use std::time::Instant;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use codementor_auth::{AuthError, Identity};
use codementor_core::SessionId;
use codementor_hub::room::{Hears, Member, Newcomer};
use codementor_protocol::event::SUBPROTOCOL;
use codementor_protocol::problem::close;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use self::connection::Connection;
pub use self::seen::Seen;
use super::extract::{MaybeSigned, Query};
use super::problem::{ApiError, ApiResult};
use super::socket::{Ending, READ_BUFFER, check_origin_named};
use crate::app::{App, SharedApp};
use crate::live::{self, LiveError, Place};

/// The largest message, in bytes: more than a whole text of a million units needs.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// What is gathered before it is written; nothing of it is allocated before it is needed.
const WRITE_BUFFER: usize = 32 * 1024;
/// More than the largest difference of two versions of a document. The outbox bounds what waits.
const MAX_WRITE_BUFFER: usize = 64 * 1024 * 1024;

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
/// 400, 405 or 426 when the request is no handshake, 403 when a cookie comes without an origin, 429 when the person has too many sockets,
/// 503 when everybody together has or the database does not answer.
pub async fn connect(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Path(id): Path<String>,
    Query(query): Query<SocketQuery>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::new(StatusCode::BAD_REQUEST, "not_a_websocket", rejection.body_text())
    })?;
    check_origin_named(query.token.is_some() || query.ticket.is_some(), &headers)?;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER);
    let id: Option<SessionId> = id.parse().ok();
    let turned_away = |upgrade: WebSocketUpgrade, ending: Ending| {
        if let Some((_, reason)) = ending {
            app.metrics.reject("session_socket", reason);
        }
        let tracked = app.sockets.token();
        Ok(upgrade.on_upgrade(async move |mut socket| {
            let _tracked = tracked;
            super::socket::close(&mut socket, ending).await;
        }))
    };
    let Some(identity) = who(&app, identity, &query, id).await? else {
        return turned_away(upgrade, Some((close::UNAUTHENTICATED, "not_signed_in")));
    };
    let Some(id) = id else { return turned_away(upgrade, Some((close::NOT_FOUND, "no_such_session"))) };
    let place = match live::enter(&app, &identity.user, id, query.invite.as_deref()).await {
        Ok(place) => place,
        Err(LiveError::Missing) => return turned_away(upgrade, Some((close::NOT_FOUND, "no_such_session"))),
        Err(LiveError::Full(_)) => return turned_away(upgrade, Some((close::FORBIDDEN, "session_full"))),
        Err(error) => return Err(error.into()),
    };
    let slot = app.socket_slots.take(identity.user.id)?;
    let tracked = app.sockets.token();
    Ok(upgrade.on_upgrade(async move |mut socket| {
        let _held = (slot, tracked);
        app.metrics.sockets.inc();
        let ending = serve(&app, identity, place, &mut socket).await;
        app.metrics.sockets.dec();
        if let Some((code, reason)) = ending
            && !matches!(code, close::NORMAL | close::RESTART | close::UNAUTHENTICATED)
        {
            app.metrics.reject("session_socket", reason);
        }
        super::socket::close(&mut socket, ending).await;
    }))
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

/// Joins the room and sees the connection through.
async fn serve(app: &SharedApp, identity: Identity, place: Place, socket: &mut WebSocket) -> Ending {
    let signed_out = app.signed_out.subscribe();
    let hears = match socket.protocol() {
        Some(_) => Hears::Events,
        None => Hears::Messages,
    };
    let member = match join(app, &identity, &place, hears).await {
        Ok(member) => member,
        Err(ending) => return ending,
    };
    let connection = Connection::new(app, identity, place, hears, member, socket);
    connection.run(signed_out).await
}

async fn join(app: &SharedApp, identity: &Identity, place: &Place, hears: Hears) -> Result<Member, Ending> {
    let newcomer =
        Newcomer { user: identity.user.id, name: identity.user.name.to_string(), part: place.part, hears };
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
