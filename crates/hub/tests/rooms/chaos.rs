//! Whole sessions at random: people with and without a CRDT, lost, repeated and reordered messages, changing parts, restarts and
//! crashes, a journal that fails. In the end everybody has the same text, and so does the record alone.

use std::sync::Arc;

use codementor_core::SessionId;
use codementor_core::journal::Kind;
use codementor_core::live::{Part, Policy, Recording};
use codementor_hub::document::Document;
use codementor_hub::hub::{Hub, Unobserved};
use codementor_hub::outline::Fit;
use codementor_hub::room::{Room, Settings};
use codementor_hub::wire::Update;
use codementor_hub::wire::message;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::runtime::{Builder, Runtime};

use crate::client::Client;
use crate::faulty::{Faulty, Mood};
use crate::listener::Listener;
use crate::school::{School, notice};
use crate::seeds::{cases, seed};

const STEPS: usize = 400;
const PIECES: [&str; 7] = ["a", "let x = 1;\n", "é", "日本", "😀", "🦀🦀b", "}\n"];

#[test]
fn sessions_of_any_kind_end_alike_for_everybody_and_in_the_record() {
    let seed = seed();
    let mut seen = Seen::default();
    let people = Builder::new_current_thread().enable_all().build().unwrap();
    for case in 0..cases(10) {
        println!("case {case}: CODEMENTOR_TEST_SEED={} CODEMENTOR_FUZZ_CASES=1", seed.wrapping_add(case));
        let rng = StdRng::seed_from_u64(seed.wrapping_add(case));
        people.block_on(async { World::new(rng).live(&mut seen).await });
    }
    println!("{seen:?}");
}

/// How often something happened, so that one sees what was tried.
#[derive(Debug, Default)]
struct Seen {
    crashes: u32,
    stops: u32,
    faults: u32,
    reordered: u32,
    roles: u32,
    entries: usize,
    acks: usize,
    stale: usize,
}

/// A process: its threads end with it.
struct Process {
    hub: Arc<Hub>,
    runtime: Runtime,
}

impl Process {
    fn start(school: &School) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let clock = Arc::new(codementor_core::time::SystemClock);
        Self { hub: Arc::new(Hub::new(school.journal.clone(), clock, Arc::new(Unobserved))), runtime }
    }

    async fn room(&self, session: SessionId) -> Room {
        let hub = self.hub.clone();
        let opened = async move { hub.room(session, Settings::default()).await };
        self.runtime.spawn(opened).await.unwrap().unwrap()
    }

    /// Stopped, with everything put away.
    async fn stop(self) {
        let hub = self.hub.clone();
        self.runtime.spawn(async move { hub.stop().await }).await.unwrap();
        self.runtime.shutdown_background();
    }

    /// Dead in the middle of whatever it did.
    fn crash(self) {
        self.runtime.shutdown_background();
    }
}

struct World {
    rng: StdRng,
    school: School,
    journal: Arc<Faulty>,
    session: SessionId,
    process: Option<Process>,
    clients: Vec<Client>,
    listeners: Vec<Listener>,
}

impl World {
    fn new(rng: StdRng) -> Self {
        let (school, journal) = School::with_faults();
        let process = Some(Process::start(&school));
        let clients = (0..5).map(|n| Client::offline(1_000 + n * 77)).collect();
        let listeners = (0..2).map(|_| Listener::offline(Part::Navigator)).collect();
        Self { rng, school, journal, session: SessionId::new(), process, clients, listeners }
    }

    async fn live(mut self, seen: &mut Seen) {
        for _ in 0..STEPS {
            match self.rng.random_range(0..100) {
                0..65 => self.client_acts(seen).await,
                65..90 => self.listener_acts().await,
                90..96 => self.parts_change(seen).await,
                96 | 97 => self.process_ends(seen).await,
                98 => self.journal_fails(seen),
                _ => {
                    let who = self.rng.random_range(0..5);
                    self.clients[who].member = None;
                }
            }
        }
        self.everybody_comes_back().await;
        self.check(seen).await;
    }

