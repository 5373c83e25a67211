//! Finishing: verdicts kept, XP exactly once.

use std::sync::Arc;

use codementor_core::id::SubmissionId;
use codementor_core::judging::Verdict;
use codementor_core::ports::{Finished, Store};
use codementor_core::submission::{Counterexample, Report, Submission, SubmissionStatus};

use super::fixtures::{
    DAY, add_guest, all_time, finish, hand_in, new_submission, noon, race, report, solve, test_report,
};

pub(crate) async fn what_is_unknown_cannot_be_finished(store: Arc<dyn Store>) {
    let outcome = store.finish_submission(SubmissionId::new(), &report(Verdict::Accepted), 10, noon(0)).await;
    assert_eq!(outcome.unwrap(), None);
}

pub(crate) async fn every_verdict_is_kept_as_it_was(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    for verdict in [
        Verdict::Accepted,
        Verdict::WrongAnswer,
        Verdict::TimeLimitExceeded,
        Verdict::MemoryLimitExceeded,
        Verdict::OutputLimitExceeded,
        Verdict::RuntimeError,
        Verdict::CompileError,
        Verdict::InternalError,
    ] {
        let queued = hand_in(&store, &new_submission(ada.id, "two-sum")).await;
        let full = Report {
            verdict,
            score: 33,
            tests: vec![test_report("a", verdict), test_report("漢", Verdict::Accepted)],
            total_tests: u32::MAX,
            compile_output: Some("line 1:\n\"oops\" \u{0}".to_owned()),
            time_ms: u32::MAX,
            memory_kb: u32::MAX,
        };
        let finished = store.finish_submission(queued.id, &full, 0, noon(3)).await.unwrap();
        let expected = Submission {
            status: SubmissionStatus::Finished,
            report: Some(full),
            finished_at: Some(noon(3)),
            ..queued
        };
        assert_eq!(store.submission(expected.id).await.unwrap().as_ref(), Some(&expected));
        let expected = Finished { submission: expected, first: true };
        assert_eq!(finished, Some(expected));
    }
    let empty = Report::internal_error(0);
    let id = hand_in(&store, &new_submission(ada.id, "two-sum")).await.id;
    store.finish_submission(id, &empty, 0, noon(3)).await.unwrap();
    assert_eq!(store.submission(id).await.unwrap().unwrap().report, Some(empty));
}

pub(crate) async fn the_first_accepted_solution_gives_xp(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    for user in [ada.id, grace.id] {
        let solved = solve(&store, user, "two-sum", 25, noon(0)).await;
        assert_eq!(solved.xp_awarded, 25);
        assert_eq!(store.submission(solved.id).await.unwrap(), Some(solved));
        assert_eq!(solve(&store, user, "run-length", 10, noon(1)).await.xp_awarded, 10);
        assert_eq!(store.ledger_summary(user).await.unwrap().total_xp, 35);
    }
}

pub(crate) async fn later_solutions_are_practice_once_a_day(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    store.set_time_zone(ada.id, "UTC").await.unwrap();
    // 12 hours to midnight UTC.
    for moment in [0, 1, 2, DAY / 2, DAY / 2 + 1] {
        let xp = solve(&store, ada.id, "two-sum", 25, noon(moment)).await.xp_awarded;
        assert_eq!(xp, if moment == 0 { 25 } else { 0 });
    }
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!(summary.total_xp, 25);
    assert_eq!(summary.active, [noon(DAY / 2), noon(1), noon(0)]);
    assert_eq!(summary.solved.len(), 1);
}

pub(crate) async fn a_day_of_practice_is_the_learners_own(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    store.set_time_zone(ada.id, "America/New_York").await.unwrap();
    let hours = |hours: i64| noon(hours * DAY / 24);
    solve(&store, ada.id, "two-sum", 25, noon(-7 * DAY)).await;
    // Thursday 20:30 and 23:00 there are Friday in UTC, as Friday 10:00 there is.
    let (evening, late, morning) = (hours(13).plus_ms(DAY / 48), hours(16), hours(27));
    for moment in [evening, late, morning] {
        solve(&store, ada.id, "two-sum", 25, moment).await;
    }
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!(summary.active, [morning, evening, noon(-7 * DAY)]);
    let zone = codementor_core::time::zone("America/New_York").unwrap();
    assert_eq!(codementor_core::progress::streak(&summary.active, morning, &zone).current, 2);
}

