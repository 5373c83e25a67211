//! What is told of a recording, and what can be done with a moment of it.

use std::collections::BTreeSet;

use codementor_core::journal::{Entry, Kind};
use codementor_core::live::{Invitation, LiveSession, Part, Policy, Recording as Recorded, color_of};
use codementor_core::ports::{Store, StoreResult};
use codementor_core::{InvitationId, Language, SessionId, Timestamp, User, UserId};
use codementor_hub::replay::file::{self, FileError};
use codementor_hub::replay::{Recording, Step, StepKind};
use codementor_hub::room::{Announcement, Keep, participant};
use codementor_protocol::replay as wire_replay;
use codementor_protocol::session::SessionParticipant;
use serde::{Deserialize, Serialize};

use super::driving::driving;
use super::strangers::Strangers;
use super::{LiveError, Place, wire, with_room};
use crate::app::App;
use crate::http::problem::ApiError;

/// The event that ends an imported record.
const IMPORTED: &str = "imported";
/// How an event that tells of another language begins.
const UPDATED: &[u8] = br#"{"type":"session-updated""#;
/// The most languages that are told of a recording; further ones are taken for the last.
const MAX_LANGUAGES: usize = 1_000;
/// People whom an imported recording may name.
const MAX_PEOPLE: usize = 1_000;

/// What a file tells of its session, besides its entries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// What it was called.
    title: String,
    /// In which language.
    language: String,
    /// What was worked on.
    #[serde(default)]
    challenge_id: Option<String>,
    /// Who made it: the first driver. Older files do not say it.
    #[serde(default)]
    creator: Option<UserId>,
    /// When it was made.
    created_at: i64,
    /// Who was in it.
    people: Vec<Named>,
}

/// Somebody of whom a file tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Named {
    user_id: UserId,
    username: String,
    role: Part,
}

fn since(recording: &Recording, at: Timestamp) -> u64 {
    let start = recording.started_at().unwrap_or(at);
    u64::try_from(at.as_ms() - start.as_ms()).unwrap_or(0)
}

/// The entry after which a moment stands.
#[must_use]
pub fn seq_at(recording: &Recording, seq: Option<u64>, at_ms: Option<u64>) -> u64 {
    let at = |ms: u64| {
        let start = recording.started_at().unwrap_or(Timestamp::from_ms(0));
        recording.seq_at(start.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX)))
    };
    seq.or_else(|| at_ms.map(at)).unwrap_or(u64::MAX).min(recording.last_seq())
}

/// The recording as a whole.
///
/// # Errors
/// When the store does not answer.
pub async fn header(
    app: &App,
    place: &Place,
    recording: &Recording,
) -> Result<wire_replay::ReplayHeader, LiveError> {
    let (people, imported) = people(&*app.store, place.session.id, recording).await?;
    let started = recording.started_at().unwrap_or(place.session.created_at);
    Ok(wire_replay::ReplayHeader {
        session: wire::session(app, &place.session, place.part).await?,
        people,
        imported,
        started_at: started.to_rfc3339(),
        duration_ms: recording.ended_at().map_or(0, |end| since(recording, end)),
        last_seq: recording.last_seq(),
        languages: languages(recording, &place.session.language)
            .into_iter()
            .map(|(seq, language)| wire_replay::LanguageFrom { seq, language: language.to_string() })
            .collect(),
    })
}

/// The languages of a recording, each with the entry from which on it was the text's; `last` is what it is now.
fn languages(recording: &Recording, last: &Language) -> Vec<(u64, Language)> {
    #[derive(Deserialize)]
    struct Event {
        data: Updated,
    }
    #[derive(Deserialize)]
    struct Updated {
        session: Spoken,
        previous_language: Option<Language>,
    }
    #[derive(Deserialize)]
    struct Spoken {
        language: Language,
    }
    let mut known: Vec<(u64, Language)> = Vec::new();
    for step in recording.all_steps() {
        let StepKind::Event(event) = &step.kind else { continue };
        if !event.starts_with(UPDATED) {
            continue;
        }
        let Ok(Event { data }) = serde_json::from_slice(event) else { continue };
        if known.is_empty() {
            known.push((0, data.previous_language.unwrap_or_else(|| data.session.language.clone())));
        }
        let is_new = known.last().is_some_and(|(_, before)| *before != data.session.language);
        if is_new && known.len() < MAX_LANGUAGES {
            known.push((step.seq, data.session.language));
        }
    }
    if known.is_empty() {
        known.push((0, last.clone()));
    }
    known
}

