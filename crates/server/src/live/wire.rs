//! Sessions on the wire.

use codementor_core::SessionId;
use codementor_core::live::{Invitation, LiveSession, Part, Policy, Recording};
use codementor_core::ports::StoreResult;
use codementor_hub::room::participant;
pub use codementor_hub::room::role;
use codementor_protocol::session;

use crate::app::App;

/// Who may write, on the wire.
#[must_use]
pub fn policy(policy: Policy) -> session::Policy {
    match policy {
        Policy::Free => session::Policy::Free,
        Policy::Driver => session::Policy::Driver,
    }
}

/// Who may write, from the wire.
#[must_use]
pub fn policy_from(policy: session::Policy) -> Policy {
    match policy {
        session::Policy::Free => Policy::Free,
        session::Policy::Driver => Policy::Driver,
    }
}

/// A part, from the wire.
#[must_use]
pub fn part(role: session::SessionRole) -> Part {
    match role {
        session::SessionRole::Driver => Part::Driver,
        session::SessionRole::Navigator => Part::Navigator,
        session::SessionRole::Mentor => Part::Mentor,
        session::SessionRole::Viewer => Part::Viewer,
    }
}

/// Whether it is recorded, from the wire.
#[must_use]
pub fn recording(is_on: bool) -> Recording {
    if is_on { Recording::On } else { Recording::Off }
}

/// Where others join in the browser.
#[must_use]
pub fn join_url(app: &App, id: SessionId) -> String {
    let base = app.public_url().map(|url| url.as_str().trim_end_matches('/').to_owned());
    format!("{}/sessions/{id}", base.unwrap_or_default())
}

/// A session, for somebody who is this in it.
///
/// # Errors
/// When the store does not answer.
pub async fn session(app: &App, live: &LiveSession, part: Part) -> StoreResult<session::Session> {
    let participants = app.store.participants(live.id).await?;
    let colors = app.hub.colors(live.id);
    Ok(session::Session {
        id: live.id.to_string(),
        join_url: join_url(app, live.id),
        title: live.title.clone(),
        creator_id: live.creator.to_string(),
        challenge_id: live.challenge_id.as_ref().map(ToString::to_string),
        language: live.language.to_string(),
        policy: policy(live.policy),
        recording: live.recording == Recording::On,
        timer_ends_at: live.timer_ends_at.map(|at| at.to_rfc3339()),
        role: role(part),
        participants: participants
            .iter()
            .map(|known| {
                participant(known.user_id, known.name.as_str(), known.part, colors.of(known.user_id))
            })
            .collect(),
        created_at: live.created_at.to_rfc3339(),
        ended_at: live.ended_at.map(|at| at.to_rfc3339()),
    })
}

/// A session in a list.
#[must_use]
pub fn summary(app: &App, live: &LiveSession) -> session::SessionSummary {
    session::SessionSummary {
        id: live.id.to_string(),
        title: live.title.clone(),
        creator_id: live.creator.to_string(),
        challenge_id: live.challenge_id.as_ref().map(ToString::to_string),
        language: live.language.to_string(),
        recording: live.recording == Recording::On,
        present: app.hub.open_room(live.id).map_or(0, |room| room.present()),
        created_at: live.created_at.to_rfc3339(),
        ended_at: live.ended_at.map(|at| at.to_rfc3339()),
    }
}

/// An invitation, with its secret when it was just made.
#[must_use]
pub fn invitation(app: &App, invitation: &Invitation, secret: Option<&str>) -> session::Invitation {
    let plain = invitation.secret_hash.is_none();
    let link = join_url(app, invitation.session_id);
    let url = match secret {
        // In the fragment, which browsers send to nobody.
        Some(secret) => Some(format!("{link}#invite={secret}")),
        None => plain.then_some(link),
    };
    session::Invitation {
        id: invitation.id.to_string(),
        url,
        plain,
        role: role(invitation.part),
        created_at: invitation.created_at.to_rfc3339(),
        expires_at: invitation.expires_at.map(|at| at.to_rfc3339()),
    }
}
