//! The JSON events of a session's socket.

use std::time::Instant;

use codementor_hub::room::{Announcement, Greeting, Keep};
use codementor_protocol::event::Envelope;
use codementor_protocol::problem::close;
use codementor_protocol::session_event::{
    CodeChange, CursorChange, CursorUpdate, Join, MAX_MESSAGE_CHARS, NewMessage, RoleChange, RunCode,
    SessionMessage, TutorMessage,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::problem::ApiError;
use super::super::socket::Ending;
use super::connection::{Connection, gone};
use crate::live::runs::{self, MAX_STDIN, Wish};
use crate::live::{self, LiveError, tutor};

/// The longest id of an event, in bytes.
const MAX_ID: usize = 64;
/// The largest `selection` of a cursor, as JSON in bytes.
const MAX_SELECTION: usize = 1024;

/// Why an event came to nothing, for its sender.
struct Refusal {
    code: &'static str,
    message: String,
}

/// What becomes of an event.
enum Outcome {
    /// The room answers it.
    Passed,
    /// It is done; what the `ack` says besides.
    Done(Value),
}

/// Either an answer, or the connection's end.
type Handled = Result<Result<Outcome, Refusal>, Ending>;

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::new(error.code(), error.detail())
    }
}

impl From<LiveError> for Refusal {
    fn from(error: LiveError) -> Self {
        ApiError::from(error).into()
    }
}

fn read<T: DeserializeOwned>(data: Value) -> Result<T, Refusal> {
    // No content is as good as an empty one.
    let data = if data.is_null() { json!({}) } else { data };
    serde_json::from_value(data)
        .map_err(|error| Refusal::new("invalid", format!("The event does not fit: {error}.")))
}

