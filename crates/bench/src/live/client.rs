//! One client of one document: types on schedule, notes what it hears of the others, answers what the server asks.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::ops::Range;
use std::rc::Rc;

use anyhow::{Result, bail};
use codementor_hub::wire::state_vector::StateVector;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;

use super::coverage::Coverage;
use super::schedule::Schedule;
use super::stats::{Stats, add};
use super::yjs::{self, Heard};
use crate::frame::{self, Frame, Frames};

/// The largest message a server may send: a whole document with its history.
pub const MAX_MESSAGE: usize = 64 * 1024 * 1024;
/// Bytes that may wait until the server reads; behind them the client stops typing, and what is due stays due.
const MAX_WAITING: usize = 256 * 1024;
/// A close without a code, as browsers call it.
const WITHOUT_CODE: u16 = 1006;

/// The clients of one document. Their ids follow each other.
#[derive(Debug)]
pub struct Room {
    /// Its name on the server.
    pub document: String,
    /// The id of the first client.
    pub first: u64,
    /// All of them, once they are connected.
    pub members: RefCell<Vec<Rc<Client>>>,
}

/// A client that is connected or was.
#[derive(Debug)]
pub struct Client {
    /// Its Yjs id.
    pub id: u64,
    /// Units it typed.
    pub sent: Cell<u32>,
    /// When each of them was due.
    pub schedule: RefCell<Schedule>,
    /// What it has of each member of the room.
    pub heard: RefCell<Vec<Coverage>>,
    /// Whether the connection is over.
    pub ended: Cell<bool>,
    room: Rc<Room>,
    stats: Rc<Stats>,
    write: OwnedWriteHalf,
    waiting: RefCell<Vec<u8>>,
    blocked: Cell<bool>,
    synced: Cell<bool>,
    leave: Notify,
    mask: Cell<u32>,
}

impl Client {
    /// A client whose socket is open.
    pub fn new(id: u64, room: Rc<Room>, stats: Rc<Stats>, write: OwnedWriteHalf) -> Rc<Self> {
        Rc::new(Self {
            id,
            sent: Cell::default(),
            schedule: RefCell::default(),
            heard: RefCell::default(),
            ended: Cell::default(),
            room,
            stats,
            write,
            waiting: RefCell::default(),
            blocked: Cell::default(),
            synced: Cell::default(),
            leave: Notify::new(),
            mask: Cell::new(id as u32 | 1),
        })
    }

    /// Asks for what the server has.
    pub fn ask(self: &Rc<Self>) {
        self.send(frame::BINARY, &yjs::question());
        self.flush();
    }

    /// Its first synchronisation is over.
    pub fn synchronised(&self) {
        if !self.synced.replace(true) {
            add(&self.stats.synced, 1);
            self.stats.changed.notify_waiters();
        }
    }

    /// Listens until either side leaves.
    pub async fn listen(self: Rc<Self>, mut half: OwnedReadHalf, mut frames: Frames) {
        let leave = self.leave.notified();
        tokio::pin!(leave);
        let mut code = WITHOUT_CODE;
        let mut result =
            frames.drain(|frame| self.receive(&frame, &mut code, self.stats.now())).map(|()| true);
        while matches!(result, Ok(true)) {
            let read = poll_fn(|cx| {
                let mut now = None;
                let polled = frames.poll(cx, &mut half, |frame| {
                    let now = *now.get_or_insert_with(|| self.stats.now());
                    self.receive(&frame, &mut code, now)
                });
                if now.is_some() {
                    self.stats.changed.notify_waiters();
                }
                polled
            });
            result = tokio::select! {
                biased;
                read = read => read,
                () = &mut leave => {
                    self.ended.set(true);
                    return;
                }
            };
        }
        self.ended.set(true);
        *self.stats.closed.borrow_mut().entry(code).or_default() += 1;
        self.stats.changed.notify_waiters();
    }

    /// Says goodbye and stops listening.
    pub fn leave(self: &Rc<Self>) {
        self.send(frame::CLOSE, &1000_u16.to_be_bytes());
        self.flush();
        self.leave.notify_one();
    }

