//! Who had the keyboard in a recording, and for how long.

use codementor_core::UserId;
use codementor_hub::replay::statistics::ACTIVE_GAP_MS;
use codementor_hub::replay::{Recording, Step, StepKind};
use serde::Deserialize;

/// How an event that tells of other roles begins.
const CHANGED: &[u8] = br#"{"type":"role-changed""#;

/// Somebody's time as the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Driving {
    /// Who.
    pub user: UserId,
    /// How long, in milliseconds. Pauses of all of 30 s and more are nobody's.
    pub ms: i64,
    /// How often they took it over; whoever began has one for that.
    pub turns: u64,
}

/// Everybody who was the driver, in the order in which they first were. `first` was it at the beginning.
#[must_use]
pub fn driving(recording: &Recording, first: Option<UserId>) -> Vec<Driving> {
    let mut known: Vec<Driving> = Vec::new();
    let mut driver = first.map(|user| take_over(&mut known, user));
    let mut before = recording.started_at();
    for step in recording.all_steps() {
        let gap = before.map_or(0, |before| step.at.as_ms() - before.as_ms());
        if let Some(driver) = driver
            && gap < ACTIVE_GAP_MS
        {
            known[driver].ms += gap;
        }
        before = Some(step.at);
        for (user, is_driver) in changed(step) {
            let has_it = driver.is_some_and(|driver| known[driver].user == user);
            if is_driver && !has_it {
                driver = Some(take_over(&mut known, user));
            } else if !is_driver && has_it {
                driver = None;
            }
        }
    }
    known
}

/// Notes that somebody takes the keyboard; answers their place.
fn take_over(known: &mut Vec<Driving>, user: UserId) -> usize {
    let place = known.iter().position(|one| one.user == user).unwrap_or_else(|| {
        known.push(Driving { user, ms: 0, turns: 0 });
        known.len() - 1
    });
    known[place].turns += 1;
    place
}

/// Whose role a step changed, and whether they are the driver now.
fn changed(step: &Step) -> Vec<(UserId, bool)> {
    #[derive(Deserialize)]
    struct Event {
        data: Change,
    }
    #[derive(Deserialize)]
    struct Change {
        changed: Vec<Person>,
    }
    #[derive(Deserialize)]
    struct Person {
        user_id: UserId,
        role: String,
    }
    let StepKind::Event(event) = &step.kind else { return Vec::new() };
    if !event.starts_with(CHANGED) {
        return Vec::new();
    }
    let Ok(Event { data }) = serde_json::from_slice(event) else { return Vec::new() };
    data.changed.into_iter().map(|one| (one.user_id, one.role == "driver")).collect()
}

#[cfg(test)]
mod tests {
    use codementor_core::Timestamp;
    use codementor_core::journal::{Entry, Kind};
    use serde_json::json;

    use super::*;

    fn recorded(events: &[(i64, serde_json::Value)]) -> Recording {
        let mut builder = Recording::builder();
        for (seq, (at, event)) in (1..).zip(events) {
            let data = format!(r#"{{"type":{},"data":{}}}"#, event["type"], event["data"]).into();
            let at = Timestamp::from_ms(*at);
            builder.push(Entry { seq, at, author: None, kind: Kind::Event, data }).unwrap();
        }
        builder.finish().unwrap()
    }

    fn hand(to: UserId, from: UserId) -> serde_json::Value {
        let changed = json!([{ "user_id": from, "role": "navigator" }, { "user_id": to, "role": "driver" }]);
        json!({ "type": "role-changed", "data": { "user_id": to, "changed": changed } })
    }

    #[test]
    fn time_is_whose_the_keyboard_is_and_long_pauses_are_nobodys() {
        let (ada, ben) = (UserId::new(), UserId::new());
        let said = json!({ "type": "new-message", "data": {} });
        let recording = recorded(&[
            (0, said.clone()),
            (10_000, hand(ben, ada)),
            (15_000, said.clone()),
            (100_000, said.clone()),
            (101_000, hand(ada, ben)),
            (104_000, said),
        ]);
        let expected =
            [Driving { user: ada, ms: 13_000, turns: 2 }, Driving { user: ben, ms: 6_000, turns: 1 }];
        assert_eq!(driving(&recording, Some(ada)), expected);
        let unknown = driving(&recording, None);
        assert_eq!(
            unknown.iter().map(|one| (one.user, one.ms)).collect::<Vec<_>>(),
            [(ben, 6_000), (ada, 3_000)]
        );
    }

    #[test]
    fn who_is_made_something_else_has_it_no_more() {
        let ada = UserId::new();
        let changed = json!([{ "user_id": ada, "role": "viewer" }]);
        let viewer = json!({ "type": "role-changed", "data": { "changed": changed } });
        let said = json!({ "type": "new-message", "data": { "changed": "nothing" } });
        let recording = recorded(&[(0, said.clone()), (1_000, viewer), (9_000, said)]);
        assert_eq!(driving(&recording, Some(ada)), [Driving { user: ada, ms: 1_000, turns: 1 }]);
        assert_eq!(driving(&Recording::default(), None), []);
    }
}
