//! y-protocols messages that no honest client sends: each ends its own connection with the right code, costs next to nothing, and the
//! room, another room and the server go on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::path::{Path, PathBuf};

use codementor_hub::wire::message;
use codementor_hub::wire::read::write_number;
use codementor_tests::live::{forget_peak, memory_kb, peak_kb, rejected};
use codementor_tests::{Learner, Live, Peer, Server};
use serde_json::json;

/// The most that a hostile message may cost, in KiB.
const MEMORY_KB: i64 = 8 * 1024;

/// A room with somebody honest in it, another room, and somebody hostile.
struct Scene {
    server: Server,
    live: Live,
    eve: Learner,
    honest: Peer,
    reader: Peer,
    elsewhere: Peer,
    said: u32,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start().await;
        let (ada, eve) = (server.guest("Ada").await, server.guest("Eve").await);
        let (live, other) = (Live::with(&ada, &json!({ "code": "x😀" })).await, Live::of(&ada).await);
        let honest = live.editor(&server, &ada).await;
        let reader = live.editor(&server, &ada).await;
        let elsewhere = other.editor(&server, &ada).await;
        Self { server, live, eve, honest, reader, elsewhere, said: 0 }
    }

    async fn eve(&self) -> Peer {
        self.live.editor(&self.server, &self.eve).await
    }

    /// What becomes of a connection that sends this; `None`: it goes on.
    async fn after(&self, bytes: &[u8]) -> Option<u16> {
        let mut eve = self.eve().await;
        eve.send_bytes(bytes.to_vec()).await;
        // A question afterwards is answered, or the connection ends.
        let _ = eve.try_send(message::step_1(&eve.doc.state_vector())).await;
        let heard = eve.heard;
        while eve.heard == heard && !eve.is_closed() {
            eve.step().await;
        }
        if eve.is_closed() { Some(eve.closed().await) } else { None }
    }

    async fn refused(&self, what: &str, bytes: &[u8], code: u16) {
        assert_eq!(self.after(bytes).await, Some(code), "{what}: {:02x?}", &bytes[..bytes.len().min(40)]);
    }

    /// Everybody honest writes and hears, nobody was hurt, and it was counted.
    async fn all_is_well(&mut self, counted_before: f64) {
        self.said += 1;
        let word = format!("{} ", self.said);
        for writer in [&mut self.honest, &mut self.elsewhere] {
            writer.write(0, 0, &word).await;
            writer.settled().await;
        }
        self.reader.until_equal(&self.honest).await;
        let late = self.eve().await;
        assert_eq!(late.text(), self.honest.text());
        assert!(rejected(&self.server).await > counted_before, "nothing was counted");
        assert!(!self.server.log().contains("panicked"), "{}", self.server.log());
    }
}

fn sync(step: u8, update: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, step];
    codementor_hub::wire::read::write_bytes(&mut bytes, update);
    bytes
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn every_message_cut_anywhere_is_malformed() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    let mut writer = scene.eve().await;
    let update = writer.edit(0, 1, "né😀w").unwrap();
    let mut shown = vec![1];
    codementor_hub::wire::read::write_bytes(&mut shown, &[1, 7, 1, 2, b'{', b'}']);
    let valid = [message::step_1(&writer.doc.state_vector()), sync(1, &update), sync(2, &update), shown];
    for whole in &valid {
        for cut in 1..whole.len() {
            scene.refused("cut", &whole[..cut], 4400).await;
        }
        let trailing = [whole.as_slice(), &[0]].concat();
        scene.refused("with something behind it", &trailing, 4400).await;
    }
    scene.refused("a question with something behind it", &[3, 0], 4400).await;
    scene.all_is_well(counted).await;
}

#[tokio::test]
async fn unknown_messages_are_malformed_and_empty_ones_nothing() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    for bytes in
        [&[4][..], &[4, 0], &[127], &[0, 3, 0], &[0, 0x80, 0x00, 1, 0], &[0xff; 20], b"{\"type\":\"ping\"}"]
    {
        scene.refused("unknown", bytes, 4400).await;
    }
    for bytes in
        [&[][..], &[2], &[2, 0, 3, b'a', b'b', b'c'], &[3], &[0, 2, 2, 0, 0], &[0, 1, 2, 0, 0], &[1, 1, 0]]
    {
        assert_eq!(scene.after(bytes).await, None, "{bytes:02x?}");
    }
    scene.all_is_well(counted).await;
}

