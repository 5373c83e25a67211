//! Outboxes with a line and without.

use std::io::ErrorKind;
use std::sync::Mutex;

use super::frame::OVERHEAD;
use super::state::{MAX_ANSWERS, TOO_SLOW};
use super::*;

/// The bytes of a frame's head, for payloads of 65,536 bytes and more.
const HEAD: usize = 10;

fn text(size: usize, version: u64) -> Frame {
    Frame::text(&vec![0; size], version)
}

fn answer(n: usize) -> Frame {
    Frame::answer(n.to_string().as_bytes())
}

/// A line that takes so many bytes and no more.
#[derive(Default)]
struct Narrow {
    taken: Mutex<Vec<u8>>,
    room: Mutex<usize>,
    is_cut: Mutex<bool>,
}

impl Narrow {
    fn new(room: usize) -> Arc<Self> {
        Arc::new(Self { room: Mutex::new(room), ..Self::default() })
    }

    fn widen(&self, by: usize) {
        *self.room.lock().unwrap() += by;
    }

    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }
}

impl Line for Narrow {
    fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        if *self.is_cut.lock().unwrap() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let mut room = self.room.lock().unwrap();
        if *room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let mut count = 0;
        for part in parts {
            let fits = part.len().min(*room);
            self.taken.lock().unwrap().extend(&part[..fits]);
            *room -= fits;
            count += fits;
        }
        Ok(count)
    }
}

#[tokio::test]
async fn frames_come_in_order_and_closing_comes_first() {
    let outbox = Outbox::default();
    outbox.push(text(1, 1));
    outbox.push(Frame::event(b"{}"));
    assert_eq!(outbox.next().await, Next::Frame(text(1, 1)));
    assert_eq!(outbox.waiting(), 4 + OVERHEAD);
    outbox.close(1000);
    outbox.close(4400);
    outbox.push(text(1, 2));
    assert_eq!(outbox.next().await, Next::Close(1000));
    assert_eq!(outbox.waiting(), 0);
}

#[tokio::test]
async fn answers_stay_and_a_state_may_be_large() {
    let outbox = Outbox::default();
    outbox.push(text(MAX_BYTES / 2, 1));
    outbox.push(answer(1));
    outbox.push(text(MAX_BYTES, 2));
    outbox.push(answer(2));
    assert_eq!(outbox.next().await, Next::Behind(0));
    assert_eq!(outbox.next().await, Next::Frame(answer(1)));
    assert_eq!(outbox.next().await, Next::Frame(answer(2)));
    outbox.catch_up([text(1, 2)]);
    let state = |size: usize| Frame::state(&vec![b' '; size]);
    outbox.push(state(1));
    outbox.push(Frame::event(b"{}"));
    outbox.push(state(2 * MAX_BYTES));
    outbox.push(text(1, 3));
    assert_eq!(outbox.next().await, Next::Frame(text(1, 2)));
    assert_eq!(outbox.next().await, Next::Frame(state(2 * MAX_BYTES)));
    assert_eq!(outbox.next().await, Next::Frame(text(1, 3)));
    for n in 0..=MAX_ANSWERS {
        outbox.push(answer(n));
    }
    assert_eq!(outbox.next().await, Next::Close(TOO_SLOW));
    assert_eq!(outbox.waiting(), 0);
}

#[tokio::test]
async fn an_end_may_wait_for_what_was_said_before() {
    let outbox = Outbox::default();
    outbox.push(text(1, 1));
    outbox.finish(1000);
    outbox.push(text(1, 2));
    assert_eq!(outbox.next().await, Next::Frame(text(1, 1)));
    assert_eq!(outbox.next().await, Next::Close(1000));
    let plain = Outbox::new(Hears::Messages);
    plain.push(Frame::event(b"{}"));
    assert_eq!(plain.try_next(), None, "events are not for everybody");
    plain.finish(1012);
    assert_eq!(plain.next().await, Next::Close(1012));
}

#[tokio::test]
async fn who_does_not_read_holds_no_more_than_the_bound_and_gets_one_difference() {
    let outbox = Outbox::default();
    outbox.push(text(10, 7));
    assert!(matches!(outbox.next().await, Next::Frame(_)));
    for version in 8..1_000 {
        outbox.push(text(10_000, version));
        assert!(outbox.waiting() <= MAX_BYTES);
    }
    assert_eq!(outbox.waiting(), 0);
    assert_eq!(outbox.next().await, Next::Behind(7));
    assert_eq!(outbox.try_next(), None, "told once");
    outbox.push(text(1, 1_000));
    assert_eq!(outbox.try_next(), None, "what comes meanwhile is in the difference");
    outbox.catch_up([text(MAX_BYTES + 1, 1_000)]);
    assert_eq!(outbox.next().await, Next::Frame(text(MAX_BYTES + 1, 1_000)));
    outbox.push(text(1, 1_001));
    assert_eq!(outbox.next().await, Next::Frame(text(1, 1_001)));
}

