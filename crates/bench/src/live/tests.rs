//! Whole runs against servers on this thread: the relay, which must come out clean, and servers with one fault each, which must not.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

use super::*;
use crate::frame::{self, Frames};
use crate::handshake;

/// What is wrong with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It loses every tenth frame.
    Loses,
    /// It tells writers what they wrote.
    Echoes,
    /// It closes who says too much.
    Closes,
    /// It answers questions, and forgets what it is told.
    Forgets,
}

async fn on_server(fault: Option<Fault>, kind: Kind, more: &str) -> Value {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let line =
        format!("live pair --url {origin} --warmup 0.1 --grace 1 --documents 2 --clients 3 --rate 50 {more}");
    let plan = Plan::read(&options::command().get_matches_from(line.split_whitespace())).unwrap();
    LocalSet::new()
        .run_until(async {
            match fault {
                None => tokio::task::spawn_local(crate::relay::serve(listener, std::future::pending())),
                Some(fault) => tokio::task::spawn_local(faulty(listener, fault)),
            };
            run(&plan, kind, &origin, Some(std::process::id())).await.unwrap()
        })
        .await
}

#[tokio::test]
async fn nothing_is_lost_on_the_relay() {
    let report = on_server(None, Kind::Relay, "--seconds 1").await;
    assert_eq!(
        (&report["lost"], &report["converged"], &report["unreadable"]),
        (&json!(0), &json!(true), &json!(0))
    );
    assert_eq!((&report["echoes"], &report["repeats"]), (&json!(0), &json!(0)));
    assert_eq!((&report["closed_sockets"], &report["connections"]), (&json!({}), &json!(6)));
    // Two documents of three, each typing fifty a second, heard by the two others.
    assert_eq!(report["offered_per_second"], json!(600.0));
    let sent = report["sent_in_all"].as_u64().unwrap();
    assert!((300..1000).contains(&sent), "{report}");
    let rate = report["deliveries_per_second"].as_f64().unwrap();
    assert!((300.0..1200.0).contains(&rate), "{report}");
    // Each delivery that was due since the window began has its latency.
    let measured = report["latency_us"]["count"].as_u64().unwrap();
    assert!(measured <= 2 * sent && measured >= 500, "{report}");
    assert!(report["server_cpu_seconds_per_million_deliveries"].is_number(), "{report}");
}

#[tokio::test]
async fn the_writers_may_be_few() {
    let report = on_server(None, Kind::Relay, "--seconds 0.5 --writers 1").await;
    assert_eq!((&report["lost"], &report["offered_per_second"]), (&json!(0), &json!(200.0)));
}

#[tokio::test]
async fn loss_is_seen() {
    let report = on_server(Some(Fault::Loses), Kind::Relay, "--seconds 0.3").await;
    let (lost, sent) = (report["lost"].as_u64().unwrap(), report["sent_in_all"].as_u64().unwrap());
    // Each update goes to two others, and every tenth frame goes nowhere.
    assert!(lost.abs_diff(2 * sent / 10) <= 1, "{report}");
    assert_eq!(report["converged"], json!(false));
}

