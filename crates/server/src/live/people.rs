//! What people are in a session, and how they come in and go out.

use codementor_auth::SessionSecret;
use codementor_core::live::{Invitation, Part};
use codementor_core::{InvitationId, User, UserId};
use codementor_hub::room::{Announcement, Keep, participant};
use codementor_protocol::session_event::RoleChanged;

use super::{LiveError, Place, wire, with_room};
use crate::app::App;

/// Makes somebody something else in a session, with effect from their next message on.
///
/// Whoever made the session and mentors in it may do so; the driver may hand the keyboard over.
///
/// # Errors
/// When they may not, or the other does not take part.
pub async fn set_part(
    app: &App,
    by: &User,
    place: &Place,
    user: UserId,
    part: Part,
) -> Result<(), LiveError> {
    let hands_over = place.part == Part::Driver && part == Part::Driver;
    let gives_up = place.part == Part::Driver && user == by.id && part == Part::Navigator;
    if !hands_over && !gives_up {
        place.check_manages(by)?;
    }
    place.check_open()?;
    let id = place.session.id;
    if app.store.part(id, user).await?.is_none() {
        return Err(LiveError::Missing);
    }
    let changed = app.store.set_part(id, user, part).await?;
    app.changes.note();
    // Told also when nothing changed in the store: a room that missed the change before is put right by it.
    let everybody = app.store.participants(id).await?;
    let colors = app.hub.colors(id);
    let shown = |user: UserId| everybody.iter().find(|participant| participant.user_id == user);
    let Some(subject) = shown(user) else { return Err(LiveError::Missing) };
    let told = RoleChanged {
        user_id: user.to_string(),
        username: subject.name.to_string(),
        role: wire::role(subject.part),
        changed: changed
            .iter()
            .filter_map(|(user, part)| {
                Some(participant(*user, shown(*user)?.name.as_str(), *part, colors.of(*user)))
            })
            .collect(),
        policy: wire::policy(place.session.policy),
    };
    let announcement = Announcement::new(Some(by.id), "role-changed", &told, Keep::Record);
    let parts = if changed.is_empty() { vec![(user, part)] } else { changed };
    with_room(&app.hub, &place.session, |room| {
        let (parts, announcement) = (parts.clone(), announcement.clone());
        async move { room.set_parts(parts, announcement).await }
    })
    .await
}

/// Sends somebody out of a session; their connections end.
///
/// # Errors
/// When they may not, or the other does not take part or made the session.
pub async fn send_out(app: &App, by: &User, place: &Place, user: UserId) -> Result<(), LiveError> {
    if user != by.id {
        place.check_manages(by)?;
    }
    if user == place.session.creator {
        return Err(LiveError::NotAllowed("Whoever made the session stays in it; they may end it."));
    }
    if !app.store.send_out(place.session.id, user, app.clock.now()).await? {
        return Err(LiveError::Missing);
    }
    app.changes.note();
    close_connections(app, place, vec![user]).await
}

/// What an invitation is to be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// What those who come by it are.
    pub part: Part,
    /// How long it lets people in, in seconds.
    pub expires_in_seconds: Option<u32>,
    /// Whether the session's id is to be enough.
    pub is_plain: bool,
}

/// Makes an invitation. Its secret, when it has one, is only known now.
///
/// # Errors
/// When they may not, the session has ended, or it has as many invitations as it may have.
pub async fn invite(
    app: &App,
    by: &User,
    place: &Place,
    wanted: Wanted,
) -> Result<(Invitation, Option<String>), LiveError> {
    place.check_manages(by)?;
    place.check_open()?;
    let now = app.clock.now();
    let secret = (!wanted.is_plain).then(SessionSecret::generate);
    let invitation = Invitation {
        id: InvitationId::new(),
        session_id: place.session.id,
        secret_hash: secret.as_ref().map(SessionSecret::hash),
        part: wanted.part,
        created_at: now,
        expires_at: wanted.expires_in_seconds.map(|seconds| now.plus_ms(i64::from(seconds) * 1_000)),
    };
    if !app.store.invite(&invitation).await? {
        return Err(LiveError::Full(
            "This session has as many invitations as it may have. Revoke one first.",
        ));
    }
    Ok((invitation, secret.map(|secret| secret.expose())))
}

/// Revokes an invitation: those who came by it are sent out.
///
/// # Errors
/// When they may not, or there is no such invitation.
pub async fn revoke(app: &App, by: &User, place: &Place, id: InvitationId) -> Result<(), LiveError> {
    place.check_manages(by)?;
    let now = app.clock.now();
    let out = app.store.revoke_invitation(place.session.id, id, now).await?.ok_or(LiveError::Missing)?;
    app.changes.note();
    close_connections(app, place, out).await
}

async fn close_connections(app: &App, place: &Place, users: Vec<UserId>) -> Result<(), LiveError> {
    // Nobody is connected to a room that is not open. One that is just being opened checks who takes part after they joined.
    let Some(room) = app.hub.open_room(place.session.id) else { return Ok(()) };
    // A room that closes meanwhile closes their connections as well.
    let _ = room.send_out(users).await;
    Ok(())
}
