//! Documents with their clients on one server, from the first connection to the last look at what arrived.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::client::{Client, MAX_MESSAGE, Room};
use super::coverage::Coverage;
use super::probe;
use super::schedule::Pacer;
use super::stats::{Figures, Stats};
use super::target::{Kind, Target};
use crate::frame::Frames;
use crate::handshake;

/// Connections that are opened at a time.
const OPENING: usize = 64;
/// How long the server may keep silent while clients synchronise.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with its documents.
pub struct World {
    /// The server.
    pub target: Rc<Target>,
    /// What was seen.
    pub stats: Rc<Stats>,
    /// The documents.
    pub rooms: RefCell<Vec<Rc<Room>>>,
    pacer: Rc<Pacer>,
    random: RefCell<StdRng>,
    next: Cell<u64>,
    grace: Duration,
    connected: Cell<u64>,
    tasks: RefCell<JoinSet<()>>,
}

impl World {
    /// A server without documents. The same seed types at the same times; what does not move for `grace` seconds is lost.
    ///
    /// # Errors
    /// When figures cannot be kept.
    pub fn new(target: Rc<Target>, seed: u64, grace: f64) -> Result<Self> {
        let stats = Rc::new(Stats::new()?);
        let pacer = Rc::new(Pacer::new(Rc::clone(&stats)));
        let mut random = StdRng::seed_from_u64(seed);
        // As many bytes as Yjs's random ids have.
        let next = Cell::new(random.random_range(1 << 28..1 << 31));
        let mut tasks = JoinSet::new();
        let running = Rc::clone(&pacer);
        tasks.spawn_local(async move {
            if let Err(error) = running.run().await {
                eprintln!("no timer: {error}");
            }
        });
        let (rooms, connected) = (RefCell::default(), Cell::new(0));
        let grace = Duration::from_secs_f64(grace);
        Ok(Self {
            target,
            stats,
            rooms,
            pacer,
            random: random.into(),
            next,
            grace,
            connected,
            tasks: tasks.into(),
        })
    }

    /// Makes `documents` with so many `clients` each and waits until all of them are synchronised.
    ///
    /// # Errors
    /// When the server refuses one of them, or does not answer.
    pub async fn add(&self, documents: u32, clients: u32) -> Result<()> {
        let opening = Rc::new(Semaphore::new(OPENING));
        let mut joining = JoinSet::new();
        let mut rooms = BTreeMap::new();
        for _ in 0..documents {
            let first = self.next.get();
            self.next.set(first + u64::from(clients));
            let document = self.target.document().await?;
            let room = Rc::new(Room { document, first, members: RefCell::default() });
            for id in first..first + u64::from(clients) {
                let path = self.target.path(&room.document).await?;
                let permit = Rc::clone(&opening);
                let (target, room, stats) =
                    (Rc::clone(&self.target), Rc::clone(&room), Rc::clone(&self.stats));
                joining.spawn_local(async move {
                    let _permit = permit.acquire().await?;
                    let upgraded = handshake::connect(target.address, &path).await?;
                    let (read, write) = upgraded.stream.into_split();
                    let mut frames = Frames::new(MAX_MESSAGE, false);
                    frames.push(&upgraded.rest);
                    anyhow::Ok((Client::new(id, room, stats, write), read, frames))
                });
                self.collect(&mut joining, &mut rooms, OPENING).await?;
            }
            rooms.insert(first, (room, Vec::new()));
        }
        self.collect(&mut joining, &mut rooms, 0).await?;
        for (room, mut members) in rooms.into_values() {
            members.sort_by_key(|client: &Rc<Client>| client.id);
            room.members.replace(members);
            self.rooms.borrow_mut().push(room);
        }
        let synced = || self.stats.synced.get() + self.stats.ended() >= self.connected.get();
        ensure!(self.stats.until(PATIENCE, synced).await, "the server does not synchronise everybody");
        Ok(())
    }

    /// Takes up clients that are connected, until at most `left` are not.
    async fn collect(
        &self,
        joining: &mut JoinSet<Result<Joined>>,
        rooms: &mut BTreeMap<u64, (Rc<Room>, Vec<Rc<Client>>)>,
        left: usize,
    ) -> Result<()> {
        while joining.len() > left {
            let (client, half, frames) = joining.join_next().await.context("nobody joins")???;
            self.tasks.borrow_mut().spawn_local(Rc::clone(&client).listen(half, frames));
            self.connected.set(self.connected.get() + 1);
            if self.target.kind == Kind::Relay {
                client.synchronised();
            } else {
                client.ask();
            }
            rooms.range_mut(..=client.id).next_back().context("no room")?.1.1.push(client);
        }
        Ok(())
    }

