//! The catalogue: listing, searching, paging, hints, editorials, what comes next.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::challenge::{ChallengeDetail, ChallengeSummary, NextChallenge, Status};
use codementor_protocol::common::{Difficulty, Page};
use codementor_tests::challenges::{all, challenge, reference, starter};
use codementor_tests::{Client, Server, judge_works};

async fn list(client: &Client, query: &str) -> Vec<ChallengeSummary> {
    let page: Page<ChallengeSummary> =
        client.get(&format!("/api/challenges?limit=100&{query}")).await.expect(200).json();
    assert_eq!(page.next_cursor, None);
    page.items
}

async fn ids(client: &Client, query: &str) -> Vec<String> {
    list(client, query).await.into_iter().map(|item| item.id).collect()
}

#[tokio::test]
async fn everybody_sees_every_challenge_easy_ones_first() {
    let server = Server::start().await;
    let client = server.client();
    let items = list(&client, "").await;
    assert!(items.len() >= 24 && items.len() == all().len(), "{}", items.len());
    let rank = |item: &ChallengeSummary| match item.difficulty {
        Difficulty::Easy => (0, 10),
        Difficulty::Medium => (1, 25),
        Difficulty::Hard => (2, 50),
    };
    assert!(items.is_sorted_by_key(|item| rank(item).0));
    for item in &items {
        assert_eq!(item.xp, rank(item).1, "{}", item.id);
        assert_eq!(item.status, Status::Todo);
        assert!(item.languages.starts_with(&["javascript".into(), "python".into()]), "{}", item.id);
        let detail: ChallengeDetail =
            client.get(&format!("/api/challenges/{}", item.id)).await.expect(200).json();
        assert_eq!(&detail.summary, item);
        assert!(detail.starter_code.keys().all(|language| item.languages.contains(language)));
        assert_eq!(detail.starter_code.len(), item.languages.len());
        assert!(
            detail.examples.len() >= 2 && detail.test_count as usize >= detail.examples.len() + 4,
            "{}",
            item.id
        );
        assert!(detail.hint_levels == 3 && !detail.statement.is_empty() && !detail.license.is_empty());
    }
    for missing in [
        "nope",
        "..",
        "%2e%2e%2fetc%2fpasswd",
        "PAIR-SUM",
        "%7B%22$gt%22:%22%22%7D",
        "__proto__",
        "%00",
        &"a".repeat(5000),
    ] {
        let answer = client.get(&format!("/api/challenges/{missing}")).await;
        assert_eq!(answer.any_problem().code, "not_found", "{missing}");
    }
}

