//! What the program refuses to start with, and says why: damaged or foreign data, wrong settings. And what it never says: secrets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use codementor_protocol::auth::SignedIn;
use codementor_tests::github::{CLIENT_SECRET, GithubStandIn};
use codementor_tests::program::{self, Ended};
use codementor_tests::{Server, github_flow};
use serde_json::json;
use tempfile::TempDir;

const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];

async fn run(folder: &Path, args: &[&str]) -> Ended {
    program::run(folder, args, &[]).await
}

/// A data folder as a stopped server leaves it, with somebody in it.
async fn used_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut server = codementor_tests::Setup::default().start_in(folder).await;
    for n in 0..50 {
        let _ = server.guest(&format!("Learner {n}")).await;
    }
    assert!(server.terminate().await.success());
    let copy = TempDir::new().unwrap();
    fs::create_dir(copy.path().join("data")).unwrap();
    for entry in fs::read_dir(server.data()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), copy.path().join("data").join(entry.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn damaged_foreign_and_newer_databases_are_refused_and_left_as_they_are() {
    let folder = used_folder().await;
    let data = folder.path().join("data");
    let path = data.join("codementor.db");
    let sound = fs::read(&path).unwrap();
    assert!(sound.starts_with(b"SQLite format 3\0") && sound.len() > 16_384, "{} bytes", sound.len());
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = sound.clone();
        change(&mut bytes);
        bytes
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a text", b"This is my diary.\n".repeat(500), "not a CodeMentor database"),
        ("one byte", vec![b'x'], "not a CodeMentor database"),
        (
            "another program's database",
            changed(&|bytes| bytes[68..72].copy_from_slice(b"Mine")),
            "not a CodeMentor database",
        ),
        (
            "a newer schema",
            changed(&|bytes| bytes[60..64].copy_from_slice(&999_u32.to_be_bytes())),
            "schema version 999",
        ),
        ("a page of rubbish", changed(&|bytes| bytes[4096..8192].fill(0xa5)), "damaged"),
        (
            "rubbish at the end",
            changed(&|bytes| {
                let half = bytes.len() / 2;
                bytes[half..].fill(0x5a)
            }),
            "damaged",
        ),
        ("half of it", changed(&|bytes| bytes.truncate(bytes.len() / 2)), "damaged"),
    ];
    let data = data.display().to_string();
    for (what, bytes, words) in cases {
        fs::write(&path, &bytes).unwrap();
        for command in [
            &["serve", "--data", &data, LISTEN[0], LISTEN[1]][..],
            &["migrate", "--data", &data],
            &["admin", "grant", "Learner 1", "admin", "--data", &data],
        ] {
            let refused = run(folder.path(), command).await;
            assert!(
                !refused.status.success() && refused.stdout.is_empty(),
                "{what}, {command:?}: {}",
                refused.text()
            );
            assert!(
                refused.stderr.contains(words) && refused.stderr.contains("untouched"),
                "{what}, {command:?}: {}",
                refused.stderr
            );
            assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
            assert!(fs::read(&path).unwrap() == bytes, "{what} was changed by {command:?}");
        }
        let doctor = run(folder.path(), &["doctor", "--data", &data]).await;
        assert!(!doctor.status.success() && doctor.stdout.contains("FAULT"), "{what}: {}", doctor.text());
        assert!(fs::read(&path).unwrap() == bytes, "{what} was changed by the doctor");
    }
    fs::write(&path, &sound).unwrap();
    let sound_again = run(folder.path(), &["migrate", "--data", &data]).await;
    assert!(sound_again.status.success(), "{}", sound_again.text());
}

#[tokio::test]
async fn a_folder_is_made_when_missing_and_refused_when_it_cannot_be_used() {
    let folder = TempDir::new().unwrap();
    let deep = folder.path().join("a/b/c");
    let made = run(folder.path(), &["migrate", "--data", deep.to_str().unwrap()]).await;
    assert!(made.status.success() && made.stdout.contains("schema"), "{}", made.text());
    assert_eq!(fs::metadata(&deep).unwrap().permissions().mode() & 0o077, 0);
    assert_eq!(fs::metadata(deep.join("codementor.db")).unwrap().permissions().mode() & 0o077, 0);
    let again = run(folder.path(), &["migrate", "--data", deep.to_str().unwrap()]).await;
    assert!(again.status.success(), "{}", again.text());

    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let elsewhere = format!("sqlite://{}", folder.path().join("no/such/folder/x.db").display());
    let a_folder = format!("sqlite://{}", folder.path().display());
    let (file, below) = (file.display().to_string(), file.join("data").display().to_string());
    for (args, word) in [
        (vec!["--data", &file], file.as_str()),
        (vec!["--data", &below], &below),
        (vec!["--data", "/proc/nowhere"], "/proc/nowhere"),
        (vec!["--data", deep.to_str().unwrap(), "--database", &elsewhere], "no/such/folder"),
        (vec!["--data", deep.to_str().unwrap(), "--database", &a_folder], folder.path().to_str().unwrap()),
    ] {
        let refused = run(folder.path(), &[&["serve", LISTEN[0], LISTEN[1]][..], &args[..]].concat()).await;
        assert_eq!(refused.status.code(), Some(1), "{args:?}: {}", refused.text());
        assert!(
            refused.stderr.contains(word) && !refused.stderr.contains("panicked"),
            "{args:?}: {}",
            refused.stderr
        );
        assert!(refused.stdout.is_empty());
    }
    let taken = Server::start().await;
    let busy = ["serve", "--listen", taken.authority(), "--data", deep.to_str().unwrap()];
    let refused = run(folder.path(), &busy).await;
    assert!(!refused.status.success() && refused.stderr.contains(taken.authority()), "{}", refused.text());
}

