//! Live sessions over REST, and how the server is doing while people are in them.

use codementor_protocol::session::{Invitation, Session, Ticket};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Learner;
use crate::peer::Peer;
use crate::server::Server;
use crate::socket::Handshake;

/// A live session, as its tests hold it.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its id.
    pub id: String,
    /// Whoever made it.
    pub creator: Learner,
}

impl Live {
    /// One with no settings: an empty text in which everybody may write.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn of(creator: &Learner) -> Self {
        Self::with(creator, &json!({})).await
    }

    /// One with settings.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn with(creator: &Learner, settings: &Value) -> Self {
        let session: Session = creator.post("/api/sessions", settings).await.expect(201).json();
        Self { id: session.id, creator: creator.clone() }
    }

    /// The same on the server as it is now, such as after a restart.
    #[must_use]
    pub fn at(&self, server: &Server) -> Self {
        Self { id: self.id.clone(), creator: self.creator.at(server.url()) }
    }

    /// Its path, or one below it.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        format!("/api/sessions/{}{below}", self.id)
    }

    /// How it is, as its maker sees it.
    ///
    /// # Panics
    /// When the server does not tell.
    pub async fn session(&self) -> Session {
        self.creator.get(&self.path("")).await.expect(200).json()
    }

    /// Lets somebody in by the plain link.
    ///
    /// # Panics
    /// When they are refused.
    pub async fn join(&self, learner: &Learner) -> Session {
        learner.client.post_nothing(&self.path("/join")).await.expect(200).json()
    }

    /// A handshake with a person's token.
    #[must_use]
    pub fn door(&self, learner: &Learner) -> Handshake {
        Handshake::to_session(&self.id).query_token(&learner.token)
    }

    /// Somebody's editor, as the common provider opens it; up to date.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn editor(&self, server: &Server, learner: &Learner) -> Peer {
        let socket = self.door(learner).plain().open(server).await.expect("the socket opens");
        let mut peer = Peer::new(socket);
        peer.sync().await;
        peer
    }

    /// Somebody with JSON events, who has joined; the `session-state` is answered too.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn member(&self, server: &Server, learner: &Learner) -> (Peer, Value) {
        let socket = self.door(learner).open(server).await.expect("the socket opens");
        let mut peer = Peer::new(socket);
        peer.send_event("join-session", &json!({}), Some("join")).await;
        let state = peer.event_of("session-state").await.data;
        let _ = peer.answer("join").await;
        (peer, state)
    }

    /// The code with which a socket is closed at once, or later.
    ///
    /// # Panics
    /// When the handshake itself is refused.
    pub async fn closed_at_once(&self, server: &Server, handshake: Handshake) -> u16 {
        handshake.open(server).await.expect("the refusal comes as a close code").closed().await
    }

    /// A ticket.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn ticket(&self, learner: &Learner) -> String {
        learner.client.post_nothing(&self.path("/ticket")).await.expect(201).json::<Ticket>().ticket
    }

    /// An invitation, made by the session's maker.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn invite(&self, wanted: &Value) -> Invited {
        let made: Invitation = self.creator.post(&self.path("/invitations"), wanted).await.expect(201).json();
        let url = made.url.clone().expect("a new invitation has its link");
        let secret = url.split_once("#invite=").map(|(_, secret)| secret.to_owned());
        Invited { secret: secret.unwrap_or_default(), invitation: made }
    }

    /// Makes somebody something else, by the session's maker.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn set_role(&self, learner: &Learner, role: &str) -> Session {
        let path = self.path(&format!("/participants/{}", learner.user.id));
        self.creator.patch(&path, &json!({ "role": role })).await.expect(200).json()
    }

    /// Ends it.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn end(&self) {
        let request = self.creator.client.request(Method::DELETE, &self.path(""));
        let _ = self.creator.client.send(request).await.expect(204);
    }
}

/// An invitation with its secret.
#[derive(Debug, Clone)]
pub struct Invited {
    /// As it was answered.
    pub invitation: Invitation,
    /// Empty for a plain link.
    pub secret: String,
}

/// The sum of a counter or gauge over all its labels that hold `part`.
///
/// # Panics
/// When the server does not tell.
pub async fn metric(server: &Server, name: &str, part: &str) -> f64 {
    let text = server.client().get("/metrics").await.expect(200).body;
    let lines = text.lines().filter(|line| !line.starts_with('#') && line.contains(part));
    let mine = lines.filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
    mine.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// How much of what came was turned away so far, at sockets of sessions and in their rooms.
///
/// # Panics
/// When the server does not tell.
pub async fn rejected(server: &Server) -> f64 {
    metric(server, "codementor_rejected_total", "").await
}

/// The memory that the server holds, in KiB.
///
/// # Panics
/// When it is gone.
#[must_use]
pub fn memory_kb(server: &Server) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()));
    let status = status.expect("the server runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a process has memory");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// The high-water mark of the memory that the server held since [`forget_peak`], in KiB: also what it gave back at once.
///
/// # Panics
/// When it is gone.
#[must_use]
pub fn peak_kb(server: &Server) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()));
    let status = status.expect("the server runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a process has memory");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Sets the high-water mark back to what is held now.
///
/// # Panics
/// When it is gone.
pub fn forget_peak(server: &Server) {
    std::fs::write(format!("/proc/{}/clear_refs", server.pid()), "5").expect("the server runs");
}
