//! Tickets: secrets that open one socket once, for clients that can neither set a header nor have a cookie.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use codementor_auth::{Identity, SessionSecret};
use codementor_core::SessionId;
use codementor_core::ports::SecretHash;

/// How long a ticket lasts.
pub const LIFETIME: Duration = Duration::from_secs(30);
/// Tickets at once; the oldest give way.
const MAX_TICKETS: usize = 10_000;

struct Ticket {
    hash: SecretHash,
    session: SessionId,
    identity: Identity,
    until: Instant,
}

/// The tickets that were given and not used.
#[derive(Default)]
pub struct Tickets {
    /// In the order in which they lapse. Held for as long as it takes to look through them.
    given: Mutex<Vec<Ticket>>,
}

impl Tickets {
    /// A ticket for a session's socket.
    pub fn give(&self, identity: Identity, session: SessionId, now: Instant) -> String {
        let secret = SessionSecret::generate();
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|ticket| ticket.until > now);
        if given.len() >= MAX_TICKETS {
            given.remove(0);
        }
        given.push(Ticket { hash: secret.hash(), session, identity, until: now + LIFETIME });
        secret.expose()
    }

    /// Takes a ticket out: whose it is, if it is one of this session and has not lapsed.
    pub fn take(&self, text: &str, session: SessionId, now: Instant) -> Option<Identity> {
        let hash = SessionSecret::parse(text).ok()?.hash();
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        // Hashes may be compared in any time: who knows one does not know the secret.
        let at = given.iter().position(|ticket| ticket.hash == hash)?;
        let ticket = given.remove(at);
        (ticket.session == session && ticket.until > now).then_some(ticket.identity)
    }
}
