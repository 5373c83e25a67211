//! What an append costs, by the log and by a transaction of its own in the tables, as fast as it goes and as fast as people type:
//! `cargo test --release -p codementor-store -- --ignored --nocapture --exact sqlite::tests::journal::measure::appends`

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Journal};
use tokio::time::MissedTickBehavior;

use super::{folder, open};
use crate::SqliteJournal;
use crate::contract::fixtures::{noon, race};
use crate::contract::journal::fixtures::edits;
use crate::sqlite::journal::insert;
use crate::sqlite::open::flush;
use crate::sqlite::sync::Syncer;

const LASTING: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
enum Way {
    Log,
    Transaction,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn appends() {
    for pause in [Duration::ZERO, Duration::from_millis(100)] {
        for sessions in [1, 50] {
            for way in [Way::Log, Way::Transaction, Way::Log, Way::Transaction] {
                measure(way, sessions, pause).await;
            }
        }
    }
}

async fn measure(way: Way, sessions: usize, pause: Duration) {
    let (_folder, path) = folder();
    let journal = open(&path);
    // Its transactions, too, are to be on the disk soon.
    let failed = Arc::new(AtomicBool::new(false));
    let syncer = Arc::new(Syncer::start(flush(&path).unwrap(), failed).unwrap());
    let (begun, cpu) = (Instant::now(), cpu());
    let times =
        race(sessions, |_| append_for_a_while(Arc::clone(&journal), Arc::clone(&syncer), way, pause)).await;
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), self::cpu() - cpu);
    let mut times: Vec<_> = times.into_iter().flatten().collect();
    times.sort_unstable();
    let appends = times.len();
    let at = |part: f64| times[((appends as f64 * part) as usize).min(appends - 1)].as_secs_f64() * 1e6;
    journal.close().await;
    println!(
        "{way:?}, {sessions} sessions, {pause:?} between: {:.0} appends/s, p50 {:.1} µs, p99 {:.1}, p99.9 {:.1}, most {:.0}; \
         {:.1} µs of CPU an append, {} bytes an entry",
        appends as f64 / seconds,
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        cpu.as_secs_f64() * 1e6 / appends as f64,
        std::fs::metadata(&path).unwrap().len() / appends as u64,
    );
}

/// What this process used until now.
fn cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // Nanoseconds of each thread; one that ended a moment ago has none any more.
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).ok();
    let nanos = tasks.filter_map(|task| of(task.ok()?)?.split(' ').next()?.parse::<u64>().ok());
    Duration::from_nanos(nanos.sum())
}

async fn append_for_a_while(
    journal: Arc<SqliteJournal>,
    syncer: Arc<Syncer>,
    way: Way,
    pause: Duration,
) -> Vec<Duration> {
    let (session, author) = (SessionId::new(), Some(UserId::new()));
    let mut times = Vec::new();
    let mut ticks = (!pause.is_zero()).then(|| tokio::time::interval(pause));
    if let Some(ticks) = &mut ticks {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let begun = Instant::now();
    for seq in 1.. {
        if begun.elapsed() > LASTING {
            break;
        }
        match &mut ticks {
            Some(ticks) => drop(ticks.tick().await),
            None => tokio::task::yield_now().await,
        }
        let mut batch = edits(seq, seq);
        batch[0] = Entry { author, at: noon(seq.cast_signed()), ..batch[0].clone() };
        let asked = Instant::now();
        match way {
            Way::Log => journal.append(session, batch).await.unwrap(),
            Way::Transaction => {
                journal.database.write(move |conn| insert(conn, session, &batch)).await.unwrap();
                syncer.written();
            }
        }
        times.push(asked.elapsed());
    }
    times
}