    async fn room(&self) -> Room {
        // A room whose record went on without it closes, and is asked for again.
        loop {
            let room = self.process.as_ref().unwrap().room(self.session).await;
            if room.text().await.is_ok() {
                return room;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn client_acts(&mut self, seen: &mut Seen) {
        let room = self.room().await;
        let rng = &mut self.rng;
        let who = rng.random_range(0..self.clients.len());
        let client = &mut self.clients[who];
        let length = client.length();
        let piece = PIECES[rng.random_range(0..PIECES.len())];
        let at = rng.random_range(0..=length);
        match rng.random_range(0..12) {
            0..4 => client.insert(at, piece).await,
            4 | 5 if length > 3 => {
                client.remove(at.min(length - 3), rng.random_range(1..=3)).await;
            }
            // Lost on the way; the next one leaves a gap.
            6 => drop(client.insert_unsent(at, piece)),
            7 => {
                let mut updates: Vec<_> =
                    (0..rng.random_range(2..5)).map(|_| client.insert_unsent(at, piece)).collect();
                updates.reverse();
                updates.swap(0, 1);
                for update in &updates {
                    client.say(message::update(update)).await;
                }
                seen.reordered += 1;
            }
            8 => client.repeat_last().await,
            9 => client.rejoin(&room).await,
            _ => client.settle().await,
        }
    }

    async fn listener_acts(&mut self) {
        let room = self.room().await;
        let rng = &mut self.rng;
        let who = rng.random_range(0..self.listeners.len());
        let listener = &mut self.listeners[who];
        let from = rng.random_range(0..=listener.length());
        let to = from + rng.random_range(0..=(listener.length() - from).min(4));
        let piece = PIECES[rng.random_range(0..PIECES.len())];
        match rng.random_range(0..8) {
            0 => listener.rejoin(&room).await,
            1 => listener.ask_again().await,
            2..6 => listener.edit(from, to, piece).await,
            _ => listener.settle().await,
        }
    }

    async fn parts_change(&mut self, seen: &mut Seen) {
        seen.roles += 1;
        let room = self.room().await;
        let rng = &mut self.rng;
        if rng.random_bool(0.2) {
            let policy = if rng.random_bool(0.5) { Policy::Driver } else { Policy::Free };
            let settings = Settings { policy, recording: Recording::On };
            // Who asks a room that closes just then is told so.
            let _ = room.set(settings, notice("session-updated")).await;
            return;
        }
        let part = [Part::Driver, Part::Navigator, Part::Mentor, Part::Viewer][rng.random_range(0..4)];
        let client = &mut self.clients[rng.random_range(0..5)];
        client.part = part;
        let _ = room.set_parts(vec![(client.user, part)], notice("role-changed")).await;
    }

    async fn process_ends(&mut self, seen: &mut Seen) {
        let process = self.process.take().unwrap();
        if self.rng.random_bool(0.5) {
            seen.crashes += 1;
            process.crash();
        } else {
            seen.stops += 1;
            process.stop().await;
        }
        self.process = Some(Process::start(&self.school));
        for n in 0..self.clients.len() {
            if self.rng.random_bool(0.7) {
                let room = self.room().await;
                self.clients[n].rejoin(&room).await;
            }
        }
    }

    /// Once: what cannot be tried again ends the room, and its members come back when they do.
    fn journal_fails(&mut self, seen: &mut Seen) {
        let moods = [Mood::Unavailable, Mood::DoesAndDenies, Mood::Conflict, Mood::Failed];
        let mood = moods[self.rng.random_range(0..moods.len())];
        let way = if self.rng.random_bool(0.7) { &self.journal.append } else { &self.journal.snapshot };
        way.turns_once(mood);
        seen.faults += 1;
    }

    /// What a process that crashed had under way may end the room after it once more.
    async fn everybody_comes_back(&mut self) {
        loop {
            let room = self.room().await;
            let _ = room.set(Settings::default(), notice("session-updated")).await;
            let parts = self.clients.iter().map(|client| (client.user, Part::Navigator)).collect();
            let _ = room.set_parts(parts, notice("role-changed")).await;
            for client in &mut self.clients {
                client.rejoin(&room).await;
            }
            for listener in &mut self.listeners {
                listener.rejoin(&room).await;
            }
            if room.text().await.is_ok() {
                return;
            }
        }
    }

    async fn check(&mut self, seen: &mut Seen) {
        let room = self.room().await;
        let text = room.text().await.unwrap();
        let (mut document, record) = (Document::new(), self.school.record(self.session).await);
        assert!(record.iter().map(|entry| entry.seq).eq(1..=record.len() as u64));
        assert!(record.is_sorted_by_key(|entry| entry.at));
        for entry in record.iter().filter(|entry| entry.kind == Kind::Edit) {
            let update = Update::read(entry.data.clone()).unwrap();
            assert_eq!(document.take(entry.author.unwrap(), &update), Ok(Fit::New), "nothing is kept twice");
        }
        assert_eq!(document.text(), text, "the record alone");
        for client in &mut self.clients {
            client.settle().await;
            assert_eq!(client.text(), text);
            assert_eq!(client.known(), document.state_vector());
        }
        for listener in &mut self.listeners {
            listener.settle().await;
            assert_eq!((listener.text(), &listener.waiting), (text.clone(), &None));
            seen.acks += listener.heard("ack").len();
            seen.stale += listener.heard("error").len();
        }
        seen.entries += record.len();
        self.process.take().unwrap().stop().await;
        let again = self.school.restarted();
        assert_eq!(again.room(self.session).await.text().await.unwrap(), text, "what was put away");
    }
}