/// The language of the text at a moment.
#[must_use]
pub fn language_at(recording: &Recording, last: &Language, seq: u64) -> Language {
    let known = languages(recording, last);
    known.into_iter().rev().find(|(from, _)| *from <= seq).map_or_else(|| last.clone(), |(_, one)| one)
}

/// Everybody who did something, under the name they have or had here; or, of a recording that came as a file, under the names that the
/// file says, and `true`.
///
/// # Errors
/// When the store does not answer.
pub async fn people(
    store: &dyn Store,
    session: SessionId,
    recording: &Recording,
) -> StoreResult<(Vec<SessionParticipant>, bool)> {
    if let Some(told) = imported(recording) {
        let people = told.people.iter();
        let people =
            people.map(|one| participant(one.user_id, &one.username, one.role, color_of(one.user_id)));
        return Ok((people.collect(), true));
    }
    let known = store.everybody(session).await?;
    let mut people: Vec<SessionParticipant> = known
        .iter()
        .map(|one| participant(one.user_id, one.name.as_str(), one.part, color_of(one.user_id)))
        .collect();
    let mut named: BTreeSet<UserId> = known.iter().map(|one| one.user_id).collect();
    for author in recording.all_steps().iter().filter_map(|step| step.author) {
        // A guest who signed in with GitHub since is somebody else now.
        if people.len() < MAX_PEOPLE && named.insert(author) {
            people.push(participant(author, "former guest", Part::Navigator, color_of(author)));
        }
    }
    Ok((people, false))
}

/// What came with a file.
fn imported(recording: &Recording) -> Option<Told> {
    #[derive(Deserialize)]
    struct Event {
        #[serde(rename = "type")]
        kind: String,
        data: Told,
    }
    let last = recording.all_steps().last()?;
    let StepKind::Event(event) = &last.kind else { return None };
    let event: Event = serde_json::from_slice(event).ok()?;
    (event.kind == IMPORTED && last.author.is_none()).then_some(event.data)
}

/// An entry on the wire.
#[must_use]
pub fn entry(recording: &Recording, step: &Step) -> wire_replay::ReplayEntry {
    let splices = matches!(step.kind, StepKind::Edit { .. }).then(|| {
        let splices = step.splices().iter();
        splices
            .map(|splice| wire_replay::ReplaySplice {
                at: splice.at,
                delete: splice.delete,
                insert: splice.insert.clone(),
            })
            .collect()
    });
    wire_replay::ReplayEntry {
        seq: step.seq,
        at_ms: since(recording, step.at),
        user_id: step.author.map(|author| author.to_string()),
        splices,
        event: match &step.kind {
            StepKind::Event(event) => serde_json::from_slice(event).ok(),
            StepKind::Edit { .. } => None,
        },
    }
}

/// The text at a moment.
#[must_use]
pub fn moment(recording: &Recording, seq: u64) -> wire_replay::Moment {
    let authors = recording.authors_at(seq).into_iter().map(|run| wire_replay::AuthoredRun {
        user_id: run.author.map(|author| author.to_string()),
        length: run.length,
    });
    wire_replay::Moment { seq, code: recording.text_at(seq), authors: authors.collect() }
}

/// Who did how much.
#[must_use]
pub fn statistics(session: &LiveSession, recording: &Recording) -> wire_replay::ReplayStatistics {
    let known = recording.statistics();
    let first = imported(recording).map_or(Some(session.creator), |told| told.creator);
    let drivers = driving(recording, first);
    let ms = |ms: i64| u64::try_from(ms).unwrap_or(0);
    wire_replay::ReplayStatistics {
        authors: known
            .authors
            .iter()
            .map(|one| wire_replay::AuthorStatistics {
                user_id: one.author.map(|author| author.to_string()),
                edits: one.edits,
                inserted: one.inserted,
                deleted: one.deleted,
                surviving: one.surviving,
                active_ms: ms(one.active_ms),
                inserted_share: one.inserted_share,
                active_share: one.active_share,
            })
            .collect(),
        drivers: drivers
            .into_iter()
            .map(|one| wire_replay::DriverStatistics {
                user_id: one.user.to_string(),
                driven_ms: ms(one.ms),
                turns: one.turns,
            })
            .collect(),
        paste_count: known.paste_count,
        pastes: known
            .pastes
            .iter()
            .map(|paste| wire_replay::PasteBurst {
                seq: paste.seq,
                at_ms: since(recording, paste.at),
                user_id: paste.author.to_string(),
                length: paste.length,
            })
            .collect(),
        longest_idle: known.longest_idle.map(|idle| wire_replay::IdleSpan {
            seq: idle.seq,
            from_ms: since(recording, idle.from),
            length_ms: ms(idle.ms),
        }),
    }
}

