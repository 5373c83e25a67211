//! Fairness, bounds, turns of sessions and single people.

use std::sync::Arc;

use codementor_core::Audience::{Person, Session};

use super::*;

#[tokio::test]
async fn a_flood_delays_only_its_author() {
    let queue = FairQueue::new(100, 50);
    for number in 0..50 {
        queue.try_push("flooder", Person, number).unwrap();
    }
    queue.try_push("ann", Person, 100).unwrap();
    queue.try_push("bob", Person, 200).unwrap();
    queue.try_push("ann", Person, 101).unwrap();
    let mut order = Vec::new();
    for _ in 0..6 {
        order.push(queue.pop().await.unwrap().0);
    }
    assert_eq!(order, [0, 100, 200, 1, 101, 2]);
    assert_eq!(queue.len(), 47);
}

#[tokio::test]
async fn whoever_has_the_fewest_running_is_next() {
    let queue = FairQueue::new(100, 50);
    for number in 0..4 {
        queue.try_push("slow", Person, number).unwrap();
    }
    let (_, first) = queue.pop().await.unwrap();
    queue.try_push("ann", Person, 10).unwrap();
    queue.try_push("ann", Person, 11).unwrap();
    let (ann, anns) = queue.pop().await.unwrap();
    assert_eq!(ann, 10, "nothing of hers runs");
    let (second, seconds) = queue.pop().await.unwrap();
    assert_eq!(second, 1, "one each, and it is their turn");
    assert_eq!(queue.pop().await.unwrap().0, 11);
    drop((first, seconds, anns));
    queue.try_push("bob", Person, 20).unwrap();
    assert_eq!(queue.pop().await.unwrap().0, 2, "all that ran is done and forgotten");
    assert!(queue.lock().running.is_empty());
}

#[tokio::test]
async fn one_users_next_item_waits_while_as_many_of_theirs_run_as_may() {
    let queue = FairQueue::new(100, 50);
    queue.set_most_running(1);
    for number in 0..3 {
        queue.try_push("flooder", Person, number).unwrap();
    }
    let (first, firsts) = queue.pop().await.unwrap();
    assert_eq!(first, 0);
    let waiting = queue.pop();
    let pushing = async {
        tokio::task::yield_now().await;
        queue.try_push("ann", Person, 10).unwrap();
    };
    let (next, ()) = tokio::join!(waiting, pushing);
    let (ann, anns) = next.unwrap();
    assert_eq!(ann, 10, "nothing else may be taken");
    let ending = async {
        tokio::task::yield_now().await;
        drop(firsts);
    };
    let (next, ()) = tokio::join!(queue.pop(), ending);
    let (second, seconds) = next.unwrap();
    assert_eq!(second, 1);
    queue.close();
    assert_eq!(queue.pop().await.unwrap().0, 2, "a closed queue is emptied all the same");
    assert!(queue.pop().await.is_none());
    drop((anns, seconds));
}

#[tokio::test]
async fn a_session_whose_person_may_not_go_yet_keeps_nobody_and_is_kept_by_nobody() {
    let queue = FairQueue::new(100, 50);
    queue.set_most_running(1);
    for number in 0..5 {
        queue.try_push("pair", Session, number).unwrap();
    }
    queue.try_push("alone", Person, 10).unwrap();
    queue.try_push("alone", Person, 11).unwrap();
    let (first, firsts) = queue.pop().await.unwrap();
    let (second, seconds) = queue.pop().await.unwrap();
    assert_eq!((first, second), (0, 10));
    drop(firsts);
    assert_eq!(order(&queue, 4).await, [1, 2, 3, 4], "the one who is alone may not go yet");
    drop(seconds);
    assert_eq!(queue.pop().await.unwrap().0, 11);
}

#[test]
fn both_bounds_hold_and_give_the_item_back() {
    let queue = FairQueue::new(3, 2);
    queue.try_push(1, Person, "a").unwrap();
    queue.try_push(1, Person, "b").unwrap();
    assert!(matches!(queue.try_push(1, Person, "c"), Err(Full::User("c"))));
    queue.try_push(2, Person, "d").unwrap();
    assert_eq!(queue.try_push(3, Person, "e").map_err(Full::into_inner), Err("e"));
    queue.close();
    assert!(matches!(queue.try_push(4, Person, "f"), Err(Full::Closed("f"))));
}

