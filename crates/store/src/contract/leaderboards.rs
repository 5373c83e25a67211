//! Leaderboards: their order, their pages, their scopes.

use std::sync::Arc;

use codementor_core::id::{Language, UserId};
use codementor_core::ledger::{Period, Scope};
use codementor_core::ports::{Standings, Store};
use codementor_core::time::Timestamp;

use super::fixtures::{DAY, add_guest, all_time, noon, places, scope, solve, solve_in};

pub(crate) async fn more_xp_stands_higher(store: Arc<dyn Store>) {
    for (name, xp) in [("ada", 10), ("grace", 50), ("linus", 25)] {
        let user = add_guest(&store, name).await;
        solve(&store, user.id, "two-sum", xp, noon(0)).await;
    }
    add_guest(&store, "newcomer").await;
    let board = all_time(&store).await;
    assert_eq!(places(&board), [(1, "grace", 50), (2, "linus", 25), (3, "ada", 10)]);
    assert_eq!((board.total, board.me), (3, None));
}

pub(crate) async fn equal_xp_goes_to_who_reached_it_first(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    solve(&store, ada.id, "two-sum", 10, noon(0)).await;
    solve(&store, grace.id, "two-sum", 10, noon(1)).await;
    assert_eq!(places(&all_time(&store).await), [(1, "ada", 10), (2, "grace", 10)]);
    // Ada draws level again later than Grace; practice does not move her back.
    solve(&store, grace.id, "run-length", 10, noon(2)).await;
    solve(&store, ada.id, "run-length", 10, noon(3)).await;
    solve(&store, grace.id, "two-sum", 10, noon(4)).await;
    assert_eq!(places(&all_time(&store).await), [(1, "grace", 20), (2, "ada", 20)]);
}

pub(crate) async fn equal_xp_at_one_moment_goes_by_id(store: Arc<dyn Store>) {
    let mut users = Vec::new();
    for number in 0..4 {
        users.push(add_guest(&store, &format!("user {number}")).await.id);
    }
    for user in users.iter().rev() {
        solve(&store, *user, "two-sum", 10, noon(0)).await;
    }
    users.sort_unstable();
    let board = all_time(&store).await;
    assert_eq!(board.items.iter().map(|place| place.user.id).collect::<Vec<_>>(), users);
    for (rank, user) in (1..).zip(users) {
        let board = store.standings(&scope(Period::All), Some(user), rank - 1, 1).await.unwrap();
        assert_eq!((board.me, board.items[0].rank), (Some((rank, 10)), rank));
    }
}

async fn crowd(store: &Arc<dyn Store>) -> Vec<UserId> {
    let mut users = Vec::new();
    for number in 0..7 {
        let user = add_guest(store, &format!("user {number}")).await;
        solve(store, user.id, "two-sum", 100 - number / 2, noon(number.into())).await;
        users.push(user.id);
    }
    users
}

pub(crate) async fn pages_continue_each_other(store: Arc<dyn Store>) {
    let users = crowd(&store).await;
    let page = async |offset, limit| store.standings(&scope(Period::All), None, offset, limit).await.unwrap();
    let ids = |page: &Standings| page.items.iter().map(|place| place.user.id).collect::<Vec<_>>();
    for (offset, limit, from, to) in
        [(0, 3, 0, 3), (3, 3, 3, 6), (6, 3, 6, 7), (7, 3, 7, 7), (u64::MAX, 3, 7, 7)]
    {
        let page = page(offset, limit).await;
        assert_eq!(ids(&page), users[from..to]);
        assert_eq!(page.total, 7);
        assert_eq!(page.items.first().map(|place| place.rank), (from < to).then(|| offset + 1));
    }
    assert_eq!(page(0, 0).await.items.len(), 1);
    assert_eq!(page(0, u32::MAX).await.items.len(), 7);
}

pub(crate) async fn my_place_is_told_beside_any_page(store: Arc<dyn Store>) {
    let users = crowd(&store).await;
    let stranger = add_guest(&store, "stranger").await;
    let whole = all_time(&store).await;
    for (me, place) in users.iter().zip(&whole.items) {
        for offset in [0, 6, 100] {
            let page = store.standings(&scope(Period::All), Some(*me), offset, 1).await.unwrap();
            assert_eq!(page.me, Some((place.rank, place.xp)));
        }
    }
    for me in [stranger.id, UserId::new()] {
        let page = store.standings(&scope(Period::All), Some(me), 0, 1).await.unwrap();
        assert_eq!((page.me, page.total), (None, 7));
    }
}

pub(crate) async fn an_empty_leaderboard_is_empty(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let board = store.standings(&scope(Period::Week), Some(ada.id), 0, 10).await.unwrap();
    assert_eq!(board, Standings::default());
}

pub(crate) async fn periods_and_languages_are_apart(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let (python, javascript) = (Language::python(), Language::javascript());
    // 2026-11-30 and 12-01 are of one week and two months; 12-07 is of the next week.
    let (november, december, next_week) = (noon(11 * DAY), noon(12 * DAY), noon(18 * DAY));
    solve_in(&store, ada, "one-a", python.clone(), 1, november).await;
    solve_in(&store, ada, "two-b", javascript.clone(), 10, november).await;
    solve_in(&store, ada, "three-c", python.clone(), 100, december).await;
    solve_in(&store, ada, "four-d", javascript.clone(), 1_000, next_week).await;
    let xp = async |period, at: Timestamp, language: Option<&Language>| {
        let board = store.standings(&Scope::new(period, at, language), Some(ada), 0, 10).await.unwrap();
        board.me.map_or(0, |(_, xp)| xp)
    };
    for (period, at, all, in_python, in_javascript) in [
        (Period::All, november, 1_111, 101, 1_010),
        (Period::Month, november, 11, 1, 10),
        (Period::Month, december, 1_100, 100, 1_000),
        (Period::Week, november, 111, 101, 10),
        (Period::Week, december, 111, 101, 10),
        (Period::Week, next_week, 1_000, 0, 1_000),
        (Period::Week, noon(0), 0, 0, 0),
    ] {
        assert_eq!(xp(period, at, None).await, all, "{period:?} {at:?}");
        assert_eq!(xp(period, at, Some(&python)).await, in_python, "{period:?} {at:?}");
        assert_eq!(xp(period, at, Some(&javascript)).await, in_javascript, "{period:?} {at:?}");
    }
    let ruby: Language = "ruby".parse().unwrap();
    assert_eq!(xp(Period::All, november, Some(&ruby)).await, 0);
}
