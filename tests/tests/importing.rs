//! `codementor import`: rows, drafts, verification, importing again, beside a running server, and what no import may do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs;
use std::path::{Path, PathBuf};

use codementor_protocol::challenge::ChallengeDetail;
use codementor_tests::import::{self, row};
use codementor_tests::program::Ended;
use codementor_tests::server::Server;
use codementor_tests::{eventually, judge_works};

/// A built-in challenge under another name.
fn copy(from: &str, to: &Path) {
    fn copy_all(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy_all(&entry.path(), &target),
                false => drop(fs::copy(entry.path(), target).unwrap()),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/catalog/challenges");
    copy_all(&root.join(from), to);
}

fn change(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{} has no {from:?}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

async fn import(folder: &Path, data: &Path, args: &[&str]) -> Ended {
    import::import("native", folder, data, args).await
}

#[tokio::test]
async fn challenges_come_in_are_judged_and_come_again() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (folder, data) = (server.folder().to_owned(), server.data());
    let many = folder.join("many");
    copy("digital-root", &many.join("my-root"));
    copy("digital-root", &many.join("digital-root"));
    copy("digital-root", &many.join("wrong-reference"));
    fs::copy(many.join("my-root/python/starter.py"), many.join("wrong-reference/python/reference.py"))
        .unwrap();
    copy("digital-root", &many.join("unreadable"));
    change(many.join("unreadable/challenge.toml"), "order = ", "ordre = ");
    copy("digital-root", &many.join("Bad Name"));
    copy("digital-root", &many.join("thin"));
    let one = |name, args, expected, example| {
        format!(
            "[[tests]]\nname = \"{name}\"\nexample = {example}\nargs = '[{args}]'\nexpected = '{expected}'\n"
        )
    };
    let few = one("a", 38, 2, true) + &one("b", 493_193, 2, false);
    fs::write(many.join("thin/tests.toml"), few).unwrap();
    copy("digital-root", &many.join("with-link"));
    std::os::unix::fs::symlink("/etc/passwd", many.join("with-link/data")).unwrap();

    // Unverified: drafts that nobody is offered.
    let first = import(&folder, &data, &["many"]).await;
    let (status, why) = row(&first, "my-root");
    assert!(status == "imported" && why.contains("draft"), "{}", first.text());
    assert_eq!(row(&first, "digital-root").0, "skipped");
    assert!(row(&first, "with-link").1.contains("links"), "{}", first.text());
    assert_eq!(row(&first, "unreadable").0, "failed");
    assert!(!first.status.success());
    server.client().get("/api/challenges/my-root").await.problem(404, "not_found");

    // Verified beside the running server, which notices by itself. What fails is named and stays away.
    let second = import(&folder, &data, &["many", "--verify"]).await;
    assert!(!second.status.success(), "{}", second.text());
    let (status, why) = row(&second, "my-root");
    assert!(status == "unchanged" && why.contains("published"), "{}", second.text());
    let (status, why) = row(&second, "wrong-reference");
    assert!(status == "failed" && why.contains("python/reference.py"), "{}", second.text());
    // What is written for this program has more than the least that the format takes.
    assert_eq!(row(&first, "thin").0, "imported");
    let (status, why) = row(&second, "thin");
    assert!(status == "failed" && why.contains("tests.toml"), "{}", second.text());
    let client = server.client();
    let offered = eventually("the server offers it", async || {
        let answer = client.get("/api/challenges/my-root").await;
        (answer.status == 200).then(|| answer.json::<ChallengeDetail>())
    })
    .await;
    assert!(!offered.authors.is_empty() && !offered.license.is_empty());
    client.get("/api/challenges/wrong-reference").await.problem(404, "not_found");

    // Once more changes nothing; an update is taken up; one that fails leaves what was offered.
    let one = import(&folder, &data, &["many/my-root", "--verify"]).await;
    assert!(one.status.success() && row(&one, "my-root").0 == "unchanged", "{}", one.text());
    change(many.join("my-root/challenge.toml"), "title = \"Digital root\"", "title = \"My root\"");
    let one = import(&folder, &data, &["many/my-root", "--verify"]).await;
    assert!(one.status.success() && row(&one, "my-root").0 == "updated", "{}", one.text());
    fs::copy(many.join("my-root/python/starter.py"), many.join("my-root/python/reference.py")).unwrap();
    let one = import(&folder, &data, &["many/my-root", "--verify"]).await;
    assert!(!one.status.success() && row(&one, "my-root").1.contains("stays on offer"), "{}", one.text());
    server.restart().await;
    let offered: ChallengeDetail = server.client().get("/api/challenges/my-root").await.expect(200).json();
    assert_eq!(offered.summary.title, "My root");
}

#[tokio::test]
async fn without_a_server_an_import_makes_the_database() {
    let folder = tempfile::tempdir().unwrap();
    copy("digital-root", &folder.path().join("my-root"));
    let data = folder.path().join("data");
    let ended = import(folder.path(), &data, &["my-root"]).await;
    assert!(ended.status.success() && row(&ended, "my-root").0 == "imported", "{}", ended.text());
    let ended = import(folder.path(), &data, &["my-root"]).await;
    assert!(ended.status.success() && row(&ended, "my-root").0 == "unchanged", "{}", ended.text());
    let none = import(folder.path(), &data, &["nowhere"]).await;
    assert!(!none.status.success() && none.stderr.contains("nowhere"), "{}", none.text());
    fs::create_dir(folder.path().join("empty")).unwrap();
    let none = import(folder.path(), &data, &["empty"]).await;
    assert!(!none.status.success() && none.stderr.contains("no native challenge"), "{}", none.text());
}