#[tokio::test]
async fn filters_narrow_and_combine() {
    let server = Server::start().await;
    let client = server.client();
    for (query, fits) in [
        ("difficulty=easy", (|c| c.difficulty == Difficulty::Easy) as fn(&ChallengeSummary) -> bool),
        ("difficulty=medium,hard", |c| c.difficulty != Difficulty::Easy),
        ("topic=graphs", |c| c.topics.iter().any(|topic| topic == "graphs")),
        ("topic=graphs,%20strings", |c| c.topics.iter().any(|topic| topic == "graphs" || topic == "strings")),
        ("difficulty=hard&topic=dynamic-programming", |c| {
            c.difficulty == Difficulty::Hard && c.topics.iter().any(|topic| topic == "dynamic-programming")
        }),
        ("language=python&status=todo", |_| true),
        ("language=&topic=&difficulty=&q=", |_| true),
        ("language=rust", |c| c.languages.iter().any(|language| language == "rust")),
        ("language=cobol", |_| false),
        ("topic=no-such-topic", |_| false),
        ("status=solved,attempted", |_| false),
        ("q=xyzzyxyzzy", |_| false),
    ] {
        let wanted: Vec<String> =
            list(&client, "").await.into_iter().filter(fits).map(|item| item.id).collect();
        assert_eq!(ids(&client, query).await, wanted, "{query}");
    }
    for query in ["q=pair%20sum", "q=SUM%20Pair", "q=%20%20pair%09sum%20"] {
        assert!(ids(&client, query).await.contains(&"pair-sum".to_owned()), "{query}");
    }
    // Words are words: no pattern language, and hidden texts are not searched.
    for query in [
        "q=.*sum.*",
        "q=%25",
        "q=pair_sum%25",
        "q='%20OR%20'1'='1",
        "q=70000%20numbers",
        "q=%7B%22$gt%22%3A%22%22%7D",
    ] {
        assert_eq!(ids(&client, query).await, Vec::<String>::new(), "{query}");
    }
    for (query, field) in [
        ("difficulty=trivial", "difficulty"),
        ("status=done", "status"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=-1", "cursor"),
        ("cursor=o-1", "cursor"),
        ("cursor=o99999999999999999999", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=", "cursor"),
        ("language=../etc", "language"),
    ] {
        let problem = client.get(&format!("/api/challenges?{query}")).await.problem(422, "invalid_request");
        assert_eq!(problem.errors[0].field, field, "{query}");
    }
    let long = format!("/api/challenges?q={}", "x".repeat(101));
    assert_eq!(client.get(&long).await.problem(422, "invalid_request").errors[0].field, "q");
    for query in ["limit=-1", "limit=1e3", "limit=4294967296", "limit=x", "limit=1&limit=2"] {
        client.get(&format!("/api/challenges?{query}")).await.problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn pages_join_to_the_whole() {
    let server = Server::start().await;
    let client = server.client();
    let whole = ids(&client, "").await;
    for limit in [1, 7, 27, 28, 100] {
        let mut joined = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let answer = client.get(&format!("/api/challenges?limit={limit}{next}")).await.expect(200);
            let page: Page<ChallengeSummary> = answer.json();
            assert!(page.items.len() <= limit && !page.items.is_empty());
            joined.extend(page.items.into_iter().map(|item| item.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
            assert!(joined.len() < whole.len(), "a next page without items");
        }
        assert_eq!(joined, whole, "{limit}");
    }
    let beyond: Page<ChallengeSummary> =
        client.get("/api/challenges?cursor=o999999").await.expect(200).json();
    assert_eq!((beyond.items.len(), beyond.next_cursor), (0, None));
}

#[tokio::test]
async fn hints_are_for_the_signed_in_and_the_editorial_for_solvers() {
    let server = Server::start().await;
    let (somebody, ada) = (server.client(), server.guest("Ada").await);
    let base = "/api/challenges/pair-sum";
    somebody.get(&format!("{base}/hints/1")).await.problem(401, "unauthenticated");
    somebody.get(&format!("{base}/editorial")).await.problem(401, "unauthenticated");
    for (level, hint) in (1..).zip(&challenge("pair-sum").hints) {
        let answer = ada.get(&format!("{base}/hints/{level}")).await.expect(200).value();
        assert_eq!(answer, serde_json::json!({ "level": level, "hint": hint }));
    }
    for level in ["0", "4", "-1", "1e0", "x", "99999999999999999999", "%00"] {
        ada.get(&format!("{base}/hints/{level}")).await.problem(404, "not_found");
    }
    ada.get("/api/challenges/nope/hints/1").await.problem(404, "not_found");
    ada.get("/api/challenges/nope/editorial").await.problem(404, "not_found");
    if !judge_works(&server).await {
        return;
    }
    ada.get(&format!("{base}/editorial")).await.problem(403, "not_solved");
    let _ = ada.submit("pair-sum", "python", starter("pair-sum", "python")).await;
    ada.get(&format!("{base}/editorial")).await.problem(403, "not_solved");
    let _ = ada.submit("pair-sum", "javascript", reference("pair-sum", "javascript")).await;
    let answer = ada.get(&format!("{base}/editorial")).await.expect(200).value();
    assert_eq!(answer["editorial"], challenge("pair-sum").editorial.as_str());
    ada.get("/api/challenges/group-anagrams/editorial").await.problem(403, "not_solved");
    let ben = server.guest("Ben").await;
    ben.get(&format!("{base}/editorial")).await.problem(403, "not_solved");
}

#[tokio::test]
async fn status_and_next_follow_progress() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let next = async || ada.get("/api/challenges/next").await.expect(200).json::<NextChallenge>();
    let first = next().await;
    let anybodys: NextChallenge = server.client().get("/api/challenges/next").await.expect(200).json();
    assert_eq!(first, anybodys);
    let chosen = first.challenge.unwrap();
    assert!(chosen.difficulty == Difficulty::Easy && !first.reason.is_empty());

    // What was begun comes first, even when it is hard.
    let _ = ada.submit("edit-distance", "python", starter("edit-distance", "python")).await;
    let begun = next().await;
    let challenge = begun.challenge.unwrap();
    assert_eq!((challenge.id.as_str(), challenge.status), ("edit-distance", Status::Attempted));
    assert_ne!(begun.reason, first.reason);
    assert_eq!(ids(&ada.client, "status=attempted").await, ["edit-distance"]);

    for id in ["edit-distance", &chosen.id] {
        let _ = ada.submit(id, "python", reference(id, "python")).await;
    }
    let then = next().await;
    assert!(then.challenge.is_some_and(|then| then.id != chosen.id && then.status == Status::Todo));
    let mut solved = ids(&ada.client, "status=solved").await;
    solved.sort();
    let mut wanted = ["edit-distance".to_owned(), chosen.id];
    wanted.sort();
    assert_eq!(solved, wanted);
    assert_eq!(ids(&ada.client, "status=todo,attempted").await.len(), all().len() - 2);
    // A later wrong attempt takes nothing back.
    let _ = ada.submit("edit-distance", "python", starter("edit-distance", "python")).await;
    assert!(ids(&ada.client, "status=attempted").await.is_empty());
    assert_eq!(ids(&server.client(), "status=solved").await, Vec::<String>::new());
}