/// Makes the text of a session what it was.
///
/// # Errors
/// When they may not write, or the session has ended.
pub async fn restore(app: &App, user: &User, place: &Place, text: String, seq: u64) -> Result<(), LiveError> {
    place.check_open()?;
    if !place.part.may_write(place.session.policy) {
        return Err(LiveError::NotAllowed("You may not write here just now."));
    }
    let done = with_room(&app.hub, &place.session, |room| {
        let text = text.clone();
        async move { room.replace(user.id, text).await }
    });
    if !done.await? {
        return Err(LiveError::Invalid("seq", "the text of that moment does not fit any more".to_owned()));
    }
    let told = wire_replay::Restored { seq, user_id: user.id.to_string() };
    let announcement = Announcement::new(Some(user.id), "session-restored", &told, Keep::Record);
    super::announce(app, &place.session, &announcement).await
}

/// A session as one file.
///
/// # Errors
/// When it is larger than a file may be.
pub fn pack(told: &Told, entries: &[Entry]) -> Result<Vec<u8>, FileError> {
    let told = serde_json::to_value(told).map_err(|_| FileError::TooLarge)?;
    file::write(Vec::new(), &told, entries)
}

/// What a file tells of a session.
///
/// # Errors
/// When the store does not answer.
pub fn told(session: &LiveSession, people: &[SessionParticipant]) -> Told {
    Told {
        title: session.title.clone(),
        language: session.language.to_string(),
        challenge_id: session.challenge_id.as_ref().map(ToString::to_string),
        creator: (people.iter().any(|one| one.user_id == session.creator.to_string()))
            .then_some(session.creator),
        created_at: session.created_at.as_ms(),
        people: people
            .iter()
            .filter_map(|one| {
                let user_id = one.user_id.parse().ok()?;
                Some(Named { user_id, username: one.username.clone(), role: wire::part(one.role) })
            })
            .collect(),
    }
}

/// Brings a recording in, as an ended session of `user`. The people in it become nobody's: nobody here can tell whether they are who the
/// file says.
///
/// # Errors
/// When it tells of no session that can be shown, or the store does not answer.
pub async fn bring_in(app: &App, user: &User, file: file::Imported) -> Result<Place, ApiError> {
    let damaged = |why: &str| ApiError::invalid("file", why).with_code("not_a_session_file");
    let mut told: Told = serde_json::from_value(file.session).map_err(|_| damaged("tells of no session"))?;
    if told.people.len() > MAX_PEOPLE {
        return Err(damaged("names too many people"));
    }
    let mut strangers = Strangers::default();
    for person in &mut told.people {
        person.user_id = strangers.meet(person.user_id);
        person.username = person.username.chars().filter(|c| !c.is_control()).take(64).collect();
    }
    told.creator = told.creator.map(|creator| strangers.meet(creator));
    let mut entries = file.entries;
    for entry in &mut entries {
        entry.author = entry.author.map(|author| strangers.meet(author));
    }
    for event in entries.iter_mut().filter(|entry| entry.kind == Kind::Event) {
        event.data = strangers.in_event(&event.data);
    }
    let now = app.clock.now();
    let last = entries.last().map_or((0, now), |last| (last.seq, last.at));
    let event = serde_json::json!({ "type": IMPORTED, "data": told }).to_string();
    entries.push(Entry { seq: last.0 + 1, at: last.1, author: None, kind: Kind::Event, data: event.into() });
    let title = super::super::http::sessions::title(Some(&told.title))
        .map_err(|_| damaged("has a title that cannot be shown"))?;
    let session = LiveSession {
        id: SessionId::new(),
        title: title.unwrap_or_else(|| "Imported session".to_owned()),
        creator: user.id,
        challenge_id: told
            .challenge_id
            .and_then(|id| id.parse().ok())
            .filter(|id| app.catalog.get(id).is_some()),
        language: told.language.parse().map_err(|_| damaged("has no language that is known here"))?,
        policy: Policy::Free,
        recording: Recorded::On,
        timer_ends_at: None,
        created_at: Timestamp::from_ms(told.created_at),
        ended_at: Some(now),
    };
    for batch in codementor_core::journal::batches(&entries) {
        app.journal.append(session.id, batch.to_vec()).await.map_err(|error| ApiError::internal(&error))?;
    }
    let link = Invitation {
        id: InvitationId::new(),
        session_id: session.id,
        secret_hash: None,
        part: Part::Viewer,
        created_at: session.created_at,
        expires_at: Some(session.created_at),
    };
    app.store.create_live(&session, Part::Driver, &link).await?;
    Ok(Place { session, part: Part::Driver })
}