#[tokio::test]
async fn all_faults_of_the_settings_are_told_at_once_and_no_secret_is() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("codementor.toml"),
        "public_url = \"ftp://x\"\nunknown_thing = 1\nlog = [1]\nguests = \"maybe\"\n",
    )
    .unwrap();
    let env = [
        ("CODEMENTOR_JWT_SECRET", "hunter2"),
        ("CODEMENTOR_GITHUB_CLIENT_SECRET", "hunter3"),
        ("CODEMENTOR_ROLES", "cook"),
        ("CODEMENTOR_AI_MODEL", "m"),
    ];
    let args = [
        "serve",
        "--listen",
        "nowhere",
        "--database",
        "mongodb://u:hunter4@127.0.0.1",
        "--redis",
        "redis://:hunter5@127.0.0.1",
        "--judge",
        "ftp://127.0.0.1:1",
    ];
    let refused = program::run(folder.path(), &args, &env).await;
    assert!(!refused.status.success() && refused.stdout.is_empty(), "{}", refused.text());
    for word in [
        "--listen",
        "--database",
        "--redis",
        "--judge",
        "CODEMENTOR_ROLES",
        "CODEMENTOR_AI_MODEL",
        "CODEMENTOR_JWT_SECRET",
        "github_client_id",
        "public_url",
        "unknown_thing",
        "log",
        "guests",
    ] {
        assert!(refused.stderr.contains(word), "{word} is missing in {}", refused.stderr);
    }
    assert!(!refused.stderr.contains("hunter"), "{}", refused.stderr);
    assert!(fs::read_dir(folder.path()).unwrap().count() == 1, "nothing was made");

    fs::write(folder.path().join("codementor.toml"), "jwt_secret = \"hunter6\nguests = on\n").unwrap();
    let refused = run(folder.path(), &["serve"]).await;
    assert!(!refused.status.success() && refused.stderr.contains("codementor.toml"), "{}", refused.text());
    assert!(!refused.stderr.contains("hunter"), "{}", refused.stderr);
    fs::remove_file(folder.path().join("codementor.toml")).unwrap();
    for args in [
        &["serve", "--jwt-secret", "hunter7-hunter7-hunter7-hunter7-hunter7"][..],
        &["serve", "--nonsense"],
        &["cook"],
        &[],
        &["serve", "--config", "none.toml"],
    ] {
        let refused = run(folder.path(), args).await;
        assert!(!refused.status.success() && !refused.stderr.is_empty(), "{args:?}");
    }
    let help = run(folder.path(), &["serve", "--help"]).await;
    for name in ["--listen", "--public-url", "CODEMENTOR_DATA", "CODEMENTOR_GITHUB_BASE_URL"] {
        assert!(help.stdout.contains(name), "{}", help.stdout);
    }
}

#[tokio::test]
async fn flags_go_before_the_environment_and_that_before_the_file() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("codementor.toml"), "guests = \"off\"\ndata = \"from-file\"\n").unwrap();
    let row = async |args: &[&str], env: &[(&str, &str)]| {
        let args = [&["doctor"][..], args].concat();
        let ended = program::run(folder.path(), &args, env).await;
        (
            ended.stdout.contains("guests on"),
            ["from-file", "from-env", "from-flag"].map(|name| ended.stdout.contains(name)),
        )
    };
    assert_eq!(row(&[], &[]).await, (false, [true, false, false]));
    let env = [("CODEMENTOR_DATA", "from-env"), ("CODEMENTOR_GUESTS", "on")];
    assert_eq!(row(&[], &env).await, (true, [false, true, false]));
    assert_eq!(row(&["--data", "from-flag"], &env).await, (true, [false, false, true]));
}