    /// From now on `writers` of each document type, each `rate` letters a second.
    pub fn write(&self, writers: u32, rate: f64) {
        let rooms = self.rooms.borrow();
        let typing = rooms.iter().flat_map(|room| {
            let members = room.members.borrow();
            members.iter().take(writers as usize).map(Rc::clone).collect::<Vec<_>>()
        });
        self.pacer.set(typing.collect(), rate, &mut self.random.borrow_mut());
    }

    /// Nobody types any more. Returns how many letters were due and could not be sent.
    pub fn hush(&self) -> u64 {
        self.pacer.stop()
    }

    /// Measures for so long, while whoever types goes on.
    ///
    /// # Errors
    /// When the server's process is gone.
    pub async fn measure(&self, seconds: f64, server: Option<u32>) -> Result<Figures> {
        let window = self.stats.begin(server)?;
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        window.end(&self.stats)
    }

    /// Waits for what is under way, then looks at what every client and, where the server knows documents, a fresh one has.
    ///
    /// # Errors
    /// When a fresh client cannot ask.
    pub async fn settle(&self) -> Result<Settled> {
        // Cheap to ask at every change; exact once the count is right.
        let sent = || {
            let rooms = self.rooms.borrow();
            let all = rooms.iter().map(|room| {
                let members = room.members.borrow();
                let sent: u64 = members.iter().map(|client| u64::from(client.sent.get())).sum();
                sent * (members.len() as u64 - 1)
            });
            all.sum::<u64>()
        };
        let expected = sent();
        self.stats.until(self.grace, || self.stats.deliveries.get() >= expected).await;
        let rooms: Vec<Rc<Room>> = self.rooms.borrow().clone();
        let mut settled = Settled {
            unknown_to_server: (self.target.kind != Kind::Relay).then_some(0),
            ..Settled::default()
        };
        for room in rooms {
            settled.lost += lost(&room);
            if let Some(unknown) = &mut settled.unknown_to_server {
                let expected: BTreeMap<u64, u32> =
                    room.members.borrow().iter().map(|client| (client.id, client.sent.get())).collect();
                let known = probe::until_known(&self.target, &room.document, &expected, self.grace).await?;
                *unknown += expected.iter().map(|(id, sent)| missing(known.get(id), *sent)).sum::<u64>();
            }
        }
        settled.closed = self.stats.closed.borrow().clone();
        Ok(settled)
    }

    /// Sends everybody home.
    pub async fn leave(self) {
        for room in self.rooms.borrow().iter() {
            for client in room.members.take() {
                client.leave();
            }
        }
        // Sockets close with their tasks.
        let mut tasks = self.tasks.take();
        tasks.shutdown().await;
    }

    /// What the run saw, beside its figures.
    #[must_use]
    pub fn json(&self, settled: &Settled) -> Value {
        json!({
            "connections": self.connected.get(), "generator_latest_us": self.pacer.latest(),
            "lost": settled.lost, "closed_sockets": settled.closed, "unknown_to_server": settled.unknown_to_server,
            "converged": settled.converged(),
            "echoes": self.stats.echoes.get(), "repeats": self.stats.repeats.get(),
            "unreadable": self.stats.unreadable.get(), "sent_in_all": self.stats.sent.get(),
        })
    }
}

type Joined = (Rc<Client>, tokio::net::tcp::OwnedReadHalf, Frames);

/// What was left when nothing moved any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Updates that a client that is still connected never received, each once a client.
    pub lost: u64,
    /// Updates that the server does not tell a fresh client; nothing where it knows no documents.
    pub unknown_to_server: Option<u64>,
    /// Sockets that the server ended, by code.
    pub closed: BTreeMap<u16, u64>,
}

impl Settled {
    /// Whether everybody has everything.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.lost == 0 && self.unknown_to_server.unwrap_or(0) == 0 && self.closed.is_empty()
    }
}

/// What connected members of a room have not received.
fn lost(room: &Room) -> u64 {
    let members = room.members.borrow();
    let of = |client: &Rc<Client>| -> u64 {
        let heard = client.heard.borrow();
        let others = members.iter().enumerate().filter(|(_, writer)| writer.id != client.id);
        others.map(|(place, writer)| missing(heard.get(place), writer.sent.get())).sum()
    };
    members.iter().filter(|client| !client.ended.get()).map(of).sum()
}

fn missing(known: Option<&Coverage>, sent: u32) -> u64 {
    u64::from(known.map_or(sent, |known| known.missing(sent)))
}