pub(crate) async fn what_is_not_accepted_gives_nothing(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let id = hand_in(&store, &new_submission(ada.id, "two-sum")).await.id;
    let finished = finish(&store, id, Verdict::TimeLimitExceeded, 25, noon(0)).await;
    assert_eq!(finished.submission.xp_awarded, 0);
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!((summary.total_xp, summary.active.len(), summary.solved.len()), (0, 0, 0));
    assert_eq!(all_time(&store).await.total, 0);
    assert_eq!(solve(&store, ada.id, "two-sum", 25, noon(1)).await.xp_awarded, 25);
}

pub(crate) async fn finishing_twice_changes_nothing(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    for (first, second) in
        [(Verdict::Accepted, Verdict::WrongAnswer), (Verdict::WrongAnswer, Verdict::Accepted)]
    {
        let id = hand_in(&store, &new_submission(ada.id, "two-sum")).await.id;
        let before = finish(&store, id, first, 25, noon(0)).await;
        let after = finish(&store, id, second, 50, noon(DAY)).await;
        assert!(before.first && !after.first);
        assert_eq!(after.submission, before.submission);
    }
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!((summary.total_xp, summary.active), (25, vec![noon(0)]));
}

pub(crate) async fn a_raced_finish_gives_xp_once(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let id = hand_in(&store, &new_submission(ada.id, "two-sum")).await.id;
    let outcomes = race(24, |number| {
        let store = Arc::clone(&store);
        let moment = noon(i64::try_from(number).unwrap() * DAY);
        async move { finish(&store, id, Verdict::Accepted, 25, moment).await }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.first).count(), 1);
    assert!(outcomes.iter().all(|outcome| outcome.submission == outcomes[0].submission));
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!((summary.total_xp, summary.active.len()), (25, 1));
}

pub(crate) async fn raced_solutions_of_one_challenge_give_xp_once(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let awarded = race(24, |_| {
        let store = Arc::clone(&store);
        async move { solve(&store, ada.id, "two-sum", 25, noon(0)).await.xp_awarded }
    })
    .await;
    assert_eq!(awarded.iter().sum::<u32>(), 25);
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!((summary.total_xp, summary.active.len()), (25, 2));
    assert_eq!(all_time(&store).await.items[0].xp, 25);
}

pub(crate) async fn a_solution_without_xp_counts_as_solved(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    solve(&store, ada.id, "two-sum", 0, noon(0)).await;
    let summary = store.ledger_summary(ada.id).await.unwrap();
    assert_eq!((summary.total_xp, summary.solved.len()), (0, 1));
    assert_eq!(all_time(&store).await.total, 0);
    // The entry is there: XP given later for the same challenge comes too late.
    assert_eq!(solve(&store, ada.id, "two-sum", 25, noon(1)).await.xp_awarded, 0);
}

pub(crate) async fn a_counterexample_is_kept_once_and_only_of_what_was_judged(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let found = |input: &str| Counterexample {
        verdict: Verdict::WrongAnswer,
        input: input.to_owned(),
        args: Some(vec![serde_json::json!([1, "漢"])]),
        expected: "1".to_owned(),
        actual: None,
        stdout: Some("\u{0}".to_owned()),
        stderr: None,
        message: None,
        runs: u32::MAX,
        inferred: true,
    };
    let id = hand_in(&store, &new_submission(ada.id, "two-sum")).await.id;
    assert!(!store.keep_counterexample(id, &found("early")).await.unwrap());
    finish(&store, id, Verdict::WrongAnswer, 10, noon(1)).await;
    assert!(store.keep_counterexample(id, &found("first")).await.unwrap());
    assert!(!store.keep_counterexample(id, &found("second")).await.unwrap());
    let kept = store.submission(id).await.unwrap().unwrap();
    assert_eq!(kept.counterexample, Some(found("first")));
    // Finishing again takes nothing away.
    finish(&store, id, Verdict::Accepted, 10, noon(2)).await;
    assert_eq!(store.submission(id).await.unwrap(), Some(kept));
    assert!(!store.keep_counterexample(SubmissionId::new(), &found("nobody's")).await.unwrap());
}
