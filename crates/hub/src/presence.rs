//! Who shows what of themselves: awareness, with the identity that the server knows instead of the one that is claimed.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::room::MemberId;
use crate::wire::awareness::{self, Entry};
use crate::wire::{ClientId, Clock, message};

/// The clients of one member: tabs have one each, but reconnecting makes new ones.
const MAX_CLIENTS: usize = 8;

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
    clock: Clock,
    /// JSON; `null` once gone.
    state: String,
}

impl Presence {
    /// Takes what a member shows; answers the frame for the others when anything is new. What it says of other members' clients is
    /// hearsay and not looked at.
    pub(crate) fn take(&mut self, member: MemberId, identity: &Identity, entries: &[u8]) -> Option<Bytes> {
        let mut changed = Vec::new();
        for entry in awareness::read(entries).ok()? {
            if self.is_news(member, &entry)
                && let Some(state) = with_identity(entry.state, identity)
            {
                self.states.insert(entry.client, Shown { member, clock: entry.clock, state });
                changed.push(entry.client);
            }
        }
        self.frame(&changed)
    }

    fn is_news(&self, member: MemberId, entry: &Entry<'_>) -> bool {
        match self.states.get(&entry.client) {
            Some(known) => {
                let leaves = entry.clock == known.clock && entry.state == "null" && known.state != "null";
                known.member == member && (entry.clock > known.clock || leaves)
            }
            None => self.states.values().filter(|known| known.member == member).count() < MAX_CLIENTS,
        }
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

    #[test]
    fn identity_is_the_servers_and_hearsay_is_ignored() {
        let (ada, ben) = (MemberId(1), MemberId(2));
        let identity =
            |name: &str| Identity { id: name.to_owned(), name: name.to_owned(), color: "#2563eb".to_owned() };
        let mut presence = Presence::default();
        let forged = r#"{"cursor":3,"user":{"name":"<b>Root</b>","color":"url(x)"}}"#;
        let shown = states(&presence.take(ada, &identity("Ada"), &entry(7, 1, forged)).unwrap());
        assert_eq!(shown[0].2["user"]["name"], "Ada");
        assert_eq!((shown[0].0, shown[0].2["cursor"].as_u64()), (7, Some(3)));
        // Ben passes on Ada's state, says she left, claims her client: nothing comes of it.
        for (clock, state) in [(1, forged), (1, "null"), (9, "null"), (9, "{}")] {
            assert_eq!(presence.take(ben, &identity("Ben"), &entry(7, clock, state)), None);
        }
        for state in ["[]", "1", "\"x\"", "{", &"[".repeat(3_000)] {
            assert_eq!(presence.take(ada, &identity("Ada"), &entry(7, 2, state)), None, "{state:.9}");
        }
        assert_eq!(presence.take(ada, &identity("Ada"), &entry(7, 1, "{}")), None, "not newer");
        assert!(presence.take(ada, &identity("Ada"), &entry(7, 1, "null")).is_some(), "she leaves herself");
        assert!(presence.take(ada, &identity("Ada"), &entry(7, 2, "{}")).is_some());
        let gone = states(&presence.leave(ada).unwrap());
        assert_eq!(gone, [(7, 3, Value::Null)]);
        assert_eq!(presence.all(), None);
    }

    #[test]
    fn a_member_has_a_bounded_number_of_clients() {
        let identity = Identity { id: "1".to_owned(), name: "Ada".to_owned(), color: "#000".to_owned() };
        let mut presence = Presence::default();
        let taken = (0..100).filter(|n| presence.take(MemberId(1), &identity, &entry(*n, 1, "{}")).is_some());
        assert_eq!(taken.count(), MAX_CLIENTS);
        assert!(presence.take(MemberId(2), &identity, &entry(500, 1, "{}")).is_some());
    }
}
