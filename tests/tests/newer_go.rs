//! Go since 1.20, whose standard library comes as source: it is compiled once, programs use it, and a restart finds it again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::path::{Path, PathBuf};

use codementor_protocol::common::Verdict;
use codementor_protocol::sandbox::ExecuteResult;
use codementor_tests::{Learner, Setup, judge_works};
use serde_json::json;

/// Packages that are compiled beforehand, two of them younger than 1.20.
const USUAL: &str = "package main\n\nimport (\n\t\"encoding/json\"\n\t\"fmt\"\n\t\"math/rand/v2\"\n\t\"slices\"\n)\n\nfunc main() {\n\t\
                     numbers := []int{3, 1, 2}\n\tslices.Sort(numbers)\n\ttext, _ := json.Marshal(numbers)\n\t\
                     fmt.Println(string(text), rand.N(1))\n}\n";
/// A package that is not among them.
const UNUSUAL: &str = "package main\n\nimport (\n\t\"fmt\"\n\t\"net/url\"\n)\n\nfunc main() {\n\taddress, _ := url.Parse(\"http://host/path\")\n\t\
                       fmt.Println(address.Path)\n}\n";
const BROKEN: &str = "package main\n\nfunc main() { missing() }\n";

/// A server that finds this Go before the machine's own.
fn with(go: &Path) -> Setup {
    let mut folders = vec![go.to_owned()];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let path = std::env::join_paths(folders).unwrap();
    Setup::default().env("PATH", path.to_str().unwrap())
}

async fn execute(learner: &Learner, code: &str) -> ExecuteResult {
    let body = json!({ "language": "go", "code": code });
    learner.post("/api/sandbox/execute", &body).await.expect(200).json()
}

#[tokio::test]
async fn its_library_is_compiled_once_and_programs_use_it() {
    let Some(go) = std::env::var_os("CODEMENTOR_NEWER_GO").map(PathBuf::from) else {
        eprintln!("not run: CODEMENTOR_NEWER_GO names no folder with a go; `cargo xtask test` fetches one");
        return;
    };
    let mut server = with(&go).start().await;
    if !judge_works(&server).await {
        return;
    }
    let languages = server.client().get("/api/sandbox/languages").await.value();
    let is_go = |language: &&serde_json::Value| language["id"] == "go";
    let version = languages["items"].as_array().unwrap().iter().find(is_go).unwrap()["version"].clone();
    let version = version.as_str().unwrap();
    let minor: u32 = version.split('.').nth(1).unwrap().parse().unwrap();
    assert!(minor >= 20, "{version}");

    let learner = server.guest("Ada").await;
    for (code, printed) in [(USUAL, "[1,2,3] 0\n"), (UNUSUAL, "/path\n")] {
        let result = execute(&learner, code).await;
        assert_eq!((result.verdict, result.output.as_str()), (Verdict::Accepted, printed), "{result:?}");
    }
    let result = execute(&learner, BROKEN).await;
    assert_eq!(result.verdict, Verdict::CompileError, "{result:?}");

    let whole = server.data().join("tools").join(format!("go-{version}")).join("whole");
    let made = whole.metadata().unwrap().modified().unwrap();
    server.kill9().await;
    server.restart().await;
    let learner = server.guest("Ben").await;
    let result = execute(&learner, &USUAL.replace("3, 1, 2", "5, 4")).await;
    assert_eq!((result.verdict, result.output.as_str()), (Verdict::Accepted, "[4,5] 0\n"), "{result:?}");
    assert_eq!(whole.metadata().unwrap().modified().unwrap(), made, "it was not made again");
    assert_eq!(std::fs::read_dir(whole.parent().unwrap()).unwrap().count(), 1);
}
