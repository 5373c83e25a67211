//! The tutor of a session that needs no model: it knows the challenge's hints, from a nudge to a plan, and what verdicts mean. It never
//! shows code, and says that it is offline.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use codementor_core::{Challenge, SessionId, User};
use codementor_hub::room::{Announcement, Keep};
use codementor_protocol::common::Verdict;
use codementor_protocol::session_event::{TutorDelta, TutorResponse, TutorSource};
use uuid::Uuid;

use super::{LiveError, Place};
use crate::app::App;

/// Sessions of which is remembered how far their hints have gone; beyond them all begin anew.
const MAX_SESSIONS: usize = 10_000;

/// What a session has seen so far.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Hints given.
    hints: usize,
    /// How its last program ended.
    verdict: Option<Verdict>,
}

/// What is remembered of sessions. Forgotten by a restart: hints then begin with the first again.
#[derive(Debug, Default)]
pub struct Tutor {
    /// Held for a few instructions.
    seen: Mutex<HashMap<SessionId, Seen>>,
}

/// An answer without its envelope.
#[derive(Debug, PartialEq)]
struct Answer {
    message: String,
    suggestions: Vec<String>,
    confidence: f64,
    hint_level: u32,
}

impl Tutor {
    /// Notes how a program of a session ended.
    pub fn note(&self, session: SessionId, verdict: Verdict) {
        self.with(session, |seen| seen.verdict = Some(verdict));
    }

    fn with<T>(&self, session: SessionId, act: impl FnOnce(&mut Seen) -> T) -> T {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_SESSIONS && !seen.contains_key(&session) {
            seen.clear();
        }
        act(seen.entry(session).or_default())
    }

    fn answer(&self, session: SessionId, question: &str, challenge: Option<&Challenge>) -> Answer {
        self.with(session, |seen| {
            let asks_about_failure =
                ["error", "fail", "wrong", "crash", "exception", "traceback", "slow", "verdict"]
                    .iter()
                    .any(|word| question.to_lowercase().contains(word));
            let failed = seen.verdict.filter(|verdict| *verdict != Verdict::Accepted);
            match (failed, challenge) {
                (Some(verdict), _) if asks_about_failure => about(verdict),
                (_, Some(challenge)) if !challenge.hints.is_empty() => {
                    let level = seen.hints.min(challenge.hints.len() - 1);
                    seen.hints = level + 1;
                    hint(challenge, level)
                }
                (Some(verdict), _) => about(verdict),
                (None, _) => first_steps(),
            }
        })
    }
}

fn hint(challenge: &Challenge, level: usize) -> Answer {
    let is_last = level + 1 == challenge.hints.len();
    let next = if is_last {
        "That was the last hint; run the examples and look at the first that fails."
    } else {
        "Ask again for a stronger hint."
    };
    Answer {
        message: format!(
            "**Hint {} of {}.** {}",
            level + 1,
            challenge.hints.len(),
            challenge.hints[level].trim()
        ),
        suggestions: vec!["Run the examples.".to_owned(), next.to_owned()],
        confidence: 0.6,
        hint_level: u32::try_from(level + 1).unwrap_or(u32::MAX),
    }
}

fn about(verdict: Verdict) -> Answer {
    let (message, next) = match verdict {
        Verdict::Accepted => ("The last run was accepted.", "Explain to each other why it works."),
        Verdict::WrongAnswer => (
            "The last program ran to its end and gave another answer than expected. Take the first failing example and follow \
             it by hand, one variable a column: the first line where your table and your idea part is the place to look.",
            "Compare expected and actual of the first failing test.",
        ),
        Verdict::TimeLimitExceeded => (
            "The last program took too long. Ask of each loop how often its body runs for the largest input, and whether one of \
             them could end earlier or be replaced by remembering something.",
            "Try the smallest input on which it does not end.",
        ),
        Verdict::MemoryLimitExceeded => (
            "The last program used too much memory. Look for a list that grows with every step and ask what of it is still needed.",
            "Print the size of the largest collection.",
        ),
        Verdict::OutputLimitExceeded => (
            "The last program wrote too much. A print in a loop that does not end is the usual reason.",
            "Look at the first lines of its output.",
        ),
        Verdict::RuntimeError => (
            "The last program ended by an error. Read the last line of its message first: it names what happened; the line above \
             says where. Then ask which value there is not what you thought.",
            "Print that value just before the line.",
        ),
        Verdict::CompileError => (
            "The last program could not be read. The message names the line where reading stopped; the fault is there or just above, \
             often a bracket, a quote or the indentation.",
            "Look at the line above the one that is named.",
        ),
        Verdict::InternalError => ("The judge failed, not your program.", "Run it again."),
    };
    Answer { message: message.to_owned(), suggestions: vec![next.to_owned()], confidence: 0.5, hint_level: 0 }
}

