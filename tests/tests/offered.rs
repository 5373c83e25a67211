//! What a server offers beyond what authors wrote: every language that its judge has, through the API and in live sessions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::challenge::ChallengeDetail;
use codementor_protocol::common::Verdict;
use codementor_tests::{Live, Server, judge_works};
use serde_json::json;

#[tokio::test]
async fn a_challenge_is_begun_run_and_solved_in_a_language_of_the_judge() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let languages = server.client().get("/api/sandbox/languages").await.value();
    let installed: Vec<&str> =
        languages["items"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    let of = async |id: &str| -> ChallengeDetail {
        server.client().get(&format!("/api/challenges/{id}")).await.expect(200).json()
    };
    let digits = of("digital-root").await;
    let mut offered = digits.summary.languages.clone();
    offered.sort();
    let mut wanted = installed.clone();
    wanted.sort_unstable();
    assert_eq!(offered, wanted, "all that the judge has, and nothing else");
    assert_eq!(digits.function.unwrap().names.len(), installed.len());
    assert!(!of("flatten-nested").await.summary.languages.iter().any(|language| language == "c"));

    let starter = &digits.starter_code["c"];
    let begun = ada.run("digital-root", "c", starter).await;
    assert_eq!(begun.verdict, Verdict::WrongAnswer, "{begun:#?}");
    let right = starter.replace("return 0;", "return n == 0 ? 0 : 1 + (n - 1) % 9;");
    let solved = ada.submit("digital-root", "c", &right).await;
    assert_eq!((solved.verdict, solved.xp_awarded), (Some(Verdict::Accepted), 10), "{solved:#?}");
    assert_eq!(solved.language, "c");

    let session = Live::with(&ada, &json!({ "challenge_id": "digital-root", "language": "rust" })).await;
    assert_eq!(session.editor(&server, &ada).await.text(), digits.starter_code["rust"]);
    let none = json!({ "challenge_id": "flatten-nested", "language": "rust" });
    ada.post("/api/sessions", &none).await.problem(422, "unknown_language");
    let refused = json!({ "language": "rust", "code": "" });
    ada.post("/api/challenges/flatten-nested/submit", &refused).await.problem(422, "unknown_language");
    ada.post("/api/challenges/flatten-nested/run", &refused).await.problem(422, "unknown_language");
}
