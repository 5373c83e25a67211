//! Live sessions: who may do what in them. Every way in, REST or socket, asks here; the store is changed first, then the room is told.
//!
//! What is not one's own looks like what does not exist.

pub mod driving;
mod people;
pub mod recordings;
pub mod replay;
pub mod runs;
mod strangers;
pub mod tickets;
pub mod tutor;
pub mod wire;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use codementor_auth::SessionSecret;
use codementor_core::live::{Entrance, Knock, LiveChange, LiveSession, Part, Recording};
use codementor_core::ports::StoreError;
use codementor_core::{Role, SessionId, User};
use codementor_hub::hub::{BeginError, Hub};
use codementor_hub::room::{Announcement, Keep, OpenError, Room, Settings, Unavailable};
use codementor_protocol::session_event::{SessionEnded, SessionUpdated};

use crate::app::App;
use crate::http::problem::ApiError;

/// How often a room that is just closing is opened anew.
const ATTEMPTS: u32 = 5;

/// Why nothing comes of a wish.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// There is no such session, or not for this person.
    #[error("no such session")]
    Missing,
    /// They take part and may not do this.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// It has as many people, connections or invitations as it may have.
    #[error("{0}")]
    Full(&'static str),
    /// A field does not fit.
    #[error("`{0}` {1}")]
    Invalid(&'static str, String),
    /// The store or the journal does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The room cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A person's place in a session.
#[derive(Debug, Clone)]
pub struct Place {
    /// The session.
    pub session: LiveSession,
    /// What they are in it.
    pub part: Part,
}

impl Place {
    /// Whether they may arrange things: whoever made it, and mentors in it.
    #[must_use]
    pub fn manages(&self, user: &User) -> bool {
        self.session.creator == user.id || self.part == Part::Mentor
    }

    pub(crate) fn check_manages(&self, user: &User) -> Result<(), LiveError> {
        if self.manages(user) {
            return Ok(());
        }
        Err(LiveError::NotAllowed("Only whoever made the session and mentors in it may do that."))
    }

    pub(crate) fn check_open(&self) -> Result<(), LiveError> {
        if self.session.ended_at.is_none() {
            Ok(())
        } else {
            Err(LiveError::NotAllowed("The session has ended."))
        }
    }
}

/// A person's place in a session that they take part in, ended or not.
///
/// # Errors
/// [`LiveError::Missing`] when they do not take part.
pub async fn place(app: &App, user: &User, id: SessionId) -> Result<Place, LiveError> {
    let (part, session) = tokio::try_join!(app.store.part(id, user.id), app.store.live(id))?;
    Ok(Place { session: session.ok_or(LiveError::Missing)?, part: part.ok_or(LiveError::Missing)? })
}

/// How often anything changed that decides who may be where: whoever comes in while nothing did need not look twice.
///
/// Changes are noted between the store and the room, so that somebody who was let in by what was true before either sees that
/// something changed once they have joined, or has joined before the room is told.
#[derive(Debug, Default)]
pub struct Changes(AtomicU64);

impl Changes {
    /// Something changed in the store.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Lets a person into a session that has not ended: who takes part comes in, others by an invitation.
///
/// # Errors
/// [`LiveError::Missing`] when there is no such session for them, [`LiveError::Full`] when it has no room left.
pub async fn enter(app: &App, user: &User, id: SessionId, invite: Option<&str>) -> Result<Place, LiveError> {
    match place(app, user, id).await {
        Ok(place) if place.session.ended_at.is_none() => return Ok(place),
        Ok(_) => return Err(LiveError::Missing),
        Err(LiveError::Missing) => {}
        Err(error) => return Err(error),
    }
    let secret = invite.map(SessionSecret::parse).transpose().map_err(|_| LiveError::Missing)?;
    let knock = Knock {
        user_id: user.id,
        secret_hash: secret.map(|secret| secret.hash()),
        part: (user.role >= Role::Mentor).then_some(Part::Mentor),
        at: app.clock.now(),
    };
    match app.store.enter(id, &knock).await? {
        Entrance::In { .. } => place(app, user, id).await,
        Entrance::Missing => Err(LiveError::Missing),
        Entrance::Full => Err(LiveError::Full("This session has as many participants as it may have.")),
    }
}

/// Does something with a session's room, opening it when it is not open, and again when it is just closing.
///
/// # Errors
/// When the room cannot be opened or is full.
pub async fn with_room<T, F: Future<Output = Result<T, Unavailable>>>(
    hub: &Hub,
    session: &LiveSession,
    act: impl Fn(Room) -> F,
) -> Result<T, LiveError> {
    let settings = Settings { policy: session.policy, recording: session.recording };
    for _ in 0..ATTEMPTS {
        match act(hub.room(session.id, settings).await?).await {
            Ok(done) => return Ok(done),
            Err(Unavailable::Full) => {
                return Err(LiveError::Full("This session has as many connections as it may have."));
            }
            Err(Unavailable::Closing) => tokio::task::yield_now().await,
        }
    }
    Err(OpenError::Busy.into())
}

/// Tells everybody in a session's room of something.
///
/// # Errors
/// When the room cannot be opened.
pub async fn announce(
    app: &App,
    session: &LiveSession,
    announcement: &Announcement,
) -> Result<(), LiveError> {
    with_room(&app.hub, session, |room| {
        let announcement = announcement.clone();
        async move { room.announce(announcement).await }
    })
    .await
}

/// Changes a session and tells everybody in it.
///
/// # Errors
/// When they may not, or the session has ended.
pub async fn change(
    app: &App,
    user: &User,
    place: &Place,
    change: &LiveChange,
) -> Result<LiveSession, LiveError> {
    place.check_manages(user)?;
    place.check_open()?;
    if place.session.recording == Recording::Off && change.recording == Some(Recording::On) {
        // What was before is forgotten, and a record without its beginning cannot be watched.
        return Err(LiveError::NotAllowed("A session that is not recorded stays so. Begin another one."));
    }
    let session = app.store.change_live(place.session.id, change).await?.ok_or(LiveError::Missing)?;
    app.changes.note();
    let part = place.part;
    let told = SessionUpdated {
        session: wire::session(app, &session, part).await?,
        previous_language: (session.language != place.session.language)
            .then(|| place.session.language.to_string()),
    };
    let settings = Settings { policy: session.policy, recording: session.recording };
    let announcement = Announcement::new(Some(user.id), "session-updated", &told, Keep::Record);
    with_room(&app.hub, &session, |room| {
        let announcement = announcement.clone();
        async move { room.set(settings, announcement).await }
    })
    .await?;
    app.recordings.forget(session.id);
    Ok(session)
}

/// Ends a session for everybody. What was recorded stays.
///
/// # Errors
/// When they did not make it.
pub async fn end(app: &App, user: &User, place: &Place) -> Result<(), LiveError> {
    if place.session.creator != user.id && user.role != Role::Admin {
        return Err(LiveError::NotAllowed("Only whoever made the session may end it."));
    }
    if !app.store.end_live(place.session.id, app.clock.now()).await? {
        return Ok(());
    }
    app.changes.note();
    let told = SessionEnded { user_id: user.id.to_string() };
    let announcement = Announcement::new(Some(user.id), "session-ended", &told, Keep::Record);
    with_room(&app.hub, &place.session, |room| {
        let announcement = announcement.clone();
        async move { room.end(announcement).await }
    })
    .await
}

pub use people::{Wanted, invite, revoke, send_out, set_part};

impl From<LiveError> for ApiError {
    fn from(error: LiveError) -> Self {
        use http::StatusCode;
        match error {
            LiveError::Missing => Self::not_found(),
            LiveError::NotAllowed(why) => Self::forbidden("not_allowed", why),
            LiveError::Full(why) => Self::new(StatusCode::CONFLICT, "session_full", why),
            LiveError::Invalid(field, why) => Self::invalid(field, why),
            LiveError::Store(error) | LiveError::Open(OpenError::Store(error)) => error.into(),
            LiveError::Open(OpenError::Damaged(why)) => Self::internal(&why),
            LiveError::Open(OpenError::Busy) => Self::stopping(),
        }
    }
}

impl From<BeginError> for LiveError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Refused(why) => Self::Invalid("code", why.to_string()),
            BeginError::Store(error) => Self::Store(error),
            BeginError::Begun => Self::Store(StoreError::Failed(BeginError::Begun.to_string())),
        }
    }
}
