//! Who shows what of themselves: awareness, with the identity that the server knows instead of the one that is claimed.

use std::collections::BTreeMap;

use bytes::Bytes;
use codementor_core::UserId;
use serde_json::{Map, Value, json};

use crate::room::MemberId;
use crate::wire::awareness::{self, Entry};
use crate::wire::{ClientId, Clock, message};

/// The clients of one member: tabs have one each, but reconnecting makes new ones.
const MAX_CLIENTS: usize = 8;
/// The largest state of a client, with the identity that the server adds, in bytes.
pub const MAX_STATE: usize = 4 * 1024;

/// What a member is called. Clients see it under `user` in every state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The colour of the caret and the selection, as CSS.
    pub color: String,
}

/// The states of all clients that are here.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    states: BTreeMap<ClientId, Shown>,
}

#[derive(Debug)]
struct Shown {
    member: MemberId,
    user: UserId,
    clock: Clock,
    /// JSON; `null` once gone.
    state: String,
}

/// Who shows something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Showing<'a> {
    pub(crate) member: MemberId,
    pub(crate) user: UserId,
    pub(crate) identity: &'a Identity,
}

/// What comes of what a member shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing: it is known, or says something of somebody else's clients. The common provider passes on all that it hears.
    Hearsay,
    /// A frame for the others.
    News(Bytes),
    /// A state of their own is larger than [`MAX_STATE`].
    TooBig,
}

impl Presence {
    /// Takes what a member shows of clients that it may speak for. What it says of other people's clients is hearsay and not looked at.
    pub(crate) fn take(
        &mut self,
        by: Showing<'_>,
        entries: &[u8],
        may_speak_for: impl Fn(ClientId) -> bool,
    ) -> Outcome {
        let mut changed = Vec::new();
        for entry in awareness::read(entries).unwrap_or_default() {
            if self.is_news(by, &entry)
                && may_speak_for(entry.client)
                && let Some(state) = with_identity(entry.state, by.identity)
            {
                if state.len() > MAX_STATE {
                    return Outcome::TooBig;
                }
                let shown = Shown { member: by.member, user: by.user, clock: entry.clock, state };
                self.states.insert(entry.client, shown);
                changed.push(entry.client);
            }
        }
        self.frame(&changed).map_or(Outcome::Hearsay, Outcome::News)
    }

    /// Who shows this client.
    pub(crate) fn shown_by(&self, client: ClientId) -> Option<UserId> {
        self.states.get(&client).map(|known| known.user)
    }

    /// A person who comes back speaks for a client whose earlier connection nobody has missed yet.
    fn is_news(&self, by: Showing<'_>, entry: &Entry<'_>) -> bool {
        let known = self.states.get(&entry.client);
        if known.is_none_or(|known| known.member != by.member)
            && self.states.values().filter(|known| known.member == by.member).count() >= MAX_CLIENTS
        {
            return false;
        }
        known.is_none_or(|known| {
            let leaves = entry.clock == known.clock && entry.state == "null" && known.state != "null";
            known.user == by.user && (entry.clock > known.clock || leaves)
        })
    }

    /// Takes a member's clients away; answers the frame that says so.
    pub(crate) fn leave(&mut self, member: MemberId) -> Option<Bytes> {
        let gone: Vec<ClientId> = self
            .states
            .iter()
            .filter(|(_, known)| known.member == member)
            .map(|(client, _)| *client)
            .collect();
        for client in &gone {
            if let Some(known) = self.states.get_mut(client) {
                known.clock += 1;
                "null".clone_into(&mut known.state);
            }
        }
        let frame = self.frame(&gone);
        self.states.retain(|_, known| known.member != member);
        frame
    }

    /// Everybody's state.
    pub(crate) fn all(&self) -> Option<Bytes> {
        self.frame(&self.states.keys().copied().collect::<Vec<_>>())
    }

    fn frame(&self, clients: &[ClientId]) -> Option<Bytes> {
        if clients.is_empty() {
            return None;
        }
        let entries: Vec<Entry<'_>> = clients
            .iter()
            .filter_map(|client| {
                let known = self.states.get(client)?;
                Some(Entry { client: *client, clock: known.clock, state: &known.state })
            })
            .collect();
        Some(message::awareness(&awareness::encode(entries.into_iter())).into())
    }
}

