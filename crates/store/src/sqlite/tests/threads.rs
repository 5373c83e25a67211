//! The writer's groups, the bounded queues, and closing.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use codementor_core::ports::{Created, Store, StoreError, StoreResult, Users};
use futures_util::FutureExt;
use futures_util::future::join_all;
use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::super::fault::{DbResult, Fault};
use super::super::{query, users};
use super::{folder, open};
use crate::contract::fixtures::{guest, name};
use crate::{Options, SqliteStore};

/// A write that lasts until it is told to end.
struct LongWrite {
    end: mpsc::Sender<()>,
    task: JoinHandle<StoreResult<()>>,
}

impl LongWrite {
    /// Comes back when the writer is busy with it.
    async fn begin(store: &Arc<SqliteStore>) -> Self {
        let (end, ended) = mpsc::channel();
        let ended = Mutex::new(ended);
        let (begun, has_begun) = oneshot::channel();
        let begun = Mutex::new(Some(begun));
        let store = Arc::clone(store);
        let write = async move {
            store
                .write(move |conn| {
                    query::change(conn, "UPDATE heartbeat SET beats = beats + 1", [])?;
                    if let Some(begun) = begun.lock().unwrap().take() {
                        begun.send(()).unwrap();
                    }
                    let _ = ended.lock().unwrap().recv();
                    Ok(())
                })
                .await
        };
        let task = tokio::spawn(write);
        has_begun.await.unwrap();
        Self { end, task }
    }

    async fn end(self) {
        drop(self.end);
        self.task.await.unwrap().unwrap();
    }
}

fn people(conn: &Connection) -> DbResult<i64> {
    Ok(query::one(conn, "SELECT count(*) FROM users", [], query::first)?.unwrap())
}

#[tokio::test]
async fn reads_go_on_while_a_long_write_runs() {
    let (_folder, path) = folder();
    let store = open(&path);
    store.create_user(&guest("ada")).await.unwrap();
    let long = LongWrite::begin(&store).await;
    for _ in 0..100 {
        assert!(store.user_by_name(&name("ada")).await.unwrap().is_some());
    }
    long.end().await;
}

#[tokio::test]
async fn waiting_writes_share_a_commit_and_keep_their_own_errors() {
    let (_folder, path) = folder();
    let store = open(&path);
    let long = LongWrite::begin(&store).await;

    let add = |text: &str| {
        let user = guest(text);
        move |conn: &Connection| users::insert(conn, &user)
    };
    let failing = |text: &str| {
        let add = add(text);
        move |conn: &Connection| {
            add(conn)?;
            query::change(conn, "SELECT nonsense", [])
        }
    };
    let panicking = {
        let add = add("panics");
        move |conn: &Connection| -> DbResult<()> {
            add(conn)?;
            panic!("on purpose")
        }
    };
    let seen = move |conn: &Connection| {
        let committed = people(&Connection::open(&path)?)?;
        Ok((committed, people(conn)?))
    };
    let group = async {
        tokio::join!(
            store.write(add("ada")),
            store.write(failing("fails")),
            store.write(add("Ada")),
            store.write(panicking),
            store.write(add("grace")),
            store.write(seen),
        )
    };
    let mut group = Box::pin(group);
    assert!(group.as_mut().now_or_never().is_none());
    long.end().await;
    let (ada, failed, again, panicked, grace, seen) = group.await;
    assert_eq!(
        (ada.unwrap(), again.unwrap(), grace.unwrap()),
        (Created::New(()), Created::Taken, Created::New(()))
    );
    assert!(matches!(failed, Err(StoreError::Failed(_))));
    assert!(matches!(panicked, Err(StoreError::Failed(_))));
    // Two are written and not committed yet, so all are of one group.
    assert_eq!(seen.unwrap(), (0, 2));
    assert_eq!(store.read(people).await.unwrap(), 2);
}

#[tokio::test]
async fn a_failed_commit_of_a_group_is_made_up_for_one_by_one() {
    let (_folder, path) = folder();
    let store = open(&path);
    let long = LongWrite::begin(&store).await;
    let user = guest("ada");
    let group = async {
        tokio::join!(
            store.write(move |conn| users::insert(conn, &user)),
            // Ends the transaction behind the writer's back, as a full disk can.
            store.write(|conn| {
                conn.execute_batch("ROLLBACK")?;
                Err::<(), _>(Fault::Malformed("test"))
            }),
            store.write(|conn| query::change(conn, "UPDATE heartbeat SET beats = 77", [])),
        )
    };
    let mut group = Box::pin(group);
    assert!(group.as_mut().now_or_never().is_none());
    long.end().await;
    let (ada, lost, beats) = group.await;
    assert_eq!((ada.unwrap(), beats.unwrap()), (Created::New(()), 1));
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    assert_eq!(store.read(people).await.unwrap(), 1);
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_full_queue_is_unavailable_and_not_for_long() {
    let (_folder, path) = folder();
    let options = Options { queue: 1, queue_timeout: Duration::from_millis(1), ..Options::default() };
    let store = Arc::new(SqliteStore::open(&path, &options).unwrap());
    let long = LongWrite::begin(&store).await;
    let (ada, grace) = (guest("ada"), guest("grace"));
    let mut waiting = store.create_user(&ada);
    assert!(waiting.as_mut().now_or_never().is_none());
    let refused = store.create_user(&grace).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    long.end().await;
    waiting.await.unwrap();
    assert_eq!(store.create_user(&grace).await.unwrap(), Created::New(()));
}

#[tokio::test]
async fn closing_waits_for_the_writes_under_way() {
    let (_folder, path) = folder();
    let store = open(&path);
    let long = LongWrite::begin(&store).await;
    let users: Vec<_> = ["ada", "grace"].map(guest).into();
    let mut writes = Box::pin(join_all(users.iter().map(|user| store.create_user(user))));
    assert!(writes.as_mut().now_or_never().is_none());
    let mut close = store.close();
    assert!(close.as_mut().now_or_never().is_none());
    let late = store.create_user(&guest("late")).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    long.end().await;
    close.await;
    assert!(writes.await.into_iter().all(|outcome| outcome.unwrap() == Created::New(())));
    let store = open(&path);
    assert_eq!(store.read(people).await.unwrap(), 2);
}

#[tokio::test]
async fn a_caller_who_leaves_loses_nothing() {
    let (_folder, path) = folder();
    let store = open(&path);
    let long = LongWrite::begin(&store).await;
    let ada = guest("ada");
    assert!(store.create_user(&ada).now_or_never().is_none());
    long.end().await;
    store.close().await;
    assert_eq!(open(&path).user(ada.id).await.unwrap(), Some(ada));
}
