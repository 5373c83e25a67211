//! The people of a recording that came as a file. Nobody here can tell whether they are who the file says, so they become nobody's.

use std::collections::HashMap;

use bytes::Bytes;
use codementor_core::UserId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// New ids for the ids of a file.
#[derive(Debug, Default)]
pub struct Strangers(HashMap<UserId, UserId>);

impl Strangers {
    /// The id here of somebody in the file.
    pub fn meet(&mut self, id: UserId) -> UserId {
        *self.0.entry(id).or_insert_with(UserId::new)
    }

    /// An event of the file that names them by their ids here. What is no event stays as it is; it is shown to nobody.
    #[must_use]
    pub fn in_event(&self, event: &Bytes) -> Bytes {
        /// The type first, as in all events: by that they are told apart.
        #[derive(Serialize, Deserialize)]
        struct Event {
            #[serde(rename = "type")]
            kind: String,
            data: Value,
        }
        let Ok(mut read) = serde_json::from_slice::<Event>(event) else { return event.clone() };
        self.rename(&mut read.data);
        serde_json::to_vec(&read).map_or_else(|_| event.clone(), Bytes::from)
    }

    /// A parsed value is at most 128 levels deep.
    fn rename(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Ok(id) = text.parse::<UserId>()
                    && let Some(stranger) = self.0.get(&id)
                {
                    *text = stranger.to_string();
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.rename(value)),
            Value::Object(values) => values.values_mut().for_each(|value| self.rename(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_in_events_are_the_same_strangers_as_their_authors() {
        let (ada, other) = (UserId::new(), UserId::new());
        let mut strangers = Strangers::default();
        let here = strangers.meet(ada);
        assert_eq!(strangers.meet(ada), here);
        let event = format!(
            r#"{{"type":"role-changed","data":{{"user_id":"{ada}","changed":[{{"user_id":"{ada}","n":1}}],"said":"{other}"}}}}"#
        );
        let told = strangers.in_event(&event.into());
        assert!(told.starts_with(br#"{"type":"role-changed""#));
        let told: Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["data"]["user_id"], here.to_string());
        assert_eq!(told["data"]["changed"][0]["user_id"], here.to_string());
        assert_eq!(told["data"]["said"], other.to_string());
        for none in ["", "[]", "{\"type\":1}"] {
            assert_eq!(strangers.in_event(&Bytes::from(none)), none);
        }
    }
}