#[tokio::test]
async fn a_line_takes_frames_at_once_and_what_it_does_not_take_waits() {
    let line = Narrow::new(6);
    let outbox = Outbox::default();
    outbox.push(text(1, 1));
    outbox.connect(line.clone());
    assert_eq!((line.taken(), outbox.try_next()), (vec![0x82, 1, 0], None));
    outbox.push(Frame::event(b"{}"));
    outbox.push(text(2, 2));
    assert!(line.taken().is_empty(), "until the flush");
    outbox.flush();
    assert_eq!(line.taken(), [0x81, 2, b'{']);
    assert_eq!(outbox.next().await, Next::Stuck);
    assert_eq!(outbox.try_next(), None, "told once");
    outbox.flush();
    assert_eq!(outbox.resume(), Resumed::None);
    line.widen(2);
    outbox.flush();
    assert!(line.taken().is_empty(), "the connection is waited for");
    assert_eq!(outbox.resume(), Resumed::Some);
    assert_eq!(outbox.try_next(), None, "it knows");
    line.widen(100);
    assert_eq!(outbox.resume(), Resumed::All);
    assert_eq!(line.taken(), [b'}', 0x82, 2, 0, 0]);
    outbox.finish(1000);
    assert_eq!(outbox.next().await, Next::Close(1000));
}

#[tokio::test]
async fn what_may_go_at_once_is_not_queued() {
    let line = Narrow::new(4);
    let outbox = Outbox::new(Hears::Messages);
    outbox.send(&text(1, 1));
    outbox.connect(line.clone());
    assert_eq!(line.taken(), [0x82, 1, 0], "what waited for the line comes first");
    outbox.send(&Frame::event(b"{}"));
    assert!(line.taken().is_empty(), "events are not for everybody");
    outbox.send(&text(2, 2));
    outbox.send(&text(0, 3));
    assert_eq!((line.taken(), outbox.next().await), (vec![0x82], Next::Stuck));
    line.widen(100);
    assert_eq!(outbox.resume(), Resumed::All);
    assert_eq!(line.taken(), [2, 0, 0, 0x82, 0]);
    assert!(outbox.was_busy() && !outbox.was_busy());
    outbox.send(&text(1, 4));
    assert_eq!((line.taken(), outbox.was_busy()), (vec![0x82, 1, 0], true));
    *line.is_cut.lock().unwrap() = true;
    outbox.send(&text(1, 5));
    assert_eq!(outbox.next().await, Next::Close(GONE));
    outbox.send(&text(1, 6));
    assert_eq!(outbox.waiting(), 0);
}

#[tokio::test]
async fn half_a_frame_is_never_left_behind() {
    let line = Narrow::new(20);
    let outbox = Outbox::default();
    outbox.connect(line.clone());
    outbox.push(text(100_000, 1));
    outbox.flush();
    assert_eq!(outbox.next().await, Next::Stuck);
    for version in 2..200 {
        outbox.push(text(10_000, version));
        outbox.flush();
        assert!(outbox.waiting() <= MAX_BYTES);
    }
    assert_eq!(outbox.waiting(), 100_000 + HEAD + OVERHEAD, "the half-written one stays");
    assert_eq!(outbox.try_next(), None, "nobody asks for more before it is through");
    line.widen(1_000_000);
    assert_eq!(outbox.resume(), Resumed::All);
    assert_eq!(outbox.next().await, Next::Behind(1));
    outbox.catch_up([text(5, 200)]);
    outbox.flush();
    assert_eq!(line.taken().len(), 100_000 + HEAD + 7);
    // The goodbye comes after what was begun, and instead of what was not.
    line.widen(0);
    *line.room.lock().unwrap() = 1;
    outbox.push(text(1, 201));
    outbox.push(text(1, 202));
    outbox.flush();
    outbox.close(4403);
    outbox.push_control(Frame::control(vec![0x88, 0].into()));
    assert_eq!(outbox.next().await, Next::Close(4403));
    line.widen(100);
    assert_eq!(outbox.resume(), Resumed::All);
    assert_eq!(line.taken(), [0x82, 1, 0, 0x88, 0]);
}

#[tokio::test]
async fn a_line_that_breaks_ends_it_and_controls_are_bounded() {
    let line = Narrow::new(0);
    let outbox = Outbox::default();
    outbox.connect(line.clone());
    for _ in 0..2 * MAX_CONTROLS {
        outbox.push_control(Frame::control(vec![0x8a, 0].into()));
    }
    assert_eq!(outbox.waiting(), MAX_CONTROLS * (2 + OVERHEAD));
    *line.is_cut.lock().unwrap() = true;
    assert_eq!(outbox.resume(), Resumed::All);
    assert_eq!((outbox.next().await, outbox.waiting()), (Next::Close(GONE), 0));
    let left = Outbox::default();
    left.connect(Narrow::new(0));
    left.push(text(1, 1));
    left.disconnect();
    left.push(text(1, 2));
    assert_eq!((left.try_next(), left.waiting()), (Some(Next::Close(GONE)), 0));
}
