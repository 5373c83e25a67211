//! Every statement that runs on a request finds its rows by an index.

use rusqlite::Connection;

use super::super::format::{Format, JOURNAL, STORE};
use super::super::{
    challenges, contents, doors, finish, flows, journal, judge0, lives, merge, migrate, parts, progress,
    sessions, sign_in, standings, submissions, users,
};

const HOT: &[&str] = &[
    users::BY_ID,
    users::BY_NAME,
    users::GITHUB_LOGIN,
    users::SET_ROLE,
    users::SET_TIME_ZONE,
    sign_in::BY_GITHUB,
    sign_in::SET_LOGIN,
    sign_in::BECOME_GITHUB,
    merge::DROP_SHARED_KEYS,
    merge::DROP_SHARED_XP,
    merge::DROP_SHARED_ENTRIES,
    merge::MOVE_ENTRIES,
    merge::MOVE_SUBMISSIONS,
    merge::MOVE_JUDGE0,
    merge::DROP_LOST_PLACES,
    merge::DROP_SHARED_PLACES,
    merge::TAKE_KEYBOARD,
    merge::MOVE_PLACES,
    merge::MOVE_LIVES,
    merge::MOVE_CHALLENGES,
    merge::MOVE_CHANGES,
    merge::DROP_SESSIONS,
    merge::DROP_STANDINGS,
    merge::DROP_USER,
    sessions::SWEEP,
    sessions::LIVE_BY_SECRET,
    sessions::LIVE_BY_ID,
    sessions::EXTEND,
    sessions::REVOKE,
    sessions::REVOKE_OF_USER,
    flows::TAKE,
    flows::SWEEP,
    lives::BY_ID,
    lives::CHANGE,
    lives::END,
    lives::OF_USER,
    parts::PART,
    parts::DROP_KEYBOARD,
    parts::SET_PART,
    parts::SEND_OUT,
    parts::PARTICIPANTS,
    parts::EVERYBODY,
    doors::PLACE,
    doors::OPENED_BY,
    doors::COUNT,
    doors::DRIVEN,
    doors::COME_BACK,
    doors::COUNT_OPEN,
    doors::OPEN,
    doors::REVOKE,
    doors::SEND_OUT_GUESTS,
    challenges::BY_ID,
    challenges::CHANGE,
    challenges::NOTE,
    challenges::OFFER,
    challenges::WITHDRAW,
    challenges::REMOVE,
    challenges::LIST,
    challenges::COUNT_OF_AUTHOR,
    challenges::REVISION,
    challenges::NEXT_REVISION,
    contents::FILES,
    contents::FORGET,
    submissions::BY_ID,
    submissions::KEEP_COUNTEREXAMPLE,
    submissions::BY_REQUEST,
    submissions::COUNT_UNFINISHED,
    submissions::OF_USER,
    submissions::OF_CHALLENGE,
    submissions::MARK_RUNNING,
    submissions::STATUSES,
    finish::FINISH,
    judge0::BY_TOKEN,
    judge0::OF_USER,
    judge0::COUNT_OF_USER,
    judge0::UNFINISHED_OF_USER,
    judge0::FINISH,
    judge0::SIZES,
    judge0::TRIM,
    judge0::REMOVE,
    judge0::SWEEP,
    standings::SUM_ALL,
    standings::SUM_MONTH,
    standings::SUM_WEEK,
    standings::UNSET,
    standings::UNSET_USER,
    standings::EARNED,
    standings::ROWS_OF_USER,
    progress::TOTAL_XP,
    progress::ACTIVE,
    progress::SOLVED,
    progress::PAGE,
    progress::TOTAL,
    progress::MINE,
    progress::BEFORE,
];

const JOURNALS: &[&str] = &[
    journal::END,
    journal::INSERT,
    journal::REMOVE,
    journal::SMALL_ROW,
    journal::REMOVE_ROW,
    journal::FOLDED,
    journal::SET_FOLDED,
    journal::AFTER,
    journal::KEPT,
    journal::KEPT_SEQ,
    journal::PUT,
    journal::REMOVE_SNAPSHOT,
    journal::UPTO,
    journal::SET_UPTO,
    journal::REMOVE_TRIM,
    journal::FORGET,
    journal::SHORTEN,
    journal::PACKED,
    journal::SET_PACKED,
    journal::REMOVE_PACKED,
    journal::LEFT,
    journal::COMPACTED,
];

#[test]
fn the_journals_statements_scan_and_sort_nothing() {
    let conn = schema(JOURNAL);
    for sql in JOURNALS {
        let plan = plan(&conn, sql);
        let walks = plan.iter().any(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE"));
        assert!(!walks, "{sql}\n{plan:#?}");
    }
}

fn schema(format: Format) -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut conn, format).unwrap();
    conn
}

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    for parameter in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(parameter, 1).unwrap();
    }
    let mut rows = statement.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get(3).unwrap());
    }
    plan
}

#[test]
fn hot_statements_scan_no_table() {
    let conn = schema(STORE);
    for sql in HOT {
        let plan = plan(&conn, sql);
        // A subquery in FROM that was narrowed already is walked, which is no scan of a table.
        let scans = plan.iter().filter(|step| {
            step.starts_with("SCAN")
                && !matches!(step.as_str(), "SCAN CONSTANT ROW" | "SCAN page" | "SCAN (subquery-1)")
        });
        assert_eq!(scans.count(), 0, "{sql}\n{plan:#?}");
    }
}

/// Lists walk their index in order; only the page of a leaderboard is sorted once more, after it was cut.
#[test]
fn lists_are_not_sorted() {
    let conn = schema(STORE);
    for sql in HOT.iter().filter(|sql| **sql != progress::PAGE && **sql != merge::DROP_SHARED_XP) {
        let plan = plan(&conn, sql);
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{sql}\n{plan:#?}");
    }
}

#[test]
fn bounded_walks_use_an_index() {
    let conn = schema(STORE);
    assert!(plan(&conn, submissions::UNFINISHED)[0].contains("USING INDEX submissions_unfinished"));
    let trim = plan(&conn, flows::TRIM);
    assert!(trim[0].starts_with("SEARCH"), "{trim:#?}");
    assert!(!trim.iter().any(|step| step.contains("TEMP B-TREE")), "{trim:#?}");
}
