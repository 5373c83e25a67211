//! Packages that give points.

use codementor_core::challenge::AfterFailure;

use super::*;

fn legacy() -> Made {
    Made::new(Version::Legacy)
        .with("problem.yaml", "name: Points\ntype: scoring\n")
        .with("data/secret/testdata.yaml", "on_reject: continue\ngrader_flags: always_accept\nrange: 0 100\n")
        .with("data/secret/a/testdata.yaml", "accept_score: 30\nrange: 0 30\ngrader_flags: min\n")
        .with("data/secret/b/testdata.yaml", "accept_score: 70\nrange: 0 70\ngrader_flags: min\n")
}

fn newer() -> Made {
    Made::new(Version::V2025)
        .with("problem.yaml", "problem_format_version: 2025-09\nname: Points\ntype: scoring\n")
        .with("data/secret/a/test_group.yaml", "max_score: 30\n")
        .with("data/secret/b/test_group.yaml", "max_score: 70\nscore_aggregation: min\n")
}

fn told(challenge: &Challenge) -> Vec<(&str, u32)> {
    challenge.groups.iter().map(|group| (group.name.as_str(), group.points)).collect()
}

#[test]
fn groups_that_give_all_or_nothing_keep_their_points() {
    for made in [legacy(), newer()] {
        let challenge = made.challenge();
        assert_eq!(told(&challenge), [("a", 30), ("b", 70)]);
        let groups: Vec<_> = challenge.tests.iter().map(|test| test.group.as_deref()).collect();
        assert_eq!(groups, [None, None, Some("a"), Some("a"), Some("b"), Some("b")]);
        assert_eq!(challenge.after_failure, AfterFailure::Stop);
    }
    let all = "on_reject: continue\naccept_score: 5\n";
    let made = legacy()
        .with("data/secret/a/testdata.yaml", all)
        .with("data/secret/b/testdata.yaml", &format!("{all}grader_flags: max\n"));
    let challenge = made.challenge();
    assert_eq!((told(&challenge), challenge.after_failure), (vec![("a", 10), ("b", 5)], AfterFailure::GoOn));
}

#[test]
fn tests_that_give_points_by_themselves_are_groups() {
    let made =
        legacy().with("data/secret/a/testdata.yaml", "accept_score: 15\ngrader_flags: always_accept sum\n");
    assert_eq!(told(&made.challenge()), [("a/2", 15), ("a/3", 15), ("b", 70)]);
    let made = newer().with("data/secret/a/test_group.yaml", "max_score: 30\nscore_aggregation: sum\n");
    assert_eq!(told(&made.challenge()), [("a/2", 15), ("a/3", 15), ("b", 70)]);
    let flat = |made: Made| {
        let made = made.without("data/secret/a").without("data/secret/b");
        (7..10).fold(made, |made, at| {
            made.with(&format!("data/secret/{at}.in"), "1").with(&format!("data/secret/{at}.ans"), "2")
        })
    };
    assert_eq!(told(&flat(legacy()).challenge()), [("7", 1), ("8", 1), ("9", 1)]);
    assert_eq!(told(&flat(newer()).challenge()), [("7", 1), ("8", 1), ("9", 1)]);
}

#[test]
fn a_group_that_needs_another_has_its_tests_too() {
    let made =
        newer().with("data/secret/b/test_group.yaml", "max_score: 70\nrequire_pass: [sample, secret/a]\n");
    let challenge = made.challenge();
    let of = |name: &str| {
        let own = challenge.tests.iter().filter(|test| test.group.as_deref() == Some(name));
        own.map(|test| test.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("a"), ["secret/a/2", "secret/a/3"]);
    assert_eq!(
        of("b"),
        [
            "sample/0 for b",
            "sample/1 for b",
            "secret/a/2 for b",
            "secret/a/3 for b",
            "secret/b/4",
            "secret/b/5"
        ]
    );
    let made = newer().with("data/secret/a/test_group.yaml", "max_score: 30\nrequire_pass: secret/b\n");
    assert!(made.skip().contains("no group secret/b before it"));
}

#[test]
fn all_or_nothing_needs_no_groups() {
    for (path, text) in [
        ("data/secret/testdata.yaml", "on_reject: continue\n"),
        ("data/secret/testdata.yaml", "grader_flags: always_accept min\n"),
    ] {
        assert!(legacy().with(path, text).challenge().groups.is_empty(), "{text}");
    }
    for text in ["score_aggregation: pass-fail", "score_aggregation: min\nmax_score: 10"] {
        assert!(newer().with("data/secret/test_group.yaml", text).challenge().groups.is_empty(), "{text}");
    }
}

#[test]
fn points_that_groups_cannot_tell_say_why() {
    for (path, text, says) in [
        ("data/secret/testdata.yaml", "grader_flags: always_accept", "on_reject: break"),
        (
            "data/secret/testdata.yaml",
            "on_reject: continue\ngrader_flags: always_accept max",
            "best of its groups",
        ),
        ("data/secret/testdata.yaml", "grader_flags: magic", "magic"),
        (
            "data/secret/a/testdata.yaml",
            "accept_score: 30\nrange: 0 60\ngrader_flags: min",
            "range ends at 60",
        ),
        ("data/secret/a/testdata.yaml", "accept_score: 2.5\ngrader_flags: min", "no whole number"),
        ("data/secret/a/testdata.yaml", "accept_score: 3\nreject_score: 1", "reject_score"),
        ("data/secret/a/testdata.yaml", "accept_score: much", "must be numbers"),
        ("data/secret/a/testdata.yaml", "grader_flags: always_accept avg", "groups cannot tell"),
    ] {
        let made = legacy().with(path, text);
        assert!(made.skip().contains(says), "{text}: {}", made.skip());
    }
    for (path, text, says) in [
        ("data/secret/test_group.yaml", "max_score: unbounded", "no bound"),
        ("data/secret/a/test_group.yaml", "", "no bound"),
        ("data/secret/a/test_group.yaml", "max_score: 30\nstatic_validation_score: 5", "program's text"),
        ("data/secret/a/test_group.yaml", "max_score: 30\nscore_aggregation: median", "median"),
        ("data/secret/a/test_group.yaml", "max_score: 31\nscore_aggregation: sum", "no whole number"),
        ("output_validator/v.py", "open(d + 'score.txt')", "points of its own"),
    ] {
        let made = newer().with(path, text);
        assert!(made.skip().contains(says), "{text}: {}", made.skip());
    }
    let zero = newer()
        .with("data/secret/a/test_group.yaml", "max_score: 0")
        .with("data/secret/b/test_group.yaml", "max_score: 0");
    assert!(zero.skip().contains("nothing in it gives points"));
    let mut many = newer();
    for at in 0..21 {
        many = many
            .with(&format!("data/secret/g{at}/x.in"), "1")
            .with(&format!("data/secret/g{at}/x.ans"), "2")
            .with(&format!("data/secret/g{at}/test_group.yaml"), "max_score: 1");
    }
    assert!(many.skip().contains("23 groups"));
}