    fn receive(self: &Rc<Self>, frame: &Frame<'_>, code: &mut u16, now: u64) -> Result<()> {
        match frame.opcode {
            frame::BINARY => self.hear(frame.payload, now),
            frame::PING => {
                self.send(frame::PONG, frame.payload);
                self.flush();
            }
            frame::CLOSE => {
                *code = frame::close_code(frame.payload);
                self.send(frame::CLOSE, frame.payload);
                self.flush();
                bail!("closed");
            }
            _ => {}
        }
        Ok(())
    }

    fn hear(self: &Rc<Self>, payload: &[u8], now: u64) {
        let mut own = 0;
        let heard = yjs::read(payload, |client, units| {
            if client == self.id {
                own += units.len() as u64;
            } else {
                self.note(client, units, now);
            }
        });
        match heard {
            Ok(Heard::Update) => add(&self.stats.echoes, own),
            Ok(Heard::Answer) => self.synchronised(),
            Ok(Heard::Question(question)) => self.answer(&question),
            Ok(Heard::Aside) => {}
            Err(_) => add(&self.stats.unreadable, 1),
        }
    }

    fn note(&self, client: u64, units: Range<u32>, now: u64) {
        let members = self.room.members.borrow();
        let place = client.checked_sub(self.room.first).and_then(|place| usize::try_from(place).ok());
        let Some((place, writer)) = place.and_then(|place| Some((place, members.get(place)?))) else {
            return add(&self.stats.unreadable, 1);
        };
        let mut heard = self.heard.borrow_mut();
        if heard.len() < members.len() {
            heard.resize(members.len(), Coverage::default());
        }
        let schedule = writer.schedule.borrow();
        let repeats = heard[place].add(units, |new| {
            new.for_each(|clock| self.stats.deliver(schedule.due(clock), now));
        });
        add(&self.stats.repeats, u64::from(repeats));
    }

    fn answer(self: &Rc<Self>, question: &StateVector) {
        self.send(frame::BINARY, &yjs::answer(self.id, self.sent.get(), question));
        self.flush();
    }

    /// Types everything that is due. Returns when the next is, or nothing when the connection is over.
    pub fn type_due(self: &Rc<Self>, now: u64) -> Option<u64> {
        if self.ended.get() {
            return None;
        }
        let schedule = self.schedule.borrow();
        let mut due = schedule.due(self.sent.get());
        while due <= now && self.waiting.borrow().len() < MAX_WAITING {
            let clock = self.sent.get();
            self.send(frame::BINARY, &yjs::typed(self.id, clock..clock + 1));
            self.sent.set(clock + 1);
            add(&self.stats.sent, 1);
            due = schedule.due(clock + 1);
        }
        self.flush();
        Some(due)
    }

    fn send(&self, opcode: u8, payload: &[u8]) {
        // A mask hides nothing here; it only has to differ, as the protocol wants it (xorshift).
        let mut mask = self.mask.get();
        mask ^= mask << 13;
        mask ^= mask >> 17;
        mask ^= mask << 5;
        self.mask.set(mask);
        frame::write(&mut self.waiting.borrow_mut(), opcode, payload, Some(mask.to_ne_bytes()));
    }

    fn flush(self: &Rc<Self>) {
        if !self.blocked.get() && !self.write_waiting() {
            self.blocked.set(true);
            let client = Rc::clone(self);
            tokio::task::spawn_local(async move {
                while !client.ended.get() && client.write.writable().await.is_ok() && !client.write_waiting()
                {
                }
                client.blocked.set(false);
            });
        }
    }

    /// Writes what waits; `false` when the socket takes no more for now. That it is broken, the listener finds out.
    fn write_waiting(&self) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        while !waiting.is_empty() {
            match self.write.try_write(&waiting) {
                Ok(written) => drop(waiting.drain(..written)),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                Err(_) => waiting.clear(),
            }
        }
        if waiting.capacity() > 1024 {
            *waiting = Vec::new();
        }
        true
    }
}