#[tokio::test]
async fn echoes_are_no_deliveries() {
    let report = on_server(Some(Fault::Echoes), Kind::Relay, "--seconds 0.3").await;
    assert_eq!(report["echoes"], report["sent_in_all"]);
    assert_eq!((&report["lost"], &report["repeats"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn closed_sockets_are_told_by_their_code() {
    let report = on_server(Some(Fault::Closes), Kind::Relay, "--seconds 0.5").await;
    assert_eq!((&report["closed_sockets"], &report["converged"]), (&json!({ "4008": 6 }), &json!(false)));
}

#[tokio::test]
async fn a_server_that_forgets_is_found_out() {
    let report = on_server(Some(Fault::Forgets), Kind::YWebsocket, "--seconds 0.3").await;
    assert_eq!((&report["lost"], &report["converged"]), (&json!(0), &json!(false)));
    assert_eq!(report["unknown_to_server"], report["sent_in_all"]);
}

#[test]
fn ratios_are_by_the_mean_of_both_floors() {
    let report = |rate: f64, p99: u32| json!({ "deliveries_per_second": rate, "latency_us": { "p99": p99 } });
    let ratios = ratios(&report(50.0, 30), &report(90.0, 10), &report(110.0, 20));
    assert_eq!((&ratios["deliveries_per_second"], &ratios["p99"]), (&json!(0.5), &json!(2.0)));
    assert_eq!(ratios["memory_per_connection"], Value::Null);
}

#[test]
fn of_several_rounds_the_median_counts() {
    let rounds = |p99: &[f64]| -> Vec<Value> {
        p99.iter().map(|p99| json!({ "ratios": { "p99": p99, "memory_per_connection": null } })).collect()
    };
    for (all, median) in [(&[3.0, 1.0, 9.0][..], 3.0), (&[1.0, 2.0], 1.5), (&[4.0], 4.0)] {
        let medians = medians(&rounds(all));
        assert_eq!((&medians["p99"], &medians["memory_per_connection"]), (&json!(median), &Value::Null));
    }
    assert_eq!(medians(&[])["p99"], Value::Null);
}

type Rooms = Rc<RefCell<BTreeMap<String, Vec<Rc<tokio::sync::Mutex<OwnedWriteHalf>>>>>>;

/// Forwards like the relay, simply, and with its fault.
async fn faulty(listener: TcpListener, fault: Fault) {
    let (rooms, forwarded) = (Rooms::default(), Rc::new(Cell::new(0_u32)));
    while let Ok((stream, _)) = listener.accept().await {
        tokio::task::spawn_local(member(stream, fault, Rc::clone(&rooms), Rc::clone(&forwarded)));
    }
}

async fn member(stream: TcpStream, fault: Fault, rooms: Rooms, forwarded: Rc<Cell<u32>>) {
    // Whoever only looks whether the port is open goes at once.
    let Ok(upgraded) = handshake::accept(stream).await else { return };
    let (mut read, write) = upgraded.stream.into_split();
    let write = Rc::new(tokio::sync::Mutex::new(write));
    rooms.borrow_mut().entry(upgraded.path.clone()).or_default().push(Rc::clone(&write));
    let mut frames = Frames::new(1 << 20, true);
    frames.push(&upgraded.rest);
    let mut received = 0;
    loop {
        let mut got = Vec::new();
        let more = std::future::poll_fn(|cx| {
            frames.poll(cx, &mut read, |frame| {
                got.extend((frame.opcode == frame::BINARY).then(|| frame.payload.to_vec()));
                Ok(())
            })
        });
        if !more.await.unwrap_or(false) {
            return;
        }
        for payload in got {
            if fault == Fault::Forgets && payload.starts_with(&[0, 0]) {
                // It has nothing, and wants nothing.
                send(&write, frame::BINARY, &[0, 1, 2, 0, 0]).await;
                continue;
            }
            received += 1;
            if fault == Fault::Closes && received == 5 {
                return send(&write, frame::CLOSE, &4008_u16.to_be_bytes()).await;
            }
            let members = rooms.borrow()[&upgraded.path].clone();
            for member in members {
                if fault != Fault::Echoes && Rc::ptr_eq(&member, &write) {
                    continue;
                }
                forwarded.set(forwarded.get() + 1);
                if fault != Fault::Loses || !forwarded.get().is_multiple_of(10) {
                    send(&member, frame::BINARY, &payload).await;
                }
            }
        }
    }
}

async fn send(member: &tokio::sync::Mutex<OwnedWriteHalf>, opcode: u8, payload: &[u8]) {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, opcode, payload, None);
    // It may have left.
    let _ = member.lock().await.write_all(&bytes).await;
}