#[tokio::test]
async fn promises_of_much_cost_nothing() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    let bomb = hex("ffffff7f");
    scene.all_is_well(-1.0).await;
    let viewer = scene.eve.clone();
    let _ = scene.live.set_role(&viewer, "viewer").await;
    for round in 0..3 {
        forget_peak(&scene.server);
        let before = memory_kb(&scene.server);
        for (what, bytes) in [
            ("an update", sync(2, &bomb)),
            ("an answer", sync(1, &bomb)),
            ("a state vector", sync(0, &bomb)),
            ("awareness", [&[1, 4], &bomb[..]].concat()),
            ("a length", [&[0, 2], &bomb[..]].concat()),
            ("blocks", sync(2, &[&[1], &bomb[..], &[1, 0]].concat())),
            ("deletions", sync(2, &[&[0], &bomb[..]].concat())),
            ("ranges", sync(2, &[&[0, 1, 1], &bomb[..]].concat())),
            ("a text", sync(2, &[&[1, 1, 1, 0, 4, 1, 4, b'c', b'o', b'd', b'e'], &bomb[..]].concat())),
            ("a largest number", sync(0, &hex("ffffffff0f"))),
        ] {
            scene.refused(what, &bytes, 4400).await;
        }
        let grown = peak_kb(&scene.server) - before;
        assert!(grown <= MEMORY_KB, "round {round}: the memory grew by {grown} KiB");
    }
    let _ = scene.live.set_role(&viewer, "navigator").await;
    scene.all_is_well(counted).await;
}

#[tokio::test]
async fn poisoned_updates_are_refused() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    let root = "0104636f6465";
    let mut poisons = vec![
        ("poisons every later encoding", hex("01010504a8012d017dc4030104010203")),
        ("panics when applied", hex("010101b1c4b1bc2f00b11600")),
        ("a garbage block for a client", hex("0101010000050000")),
        ("a skipped block", hex("010101000a0500")),
        ("one client twice", hex(&format!("02010100 04{root}0161 01010000 0500").replace(' ', ""))),
        ("another root", hex("010101000401026f6b016100")),
        ("a map's key", hex("0101010024010463 6f6465016b016100".replace(' ', "").as_str())),
        ("a format", hex(&format!("0101010006{root}0162047472756500"))),
        ("an embed", hex(&format!("0101010005{root}027b7d00"))),
        ("binary", hex(&format!("0101010003{root}016100"))),
        ("a sub-document", hex(&format!("0101010009{root}01610000"))),
        ("a type", hex(&format!("0101010007{root}0000"))),
        ("JSON", hex(&format!("0101010002{root}01023232 00").replace(' ', ""))),
        ("the largest clock", hex(&format!("010101ffffffff0f04{root}016100"))),
        ("the largest length", hex(&format!("0101010001{root}ffffffff0f00"))),
        ("a wipe of one's own", hex("000101 0100ffffffff0f".replace(' ', "").as_str())),
        ("no length", hex("000101010000")),
        ("a text that is none", hex(&format!("0101010004{root}02ff fe00").replace(' ', ""))),
        ("half a surrogate", hex(&format!("0101010004{root}03eda08000"))),
    ];
    // About 6,500 levels overflowed a stack.
    let mut deep = hex(&format!("0101010008{root}01"));
    deep.extend([117, 1].repeat(20_000));
    deep.extend([126, 0]);
    poisons.push(("deep nesting", deep));
    for (what, update) in &poisons {
        for step in [1, 2] {
            scene.refused(what, &sync(step, update), 4400).await;
        }
    }
    scene.all_is_well(counted).await;
}

#[tokio::test]
async fn nobody_writes_as_somebody_elses_client() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    scene.honest.write(0, 0, "mine").await;
    scene.honest.settled().await;
    let mut eve = scene.eve().await;
    eve.client = scene.honest.client;
    eve.write(0, 0, "forged").await;
    assert_eq!(eve.closed().await, 4400);
    // What everybody knows may be passed on, and anybody's text deleted.
    let mut eve = scene.eve().await;
    eve.send_bytes(message::step_2(&eve.doc.diff(&Default::default()))).await;
    eve.write(0, 4, "").await;
    eve.settled().await;
    scene.honest.until("mine is deleted", |honest| !honest.text().contains("mine")).await;
    scene.all_is_well(counted).await;
}

