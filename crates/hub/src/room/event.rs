//! The JSON events that a room writes itself.

use bytes::Bytes;
use codementor_core::UserId;
use codementor_core::live::Part;
use codementor_protocol::session::{SessionParticipant, SessionRole};
use serde::Serialize;
use serde_json::json;

/// An event, as it is sent.
pub(super) fn event(kind: &str, data: &impl Serialize) -> Bytes {
    #[derive(Serialize)]
    struct Out<'a, T> {
        #[serde(rename = "type")]
        kind: &'a str,
        data: &'a T,
    }
    // Maps with keys that are no text are the only values that cannot be written; the protocol has none.
    serde_json::to_vec(&Out { kind, data }).unwrap_or_default().into()
}

/// The answer to an event that was done.
pub(super) fn ack(id: &str) -> Bytes {
    json!({ "type": "ack", "id": id }).to_string().into()
}

/// The answer to an edit that was done: where it came to stand, and the version it led to.
pub(super) fn ack_edit(id: &str, place: (u32, u32), version: u64) -> Bytes {
    let data = json!({ "from": place.0, "to": place.1, "version": version });
    json!({ "type": "ack", "id": id, "data": data }).to_string().into()
}

/// The answer to something that was not done.
pub(super) fn error(id: Option<&str>, code: &str, message: &str) -> Bytes {
    let mut event = json!({ "type": "error", "data": { "code": code, "message": message } });
    if let Some(id) = id {
        event["id"] = id.into();
    }
    event.to_string().into()
}

/// Somebody, as events show them.
#[must_use]
pub fn participant(user: UserId, name: &str, part: Part, color: &str) -> SessionParticipant {
    SessionParticipant {
        user_id: user.to_string(),
        username: name.to_owned(),
        role: role(part),
        color: color.to_owned(),
    }
}

/// A part, on the wire.
#[must_use]
pub fn role(part: Part) -> SessionRole {
    match part {
        Part::Driver => SessionRole::Driver,
        Part::Navigator => SessionRole::Navigator,
        Part::Mentor => SessionRole::Mentor,
        Part::Viewer => SessionRole::Viewer,
    }
}
