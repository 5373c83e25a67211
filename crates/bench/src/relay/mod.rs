//! The floor: a WebSocket server that hands every binary frame to all other members of the room, which is the path, and does nothing
//! else. What a live server costs above this is what it does for its users.
//!
//! It runs on one thread. A frame is written once and shared by all queues; what waits for a member when the thread has read
//! everything that is there goes out in one call. It never drops a frame silently: a member that lets 1 MiB wait is closed.

mod member;

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::net::{TcpListener, TcpStream};

use crate::frame::{self, Frame, Frames};
use crate::handshake;
use member::{Flusher, Member};

/// The largest message.
const MAX_MESSAGE: usize = 1024 * 1024;

type Room = Rc<RefCell<Vec<Rc<Member>>>>;

#[derive(Default)]
struct Relay {
    rooms: RefCell<HashMap<String, Room>>,
    flusher: Flusher,
}

/// Listens, says where, and serves until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot listen.
pub async fn run(listen: std::net::SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    println!("listening on ws://{}", listener.local_addr()?);
    serve(listener, async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    })
    .await;
    Ok(())
}

/// Serves on this thread's [`tokio::task::LocalSet`] until `shutdown` is over.
pub async fn serve(listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let relay = Rc::new(Relay::default());
    let mut tasks = tokio::task::JoinSet::new();
    let flushing = Rc::clone(&relay);
    tasks.spawn_local(async move { flushing.flusher.run().await });
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => return,
            accepted = listener.accept() => accepted,
            Some(_) = tasks.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let relay = Rc::clone(&relay);
                tasks.spawn_local(async move {
                    // Whatever a client did wrong, it has left.
                    let _ = relay.connection(stream).await;
                });
            }
            // Out of file descriptors: some will be free again.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

impl Relay {
    async fn connection(&self, stream: TcpStream) -> Result<()> {
        let upgraded = handshake::accept(stream).await?;
        let (mut half, write) = upgraded.stream.into_split();
        let me = Rc::new(Member::new(write));
        // Heard from here on, also before it is first awaited.
        let closed = me.closed.notified();
        tokio::pin!(closed);
        let room = Rc::clone(self.rooms.borrow_mut().entry(upgraded.path.clone()).or_default());
        room.borrow_mut().push(Rc::clone(&me));
        let mut frames = Frames::new(MAX_MESSAGE, true);
        frames.push(&upgraded.rest);
        let mut result = frames.drain(|frame| self.receive(&room, &me, &frame)).map(|()| true);
        while matches!(result, Ok(true)) {
            let read = poll_fn(|cx| frames.poll(cx, &mut half, |frame| self.receive(&room, &me, &frame)));
            result = tokio::select! {
                () = &mut closed => break,
                read = read => read,
            };
        }
        me.close();
        room.borrow_mut().retain(|member| !Rc::ptr_eq(member, &me));
        if room.borrow().is_empty() {
            self.rooms.borrow_mut().remove(&upgraded.path);
        }
        result.map(|_| ())
    }

    fn receive(&self, room: &Room, me: &Rc<Member>, frame: &Frame<'_>) -> Result<()> {
        match frame.opcode {
            frame::BINARY => {
                let shared = encode(frame::BINARY, frame.payload);
                let room = room.borrow();
                for member in room.iter().filter(|member| !Rc::ptr_eq(member, me)) {
                    self.flusher.push(member, &shared);
                }
            }
            frame::PING => self.flusher.push(me, &encode(frame::PONG, frame.payload)),
            frame::CLOSE => {
                self.flusher.push(me, &encode(frame::CLOSE, frame.payload));
                me.flush();
                bail!("closed");
            }
            // Texts and answers to nothing have no room here.
            _ => {}
        }
        Ok(())
    }
}

fn encode(opcode: u8, payload: &[u8]) -> Rc<[u8]> {
    let mut bytes = Vec::with_capacity(payload.len() + 10);
    frame::write(&mut bytes, opcode, payload, None);
    bytes.into()
}

#[cfg(test)]
mod tests;