#[tokio::test]
async fn the_same_update_a_thousand_times_is_told_and_kept_once() {
    let mut scene = Scene::new().await;
    let mut eve = scene.eve().await;
    let update = message::update(&eve.edit(0, 0, "once ").unwrap());
    let before = scene.reader.heard;
    eve.send_bytes(update.clone()).await;
    eve.settled().await;
    let kept = logged(&scene.server);
    assert_ne!(kept, 0);
    for _ in 0..1_000 {
        eve.send_bytes(update.clone()).await;
    }
    eve.settled().await;
    assert_eq!(logged(&scene.server), kept, "the journal grew");
    scene.honest.until_equal(&eve).await;
    scene.reader.until_equal(&eve).await;
    assert_eq!(scene.reader.heard, before + 1);
}

/// How much of the log is written, in bytes: its files are longer, and zero behind that.
fn logged(server: &Server) -> usize {
    let files = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let logs = files(&server.data()).filter(|path| path.to_string_lossy().ends_with("journal.db-log"));
    let segments = logs.flat_map(|log| files(&log));
    let written = |path: PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
    };
    segments.map(written).sum()
}

/// Letters of one who writes on, each as a block of its own: the library joined them with a copy of all before, 7 GiB for this frame.
#[tokio::test]
async fn what_is_told_letter_by_letter_costs_no_more_than_the_text() {
    const LETTERS: u64 = 100_000;
    let mut scene = Scene::new().await;
    let eve = &mut scene.eve().await;
    let mut update = Vec::new();
    for number in [1, LETTERS, eve.client, 0] {
        write_number(&mut update, number);
    }
    update.extend(b"\x04\x01\x04code\x01x");
    for clock in 0..LETTERS - 1 {
        update.push(0x84);
        write_number(&mut update, eve.client);
        write_number(&mut update, clock);
        update.extend(b"\x01y");
    }
    update.push(0);
    forget_peak(&scene.server);
    let before = memory_kb(&scene.server);
    eve.send_bytes(message::update(&update)).await;
    eve.settled().await;
    scene
        .reader
        .until("it is there", |reader| reader.text().contains(&"y".repeat(LETTERS as usize - 1)))
        .await;
    let grown = peak_kb(&scene.server) - before;
    assert!(grown < 48 * 1024, "{grown} KiB");
    scene.all_is_well(-1.0).await;
}

#[tokio::test]
async fn a_text_over_its_bound_is_refused_and_nothing_is_lost() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    let (mut b, _) = scene.live.member(&scene.server, &scene.eve).await;
    b.sync().await;
    let kept = b.text();
    // More than the text may hold, in messages that may be as large as they are.
    let big = "y".repeat(1 << 20);
    b.doc = codementor_hub::document::Document::new();
    let update = b.edit(0, 0, &big).unwrap();
    b.send_bytes(message::update(&update)).await;
    assert_eq!(b.event_of("error").await.data["code"], "too_large");
    assert_eq!(scene.eve().await.text(), kept);
    scene.all_is_well(counted).await;
}

#[tokio::test]
async fn states_that_are_too_large_too_many_or_somebody_elses() {
    let mut scene = Scene::new().await;
    let counted = rejected(&scene.server).await;
    let mut eve = scene.eve().await;
    eve.show(&json!({ "x": "y".repeat(64 * 1024) })).await;
    assert_eq!(eve.closed().await, 4413);
    let mut eve = scene.eve().await;
    for clock in 1..2_000 {
        if eve.try_send(shown(1, clock)).await.is_err() {
            break;
        }
    }
    assert_eq!(eve.closed().await, 4429);
    let client = scene.honest.client;
    scene.honest.show(&json!({ "cursor": 1 })).await;
    scene.reader.until("the state is seen", |reader| reader.states.contains_key(&client)).await;
    let mut eve = scene.eve().await;
    for (clock, state) in [(1, "null"), (2, "null"), (9, "{}"), (9, "{\"cursor\":666}")] {
        eve.show_as(client, clock, state).await;
    }
    for state in ["[]", "1", "{", "\"x\"", &"[".repeat(4_000)] {
        eve.show_as(eve.client, 1, state).await;
    }
    eve.show(&json!({ "user": { "name": "<b>Root</b>" } })).await;
    let hers = eve.client;
    scene.reader.until("her state is seen", |reader| reader.states.contains_key(&hers)).await;
    assert_eq!(scene.reader.states[&client]["cursor"], 1);
    assert_eq!(scene.reader.states[&hers]["user"]["name"], "Eve");
    scene.all_is_well(counted).await;
}

fn shown(client: u8, clock: u64) -> Vec<u8> {
    let mut entries = vec![1, client];
    write_number(&mut entries, clock);
    codementor_hub::wire::read::write_bytes(&mut entries, b"{}");
    let mut bytes = vec![1];
    codementor_hub::wire::read::write_bytes(&mut bytes, &entries);
    bytes
}
