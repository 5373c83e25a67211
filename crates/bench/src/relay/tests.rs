//! A relay on port 0 of the test's own thread.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::LocalSet;
use tokio::time::{Duration, timeout};

use super::*;

struct Client {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
    frames: Frames,
}

impl Client {
    async fn join(relay: SocketAddr, room: &str) -> Self {
        let upgraded = handshake::connect(relay, room).await.unwrap();
        let (read, write) = upgraded.stream.into_split();
        Self { read, write, frames: Frames::new(1 << 20, false) }
    }

    async fn send(&mut self, opcode: u8, payload: &[u8]) {
        let mut bytes = Vec::new();
        frame::write(&mut bytes, opcode, payload, Some([7, 1, 2, 3]));
        self.write.write_all(&bytes).await.unwrap();
    }

    /// What the next read brings; `None` when the connection is over.
    async fn next(&mut self) -> Option<Vec<(u8, Vec<u8>)>> {
        let mut got = Vec::new();
        let read = poll_fn(|cx| {
            self.frames.poll(cx, &mut self.read, |frame| {
                got.push((frame.opcode, frame.payload.to_vec()));
                Ok(())
            })
        });
        let more = timeout(Duration::from_secs(20), read).await.expect("nothing came").unwrap_or(false);
        more.then_some(got)
    }
}

async fn on_relay<F: Future<Output = ()>>(test: impl FnOnce(SocketAddr) -> F) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(serve(listener, std::future::pending()));
            test(address).await;
        })
        .await;
}

#[tokio::test]
async fn a_frame_goes_to_all_others_of_the_room_only() {
    on_relay(|relay| async move {
        let mut room = [
            Client::join(relay, "/a").await,
            Client::join(relay, "/a").await,
            Client::join(relay, "/a").await,
        ];
        let mut elsewhere = Client::join(relay, "/b").await;
        let large = vec![5; 100_000];
        room[0].send(frame::BINARY, b"one").await;
        room[0].send(frame::BINARY, &large).await;
        for member in &mut room[1..] {
            let mut got = Vec::new();
            while got.len() < 2 {
                got.extend(member.next().await.unwrap());
            }
            assert_eq!(got, [(frame::BINARY, b"one".to_vec()), (frame::BINARY, large.clone())]);
        }
        // Neither the sender nor another room heard it: the answer to a ping comes first.
        for quiet in [&mut room[0], &mut elsewhere] {
            quiet.send(frame::PING, b"?").await;
            assert_eq!(quiet.next().await.unwrap(), [(frame::PONG, b"?".to_vec())]);
        }
        room[0].send(frame::CLOSE, &1000_u16.to_be_bytes()).await;
        assert_eq!(room[0].next().await.unwrap(), [(frame::CLOSE, vec![3, 232])]);
        assert_eq!(room[0].next().await, None);
    })
    .await;
}

/// The one who reads gets every frame in order; the one who does not is closed, and what it got is a beginning without a hole.
#[tokio::test]
async fn a_stalled_reader_is_closed_and_never_loses_silently() {
    on_relay(|relay| async move {
        let mut writer = Client::join(relay, "/a").await;
        let mut reader = Client::join(relay, "/a").await;
        let mut stalled = Client::join(relay, "/a").await;
        let count = 600_u32;
        // More than sockets and queue hold together, written no faster than the reader reads.
        for number in 0..count {
            writer.send(frame::BINARY, &number.to_be_bytes().repeat(10_000)).await;
            let mut heard = Vec::new();
            while heard.is_empty() {
                heard = reader.next().await.unwrap();
            }
            assert_eq!(heard.len(), 1);
            assert_eq!(heard[0].1[..4], number.to_be_bytes());
        }
        let mut before = 0_u32;
        while let Some(frames) = stalled.next().await {
            for (_, payload) in frames {
                assert_eq!(payload[..4], before.to_be_bytes());
                before += 1;
            }
        }
        assert!(before < count, "it was never closed");
    })
    .await;
}