impl Connection<'_> {
    pub(super) async fn event(&mut self, text: &str) -> Result<(), Ending> {
        let malformed = || Some((close::MALFORMED, "malformed"));
        let envelope: Envelope = serde_json::from_str(text).map_err(|_| malformed())?;
        if envelope.id.as_ref().is_some_and(|id| id.len() > MAX_ID) {
            return Err(malformed());
        }
        let Envelope { kind, data, id } = envelope;
        match self.handle(&kind, data, id.as_deref()).await? {
            Ok(Outcome::Passed) => Ok(()),
            Ok(Outcome::Done(data)) => match id {
                Some(id) => {
                    let mut event = json!({ "type": "ack", "id": id });
                    if !data.is_null() {
                        event["data"] = data;
                    }
                    self.tell(&event);
                    Ok(())
                }
                None => Ok(()),
            },
            Err(refusal) => {
                self.app.metrics.reject("session_event", refusal.code);
                let data = json!({ "code": refusal.code, "message": refusal.message });
                let mut event = json!({ "type": "error", "data": data });
                if let Some(id) = id {
                    event["id"] = id.into();
                }
                self.tell(&event);
                Ok(())
            }
        }
    }

    async fn handle(&mut self, kind: &str, data: Value, id: Option<&str>) -> Handled {
        match kind {
            "join-session" => self.join(data, id).await,
            "code-change" => self.edit(data, id).await,
            "cursor-change" => self.cursor(data, id).await,
            "session-message" => self.say(data, id).await,
            "role-change" | "run-code" | "submit-code" | "ai-tutor-message" | "end-session" => {
                Ok(self.once(kind, data, id).await)
            }
            "ping" => Ok(Ok(Outcome::Done(Value::Null))),
            _ => Ok(Err(Refusal::new("unknown_type", "This server knows no such event."))),
        }
    }

    async fn join(&mut self, data: Value, id: Option<&str>) -> Handled {
        let join: Join = match read(data) {
            Ok(join) => join,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let code_updates = join.code_updates.unwrap_or(true);
        self.code_updates = Some(code_updates);
        self.greet(code_updates, id.map(str::to_owned)).await?;
        Ok(Ok(Outcome::Passed))
    }

    /// Has the room tell the state of the session.
    pub(super) async fn greet(&mut self, code_updates: bool, id: Option<String>) -> Result<(), Ending> {
        // As it is now; when the database does not answer, as it was when this connection began.
        if let Ok(place) = live::place(self.app, &self.identity.user, self.place.session.id).await {
            self.place = place;
        }
        let session = live::wire::session(self.app, &self.place.session, self.place.part).await;
        let session = session.map_err(|_| Some((close::RESTART, "unavailable")))?;
        self.member.greet(Greeting { session, code_updates, id }).await.map_err(gone)
    }

    async fn edit(&mut self, data: Value, id: Option<&str>) -> Handled {
        match read::<CodeChange>(data) {
            Ok(change) => {
                self.member.edit(change, id.map(str::to_owned)).await.map_err(gone)?;
                Ok(Ok(Outcome::Passed))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    async fn cursor(&mut self, data: Value, id: Option<&str>) -> Handled {
        let cursor: CursorChange = match read(data) {
            Ok(cursor) => cursor,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if cursor.selection.as_ref().is_some_and(|selection| selection.to_string().len() > MAX_SELECTION) {
            return Ok(Err(Refusal::new("invalid", "The selection is larger than 1 KiB.")));
        }
        let user = &self.identity.user;
        let update = CursorUpdate { user_id: user.id.to_string(), username: user.name.to_string(), cursor };
        self.announce("cursor-update", &update, Keep::Forget, id).await
    }

    async fn say(&mut self, data: Value, id: Option<&str>) -> Handled {
        let message = match read::<SessionMessage>(data).and_then(|said| self.words(said.message)) {
            Ok(message) => message,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let user = &self.identity.user;
        let message = NewMessage {
            id: Uuid::now_v7().to_string(),
            user_id: user.id.to_string(),
            username: user.name.to_string(),
            message,
            at: self.app.clock.now().to_rfc3339(),
        };
        self.announce("new-message", &message, Keep::Record, id).await
    }

    /// What somebody says, when they may say more.
    fn words(&self, message: String) -> Result<String, Refusal> {
        let message = checked(message)?;
        self.app.word_rate.check(self.identity.user.id, Instant::now()).map_err(|_| {
            Refusal::new("rate_limited", "That is faster than anybody reads. Please slow down.")
        })?;
        Ok(message)
    }

    async fn announce(
        &mut self,
        kind: &'static str,
        data: &impl serde::Serialize,
        keep: Keep,
        id: Option<&str>,
    ) -> Handled {
        let announcement = Announcement::new(Some(self.identity.user.id), kind, data, keep);
        self.member.tell(announcement, id.map(str::to_owned)).await.map_err(gone)?;
        Ok(Ok(Outcome::Passed))
    }

    /// What must not happen twice when it is asked for twice.
    async fn once(&mut self, kind: &str, data: Value, id: Option<&str>) -> Result<Outcome, Refusal> {
        let (session, user) = (self.place.session.id, self.identity.user.id);
        if let Some(answer) = id.and_then(|id| self.app.seen.before(session, user, id)) {
            return Ok(Outcome::Done(answer));
        }
        let done = self.act(kind, data).await;
        if let Some(id) = id {
            match &done {
                Ok(answer) => self.app.seen.answered(session, user, id, answer),
                Err(_) => self.app.seen.forget(session, user, id),
            }
        }
        Ok(Outcome::Done(done?))
    }

    async fn act(&mut self, kind: &str, data: Value) -> Result<Value, Refusal> {
        let user = self.identity.user.clone();
        // As it is now: rights may have changed since this connection began.
        let place = live::place(self.app, &user, self.place.session.id).await?;
        match kind {
            "role-change" => {
                let change: RoleChange = read(data)?;
                let other = change.user_id.parse().map_err(|_| LiveError::Missing)?;
                live::set_part(self.app, &user, &place, other, live::wire::part(change.role)).await?;
                Ok(Value::Null)
            }
            "run-code" => {
                let run: RunCode = read(data)?;
                if run.stdin.as_ref().is_some_and(|stdin| stdin.len() > MAX_STDIN) {
                    return Err(Refusal::new("invalid", "The input is larger than 64 KiB."));
                }
                let run_id = runs::start(self.app, &user, &place, Wish::Run(run.stdin)).await?;
                Ok(json!({ "run_id": run_id }))
            }
            "submit-code" => {
                let run_id = runs::start(self.app, &user, &place, Wish::Submit).await?;
                Ok(json!({ "run_id": run_id }))
            }
            "ai-tutor-message" => {
                let question = self.words(read::<TutorMessage>(data)?.message)?;
                let message_id = tutor::ask(self.app, &user, &place, question).await?;
                Ok(json!({ "message_id": message_id }))
            }
            _ => {
                live::end(self.app, &user, &place).await?;
                Ok(Value::Null)
            }
        }
    }
}

/// A message as it is kept: not empty, not too long, without characters that are none.
fn checked(message: String) -> Result<String, Refusal> {
    let message = message.trim();
    if message.is_empty() {
        return Err(Refusal::new("invalid", "The message is empty."));
    }
    if message.chars().count() > MAX_MESSAGE_CHARS {
        return Err(Refusal::new(
            "invalid",
            format!("The message has more than {MAX_MESSAGE_CHARS} characters."),
        ));
    }
    if message.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Refusal::new("invalid", "The message has control characters."));
    }
    Ok(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_checked() {
        assert_eq!(checked(" a\n`b` ".to_owned()).ok().as_deref(), Some("a\n`b`"));
        for bad in ["", " \n", "\0", "a\u{7}", &"x".repeat(MAX_MESSAGE_CHARS + 1)] {
            assert!(checked(bad.to_owned()).is_err(), "{bad:.9}");
        }
    }
}