fn first_steps() -> Answer {
    Answer {
        message: "Without a model I cannot read your question; here is what helps most people. Say in one sentence what goes in \
                  and what must come out. Work one small example by hand and write down each step. Turn one step into code and run it."
            .to_owned(),
        suggestions: vec!["Run the program, then ask about its error.".to_owned()],
        confidence: 0.2,
        hint_level: 0,
    }
}

/// Answers a question for everybody in the session: piece by piece, then as a whole.
///
/// # Errors
/// When the room cannot be opened.
pub async fn ask(app: &App, user: &User, place: &Place, question: String) -> Result<String, LiveError> {
    let session = &place.session;
    let challenge = session.challenge_id.as_ref().and_then(|id| app.catalog.get(id));
    let answer = app.tutor.answer(session.id, &question, challenge.as_deref());
    let (message_id, conversation_id) = (Uuid::now_v7().to_string(), session.id.to_string());
    let mut told: Vec<Announcement> = pieces(&answer.message)
        .map(|delta| {
            let delta = TutorDelta {
                message_id: message_id.clone(),
                conversation_id: conversation_id.clone(),
                delta: delta.to_owned(),
            };
            Announcement::new(Some(user.id), "ai-tutor-delta", &delta, Keep::Forget)
        })
        .collect();
    let response = TutorResponse {
        message_id: message_id.clone(),
        user_id: user.id.to_string(),
        username: user.name.to_string(),
        question,
        message: answer.message,
        suggestions: answer.suggestions,
        resources: challenge.iter().map(|challenge| format!("/challenges/{}", challenge.id)).collect(),
        confidence: answer.confidence,
        hint_level: answer.hint_level,
        source: TutorSource::Offline,
        conversation_id,
        at: app.clock.now().to_rfc3339(),
    };
    told.push(Announcement::new(Some(user.id), "ai-tutor-response", &response, Keep::Record));
    for announcement in &told {
        super::announce(app, session, announcement).await?;
    }
    Ok(message_id)
}

/// A text's sentences, each with the space behind it.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '?', ':', '\n']).filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_grow_and_stay_at_the_last() {
        let tutor = Tutor::default();
        let challenges = codementor_catalog::builtin().unwrap();
        let challenge = challenges.iter().find(|challenge| challenge.hints.len() >= 2).unwrap();
        let session = SessionId::new();
        let levels: Vec<u32> =
            (0..5).map(|_| tutor.answer(session, "what now?", Some(challenge)).hint_level).collect();
        let last = u32::try_from(challenge.hints.len()).unwrap();
        assert_eq!((levels[0], levels[1], levels[4]), (1, 2, last));
        assert_eq!(
            tutor.answer(SessionId::new(), "hint?", Some(challenge)).hint_level,
            1,
            "another session begins anew"
        );
        tutor.note(session, Verdict::RuntimeError);
        assert_eq!(tutor.answer(session, "why the error?", Some(challenge)), about(Verdict::RuntimeError));
        tutor.note(session, Verdict::Accepted);
        assert_eq!(tutor.answer(session, "why the error?", Some(challenge)).hint_level, last);
        assert_eq!(tutor.answer(SessionId::new(), "hello", None), first_steps());
    }

    #[test]
    fn pieces_make_the_whole() {
        let text = "One. Two? Three:\n**four** five";
        assert_eq!(pieces(text).collect::<String>(), text);
        assert!(pieces(text).count() > 3);
    }
}