/// A state with the identity that the server knows. Nothing when it is neither an object nor `null`.
fn with_identity(state: &str, identity: &Identity) -> Option<String> {
    if state == "null" {
        return Some(state.to_owned());
    }
    let mut state: Map<String, Value> = serde_json::from_str(state).ok()?;
    let light = format!("{}33", identity.color);
    state.insert(
        "user".to_owned(),
        json!({ "id": identity.id, "name": identity.name, "color": identity.color, "colorLight": light }),
    );
    serde_json::to_string(&state).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(client: ClientId, clock: Clock, state: &str) -> Vec<u8> {
        awareness::encode([Entry { client, clock, state }].into_iter())
    }

    fn states(frame: &Bytes) -> Vec<(ClientId, Clock, Value)> {
        let crate::wire::Message::Awareness(entries) = crate::wire::Message::read(frame).unwrap() else {
            panic!("no awareness");
        };
        let read = awareness::read(&entries).unwrap();
        read.iter().map(|e| (e.client, e.clock, serde_json::from_str(e.state).unwrap())).collect()
    }

    static ADA: Identity = Identity { id: String::new(), name: String::new(), color: String::new() };

    fn by(member: u64, user: UserId) -> Showing<'static> {
        Showing { member: MemberId(member), user, identity: &ADA }
    }

    /// The frame for the others, when there is one.
    fn take(presence: &mut Presence, by: Showing<'_>, entries: &[u8]) -> Option<Bytes> {
        match presence.take(by, entries, |_| true) {
            Outcome::News(frame) => Some(frame),
            Outcome::Hearsay => None,
            Outcome::TooBig => panic!("too big"),
        }
    }

    #[test]
    fn identity_is_the_servers_and_hearsay_is_ignored() {
        let identity =
            |name: &str| Identity { id: name.to_owned(), name: name.to_owned(), color: "#2563eb".to_owned() };
        let (adas, bens) = (identity("Ada"), identity("Ben"));
        let ada = Showing { member: MemberId(1), user: UserId::new(), identity: &adas };
        let ben = Showing { member: MemberId(2), user: UserId::new(), identity: &bens };
        let mut presence = Presence::default();
        let forged = r#"{"cursor":3,"user":{"name":"<b>Root</b>","color":"url(x)"}}"#;
        let shown = states(&take(&mut presence, ada, &entry(7, 1, forged)).unwrap());
        assert_eq!(shown[0].2["user"]["name"], "Ada");
        assert_eq!((shown[0].0, shown[0].2["cursor"].as_u64()), (7, Some(3)));
        assert_eq!(presence.shown_by(7), Some(ada.user));
        // Ben passes on Ada's state, says she left, claims her client: nothing comes of it.
        for (clock, state) in [(1, forged), (1, "null"), (9, "null"), (9, "{}")] {
            assert_eq!(take(&mut presence, ben, &entry(7, clock, state)), None);
        }
        for state in ["[]", "1", "\"x\"", "{", &"[".repeat(3_000)] {
            assert_eq!(take(&mut presence, ada, &entry(7, 2, state)), None, "{state:.9}");
        }
        assert_eq!(take(&mut presence, ada, &entry(7, 1, "{}")), None, "not newer");
        assert!(take(&mut presence, ada, &entry(7, 1, "null")).is_some(), "she leaves herself");
        assert!(take(&mut presence, ada, &entry(7, 2, "{}")).is_some());
        let gone = states(&presence.leave(ada.member).unwrap());
        assert_eq!(gone, [(7, 3, Value::Null)]);
        assert_eq!(presence.all(), None);
    }

    #[test]
    fn a_member_has_a_bounded_number_of_clients() {
        let user = UserId::new();
        let mut presence = Presence::default();
        let taken =
            (0..100).filter(|n| take(&mut presence, by(1, user), &entry(*n, 1, "{}")).is_some()).count();
        assert_eq!(taken, MAX_CLIENTS);
        assert!(take(&mut presence, by(2, UserId::new()), &entry(500, 1, "{}")).is_some());
    }

    #[test]
    fn who_comes_back_takes_their_caret_along() {
        let (ada, mut presence) = (UserId::new(), Presence::default());
        assert!(take(&mut presence, by(1, ada), &entry(7, 1, "{}")).is_some());
        assert!(take(&mut presence, by(2, ada), &entry(7, 2, "{}")).is_some());
        assert_eq!(presence.leave(MemberId(1)), None, "it is the second one's now");
        assert_eq!(presence.shown_by(7), Some(ada));
    }

    #[test]
    fn nobody_speaks_for_a_client_that_is_not_theirs() {
        let (ada, mut presence) = (UserId::new(), Presence::default());
        assert_eq!(presence.take(by(1, ada), &entry(7, 1, "{}"), |client| client != 7), Outcome::Hearsay);
        assert_eq!(presence.shown_by(7), None);
    }

    #[test]
    fn what_is_told_is_never_larger_than_a_state_may_be() {
        let (ada, mut presence) = (UserId::new(), Presence::default());
        let state = |length: usize| format!(r#"{{"x":"{}"}}"#, "y".repeat(length));
        let frame = take(&mut presence, by(1, ada), &entry(7, 1, &state(3_900))).unwrap();
        assert!(states(&frame)[0].2.to_string().len() <= MAX_STATE);
        // As large as a state may be, but what the server adds makes it larger.
        let large = state(MAX_STATE - 8);
        assert_eq!(large.len(), MAX_STATE);
        assert_eq!(presence.take(by(1, ada), &entry(7, 2, &large), |_| true), Outcome::TooBig);
    }
}
