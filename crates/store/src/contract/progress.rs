//! One person's ledger.

use std::sync::Arc;

use codementor_core::id::{Language, UserId};
use codementor_core::ports::{LedgerSummary, Solved, Store};
use futures_util::{StreamExt, stream};

use super::fixtures::{DAY, add_guest, challenge, noon, solve, solve_in};

/// The bound in the port's documentation.
const MAX_ROWS: i64 = 5_000;

pub(crate) async fn nobody_has_an_empty_ledger(store: Arc<dyn Store>) {
    let summary = store.ledger_summary(UserId::new()).await.unwrap();
    assert_eq!(summary, LedgerSummary::default());
    assert!(store.challenge_statuses(UserId::new()).await.unwrap().is_empty());
}

pub(crate) async fn the_ledger_is_told_newest_first(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    // Not in the order of time: a judge may take long.
    solve(&store, ada.id, "run-length", 25, noon(2 * DAY)).await;
    solve_in(&store, ada.id, "two-sum", Language::javascript(), 10, noon(DAY)).await;
    solve(&store, ada.id, "two-sum", 10, noon(3 * DAY)).await;
    solve(&store, grace.id, "two-sum", 10, noon(4 * DAY)).await;
    let solved = |slug, language, xp, at| Solved { challenge_id: challenge(slug), language, xp, at };
    let expected = LedgerSummary {
        total_xp: 35,
        active: vec![noon(3 * DAY), noon(2 * DAY), noon(DAY)],
        solved: vec![
            solved("run-length", Language::python(), 25, noon(2 * DAY)),
            solved("two-sum", Language::javascript(), 10, noon(DAY)),
        ],
    };
    assert_eq!(store.ledger_summary(ada.id).await.unwrap(), expected);
}

pub(crate) async fn the_ledger_is_told_up_to_five_thousand(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let solve_one = |number: i64| {
        let store = &store;
        let xp = if number % 1_000 == 0 { 2 } else { 0 };
        async move { solve(store, ada.id, &format!("challenge-{number}"), xp, noon(number)).await }
    };
    stream::iter(0..=MAX_ROWS).map(solve_one).buffer_unordered(64).for_each(|_| async {}).await;
    let summary = store.ledger_summary(ada.id).await.unwrap();
    let newest_first: Vec<_> = (1..=MAX_ROWS).rev().map(noon).collect();
    assert_eq!(summary.active, newest_first);
    assert_eq!(summary.solved.iter().map(|solved| solved.at).collect::<Vec<_>>(), newest_first);
    // The sum leaves nothing out, not even the oldest.
    assert_eq!(summary.total_xp, 12);
}