#[tokio::test]
async fn the_doctor_looks_at_everything_also_beside_a_running_server() {
    let server = Server::start().await;
    let works = codementor_tests::judge_works(&server).await;
    let data = server.data().display().to_string();
    let doctor = run(server.folder(), &["doctor", "--data", &data]).await;
    assert_eq!(doctor.status.success(), works, "{}", doctor.text());
    for row in
        ["data folder", "database", "disk", "judge", "catalogue", "sign-in", "in use by a running server"]
    {
        assert!(doctor.stdout.contains(row), "{row} is missing in\n{}", doctor.stdout);
    }
    if works {
        assert!(
            doctor.stdout.contains("language python") && doctor.stdout.contains("language javascript"),
            "{}",
            doctor.stdout
        );
        assert!(!doctor.stdout.contains("FAULT"), "{}", doctor.stdout);
    }
    let nobody = run(server.folder(), &["doctor", "--data", &data, "--guests", "off"]).await;
    assert!(!nobody.status.success() && nobody.stdout.contains("FAULT  sign-in"), "{}", nobody.text());
    let _ = server.guest("Ada").await;
}

#[tokio::test]
async fn no_log_holds_a_secret_even_at_its_loudest() {
    const KEY: &str = "jwt-key-of-the-tests-0123456789-abcdefghijk";
    let github = GithubStandIn::start().await;
    let server =
        github_flow::setup(&github).env("CODEMENTOR_JWT_SECRET", KEY).arg("--log", "trace").start().await;
    let mut secrets = vec![KEY.to_owned(), CLIENT_SECRET.to_owned(), "gho_".to_owned()];
    let ada = server.guest("Ada").await;
    secrets.extend([ada.token.clone(), ada.cookie.clone()]);
    let browser = server.client().browser();
    let url = github_flow::begin_spa(&browser).await;
    secrets.push(browser.jar_cookie("codementor_oauth").unwrap());
    let back = github_flow::consent(&github, &url).await;
    let body = github_flow::code_and_state(&back);
    secrets.extend(["code", "state"].map(|name| body[name].as_str().unwrap().to_owned()));
    let signed_in: SignedIn = browser.post("/api/auth/github", &body).await.expect(200).json();
    secrets.extend([signed_in.token, browser.jar_cookie("codementor_session").unwrap()]);
    let _ = github_flow::sign_in(&github, &server.client().browser()).await.expect(303);
    for token in [&ada.token, "forged.token.value"] {
        let _ = server.client().with_token(token).get(&format!("/api/auth/me?token={token}")).await;
        let _ = codementor_tests::socket::Handshake::default().query_token(token).open(&server).await;
    }
    let _ = browser.post("/api/auth/guest", &json!({ "username": format!("{} x", ada.token) })).await;
    let _ = ada.client.post_nothing("/api/auth/logout").await.expect(204);
    let log = server.log();
    assert!(log.lines().count() > 50, "{} lines at trace", log.lines().count());
    let seen = [log, server.client().get("/metrics").await.body, server.client().get("/readyz").await.body];
    for secret in &secrets {
        for text in &seen {
            let place = text.lines().find(|line| line.contains(secret));
            assert_eq!(place, None, "a secret ({}…) was written", &secret[..4]);
        }
    }
}

#[tokio::test]
async fn two_servers_never_share_a_database() {
    let server = Server::start().await;
    let database = format!("sqlite://{}", server.data().join("codementor.db").display());
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data").display().to_string();
    for command in [&["serve", LISTEN[0], LISTEN[1]][..], &["migrate"]] {
        let args = [command, &["--data", &data, "--database", &database]].concat();
        let refused = run(elsewhere.path(), &args).await;
        assert_eq!(refused.status.code(), Some(1), "{}", refused.text());
        assert!(refused.stdout.is_empty(), "{}", refused.stdout);
        let clear = ["codementor.db", "in use by another codementor process", "--database"];
        assert!(clear.iter().all(|word| refused.stderr.contains(word)), "{}", refused.stderr);
    }
    let _ = server.guest("Ada").await;
}

#[tokio::test]
async fn doctor_and_admin_make_and_migrate_nothing() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let args = |command: &[&str]| [command, &["--data", data.to_str().unwrap()]].concat().join("\n");
    let run = async |command: &[&str]| {
        let args = args(command);
        run(folder.path(), &args.split('\n').collect::<Vec<_>>()).await
    };
    let doctor = run(&["doctor"]).await;
    assert!(doctor.stdout.contains("not there yet") && !data.exists(), "{}", doctor.text());
    let grant = run(&["admin", "grant", "Ada", "admin"]).await;
    assert!(!grant.status.success() && !data.exists(), "{}", grant.text());

    // A schema of before the first: the header says 0.
    assert!(run(&["migrate"]).await.status.success());
    let path = data.join("codementor.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[60..64].fill(0);
    fs::write(&path, &bytes).unwrap();
    let grant = run(&["admin", "grant", "Ada", "admin"]).await;
    assert!(!grant.status.success() && grant.stderr.contains("codementor migrate"), "{}", grant.text());
    let doctor = run(&["doctor"]).await;
    assert!(doctor.stdout.contains("schema 0; `codementor migrate`"), "{}", doctor.text());
    assert!(fs::read(&path).unwrap() == bytes, "the database was changed");
}
