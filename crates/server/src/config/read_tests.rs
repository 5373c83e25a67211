//! Precedence, and faults all at once.

use super::*;

fn given(flags: &[(&'static str, &str)]) -> Given {
    Given {
        flags: flags.iter().map(|(name, text)| (*name, (*text).to_owned())).collect(),
        ..Given::default()
    }
}

fn no_env(_: &str) -> Option<OsString> {
    None
}

#[test]
fn without_settings_everything_is_embedded() {
    let config = resolve(&Given::default(), no_env).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database, PathBuf::from("./data/codementor.db"));
    assert!(config.guests && config.github.is_none() && config.public_url.is_none());
}

#[test]
fn flag_before_environment_before_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:1\"\ndata = \"/file\"\nguests = false\n").unwrap();
    let env = |name: &str| match name {
        "CODEMENTOR_CONFIG" => Some(path.clone().into()),
        "CODEMENTOR_LISTEN" => Some("127.0.0.1:2".into()),
        "CODEMENTOR_LOG" => Some(OsString::new()),
        _ => None,
    };
    let config = resolve(&given(&[("listen", "127.0.0.1:3")]), env).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(resolve(&Given::default(), env).unwrap().listen.port(), 2);
    assert_eq!(config.data, PathBuf::from("/file"));
    assert!(!config.guests);
    assert_eq!(config.log, "info");
}

#[test]
fn guests_are_off_beyond_loopback() {
    assert!(!resolve(&given(&[("listen", "0.0.0.0:80")]), no_env).unwrap().guests);
    assert!(resolve(&given(&[("listen", "[::1]:80")]), no_env).unwrap().guests);
    assert!(resolve(&given(&[("listen", "0.0.0.0:80"), ("guests", "on")]), no_env).unwrap().guests);
}

#[test]
fn all_faults_are_reported_at_once_without_secrets() {
    let env = |name: &str| (name == "CODEMENTOR_JWT_SECRET").then(|| "hunter2".into());
    let flags = given(&[
        ("listen", "nowhere"),
        ("database", "mongodb://localhost"),
        ("redis", "redis://localhost"),
        ("judge", "ftp://judge"),
        ("roles", "web,cook"),
        ("public_url", "ftp://x"),
        ("guests", "maybe"),
        ("github_client_secret", "hunter3"),
        ("log", "a=b=c"),
    ]);
    let Faults(faults) = resolve(&flags, env).unwrap_err();
    let all = faults.join("\n");
    for name in [
        "--listen",
        "--database",
        "--redis",
        "--judge",
        "--roles",
        "--public-url",
        "--guests",
        "github_client_id",
        "--log",
        "CODEMENTOR_JWT_SECRET",
    ] {
        assert!(all.contains(name), "{name} is missing in:\n{all}");
    }
    assert_eq!(faults.len(), 10, "{all}");
    assert!(!all.contains("hunter"), "{all}");
}

#[test]
fn a_judge_is_here_or_a_server_and_its_token_no_flag() {
    assert!(matches!(resolve(&Given::default(), no_env).unwrap().judge, JudgeAt::Here));
    let env = |name: &str| (name == "CODEMENTOR_JUDGE_TOKEN").then(|| "hunter2".into());
    let config = resolve(&given(&[("judge", "https://judge.example/judge0")]), env).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let JudgeAt::Server { url, token } = config.judge else { panic!("{:?}", config.judge) };
    assert!(url.path() == "/judge0" && token.is_some());
    let Faults(faults) = resolve(&given(&[("judge", "local")]), env).unwrap_err();
    assert!(faults[0].contains("judge_token") && !faults[0].contains("hunter2"), "{faults:?}");
    assert!(SETTINGS.iter().any(|setting| setting.name == "judge_token" && setting.secret && !setting.flag));
}

#[test]
fn callbacks_go_nowhere_but_to_hosts_that_are_named() {
    assert!(resolve(&Given::default(), no_env).unwrap().callback_hosts.is_none());
    let hosts = given(&[("judge0_callback_hosts", "hooks.example.org, 10.0.0.1,[::1]")]);
    assert!(resolve(&hosts, no_env).unwrap().callback_hosts.check("http://10.0.0.1/").is_ok());
    assert!(resolve(&given(&[("judge0_callback_hosts", "http://x")]), no_env).is_err());
}

#[test]
fn a_process_has_both_roles_or_one() {
    let roles = |given: &Given| resolve(given, no_env).map(|config| config.roles);
    assert_eq!(roles(&Given::default()), Ok(Roles::Both));
    for (text, wanted) in [("worker, web", Roles::Both), ("web", Roles::Web), ("worker", Roles::Worker)] {
        assert_eq!(roles(&given(&[("roles", text)])), Ok(wanted));
    }
    for text in ["", ",", "web,cook", "web worker"] {
        assert!(roles(&given(&[("roles", text)])).is_err(), "{text:?}");
    }
    let worker = |given: Given| Given { worker_only: true, ..given };
    assert_eq!(roles(&worker(Given::default())), Ok(Roles::Worker));
    assert_eq!(roles(&worker(given(&[("roles", "web,worker")]))), Ok(Roles::Worker));
}

#[test]
fn a_worker_judges_in_its_own_sandbox() {
    let server = |roles| given(&[("judge", "https://judge.example"), ("roles", roles)]);
    assert!(resolve(&server("web"), no_env).is_ok());
    let Faults(faults) = resolve(&server("worker"), no_env).unwrap_err();
    assert!(faults.len() == 1 && faults[0].contains("judge"), "{faults:?}");
}

#[test]
fn a_file_must_be_sound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    std::fs::write(&path, "lisen = 1\ndata = []\n").unwrap();
    let named = Given { config_file: Some(path.display().to_string()), ..Given::default() };
    let Faults(faults) = resolve(&named, no_env).unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:?}");
    std::fs::write(&path, "jwt_secret = \"hunter2").unwrap();
    let Faults(faults) = resolve(&named, no_env).unwrap_err();
    assert!(!faults[0].contains("hunter2"), "{faults:?}");
    std::fs::remove_file(&path).unwrap();
    assert!(resolve(&named, no_env).is_err());
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let env = |name: &str| (name == "CODEMENTOR_CONFIG").then(OsString::new);
    assert!(resolve(&Given::default(), env).is_ok());
}

#[test]
fn a_variable_that_is_no_text_is_a_fault_and_not_unset() {
    use std::os::unix::ffi::OsStringExt;
    for name in ["CODEMENTOR_JWT_SECRET", "CODEMENTOR_CONFIG"] {
        let env = |asked: &str| (asked == name).then(|| OsString::from_vec(vec![0xff; 40]));
        let Faults(faults) = resolve(&Given::default(), env).unwrap_err();
        assert_eq!(faults, [format!("{name}: is not valid UTF-8")]);
    }
}

#[test]
fn a_keys_length_is_counted_without_blanks_around_it() {
    let with = |text: String| {
        resolve(&Given::default(), move |name| (name == "CODEMENTOR_JWT_SECRET").then(|| text.clone().into()))
    };
    assert!(with(format!("{}\n", "x".repeat(32))).is_ok());
    for short in ["x".repeat(31), format!("{}\n", "x".repeat(31)), " ".repeat(40)] {
        assert!(with(short).is_err());
    }
}