#[tokio::test]
async fn a_closed_queue_is_emptied_and_then_ends() {
    let queue = FairQueue::new(10, 10);
    queue.try_push("ann", Person, 1).unwrap();
    queue.close();
    assert_eq!(queue.pop().await.map(|(item, _)| item), Some(1));
    assert!(queue.pop().await.is_none());
}

#[tokio::test]
async fn every_item_wakes_somebody_and_the_end_wakes_all() {
    let queue = Arc::new(FairQueue::new(1_000, 1_000));
    let poppers: Vec<_> = (0..8)
        .map(|_| {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move {
                let mut count = 0;
                while queue.pop().await.is_some() {
                    count += 1;
                }
                count
            })
        })
        .collect();
    for number in 0..1_000 {
        queue.try_push(number % 7, Person, number).unwrap();
        if number % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    queue.close();
    let mut sum = 0;
    for popper in poppers {
        sum += popper.await.unwrap();
    }
    assert_eq!(sum, 1_000);
}

async fn order(queue: &FairQueue<&'static str, u32>, count: usize) -> Vec<u32> {
    let mut order = Vec::new();
    for _ in 0..count {
        order.push(queue.pop().await.unwrap().0);
    }
    order
}

#[tokio::test]
async fn sessions_go_first_and_starve_nobody() {
    let queue = FairQueue::new(100, 50);
    for number in 0..3 {
        queue.try_push("alone", Person, number).unwrap();
    }
    for number in 10..20 {
        queue.try_push("pair", Session, number).unwrap();
    }
    assert_eq!(order(&queue, 13).await, [10, 11, 12, 0, 13, 14, 15, 1, 16, 17, 18, 2, 19]);
    assert!(queue.is_empty());
}

#[tokio::test]
async fn what_sessions_took_while_nobody_was_alone_is_not_held_against_them() {
    let queue = FairQueue::new(100, 50);
    for number in 10..20 {
        queue.try_push("pair", Session, number).unwrap();
    }
    assert_eq!(order(&queue, 5).await, [10, 11, 12, 13, 14]);
    queue.try_push("alone", Person, 0).unwrap();
    assert_eq!(order(&queue, 4).await, [15, 16, 17, 0]);
    queue.try_push("alone", Person, 1).unwrap();
    assert_eq!(order(&queue, 3).await, [18, 19, 1]);
}

#[tokio::test]
async fn a_session_that_floods_the_queue_delays_single_people_by_a_few_turns_and_other_sessions_by_one() {
    let queue = FairQueue::new(1_000, 500);
    for number in 0..500 {
        queue.try_push("flooder", Session, number).unwrap();
    }
    queue.try_push("pair", Session, 1_000).unwrap();
    queue.try_push("alone", Person, 2_000).unwrap();
    let first = order(&queue, IN_A_ROW + 1).await;
    assert_eq!(first[1], 1_000, "{first:?}");
    assert_eq!(first[IN_A_ROW], 2_000, "{first:?}");
}

#[tokio::test]
async fn each_line_is_fair_and_what_runs_counts_over_both() {
    let queue = FairQueue::new(100, 50);
    for number in 0..3 {
        queue.try_push("ann", Session, number).unwrap();
        queue.try_push("bob", Session, 10 + number).unwrap();
    }
    assert_eq!(order(&queue, 4).await, [0, 10, 1, 11]);
    let queue = FairQueue::new(100, 50);
    queue.try_push("ann", Session, 0).unwrap();
    let (_, _running) = queue.pop().await.unwrap();
    queue.try_push("ann", Person, 1).unwrap();
    queue.try_push("bob", Person, 10).unwrap();
    assert_eq!(order(&queue, 2).await, [10, 1], "ann has one running, in a session");
}

#[test]
fn bounds_count_over_both_lines() {
    let queue = FairQueue::new(3, 2);
    queue.try_push("ann", Session, 0).unwrap();
    queue.try_push("ann", Person, 1).unwrap();
    assert!(matches!(queue.try_push("ann", Session, 2), Err(Full::User(2))));
    assert!(matches!(queue.try_push("ann", Person, 2), Err(Full::User(2))));
    queue.try_push("bob", Person, 3).unwrap();
    assert!(matches!(queue.try_push("eve", Session, 4), Err(Full::Queue(4))));
    assert_eq!(queue.len(), 3);
}
