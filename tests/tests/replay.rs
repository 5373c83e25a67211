//! Recordings over REST and as files: watched from any moment, counted, judged, restored, carried elsewhere, and forgotten.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::replay::{Moment, Replay, ReplayEntry, ReplayStatistics};
use codementor_protocol::session::{Session, SessionParticipant};
use codementor_protocol::session_event::SessionRunResult;
use codementor_tests::challenges::{challenge, reference, starter};
use codementor_tests::{Answer, Learner, Live, Peer, Server, eventually, judge_works, program};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ID: &str = "pair-sum";
/// What the text of a scene is, edit by edit.
const TEXTS: [&str; 5] =
    ["x = '😀'\n", "f = '😀'\n", "f = '😀'\nshow(f)\n", "f = ':-)'\nshow(f)\n", "f = ':-)'\n"];
/// What is asked of a record; where there is a body, it is of moment 1.
const ASKED: [&str; 6] =
    ["/replay?limit=5", "/replay/moment?seq=1", "/replay/statistics", "/export", "/replay/run", "/restore"];

/// A session of Ada, without a CRDT, and Ben, with one.
async fn session(settings: &Value) -> (Server, Live, Learner, [Peer; 2]) {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::with(&ada, settings).await;
    let (a, b) = (live.member(&server, &ada).await.0, live.editor(&server, &ben).await);
    (server, live, ben, [a, b])
}

/// One in which both wrote, and Ada said something.
async fn scene() -> (Server, Live, Learner, [Peer; 2]) {
    let (server, live, ben, [mut a, mut b]) = session(&json!({ "title": "Kata", "code": TEXTS[0] })).await;
    let _ = a.done("code-change", &json!({ "from": 0, "to": 1, "insert": "f" }), "1").await;
    b.until_text(TEXTS[1]).await;
    b.write(9, 9, "show(f)\n").await;
    b.settled().await;
    let _ = a.done("session-message", &json!({ "message": "No faces, please." }), "2").await;
    let _ = a.done("code-change", &json!({ "from": 5, "to": 7, "insert": ":-)" }), "3").await;
    b.until_text(TEXTS[3]).await;
    b.write(10, 18, "").await;
    b.settled().await;
    (server, live, ben, [a, b])
}

async fn put(peer: &mut Peer, text: &str) {
    let all = json!({ "from": 0, "to": 4_000_000, "insert": text });
    let _ = peer.done("code-change", &all, &text.len().to_string()).await;
}

async fn get<T: DeserializeOwned>(who: &Learner, live: &Live, below: &str) -> T {
    who.get(&live.path(below)).await.expect(200).json()
}

/// The end of a recording, once it has this text: while the session goes on it may be two seconds old.
async fn end_with(who: &Learner, live: &Live, text: &str) -> u64 {
    eventually("the text is in the recording", async || {
        let last: Moment = get(who, live, "/replay/moment").await;
        (last.code == text).then_some(last.seq)
    })
    .await
}

async fn ask(who: &Learner, id: &str, below: &str) -> Answer {
    let path = format!("/api/sessions/{id}{below}");
    let has_body = below.ends_with("/run") || below.ends_with("/restore");
    if has_body { who.post(&path, &json!({ "seq": 1 })).await } else { who.get(&path).await }
}

async fn judged(who: &Learner, live: &Live, seq: u64) -> SessionRunResult {
    who.post(&live.path("/replay/run"), &json!({ "seq": seq, "stdin": "😀ab\n" })).await.expect(200).json()
}

async fn exported(who: &Learner, live: &Live) -> Vec<u8> {
    let answer = who.client.request(Method::GET, &live.path("/export")).send().await.unwrap();
    answer.error_for_status().unwrap().bytes().await.unwrap().to_vec()
}

async fn import(who: &Learner, file: Vec<u8>) -> Answer {
    who.client.send(who.client.request(Method::POST, "/api/sessions/import").body(file)).await
}

/// A file with something else in its first line, and a sum that is right.
fn forged(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = file.iter().position(|byte| *byte == b'\n').unwrap();
    let end = file[..file.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    let line = str::from_utf8(&file[..at]).unwrap().replacen(from, to, 1);
    let bent = [line.as_bytes(), &file[at..end]].concat();
    let sum: String = Sha256::digest(&bent).iter().map(|byte| format!("{byte:02x}")).collect();
    [bent, format!("\n{{\"sha256\":\"{sum}\"}}\n").into_bytes()].concat()
}

/// The text before the first entry and after each, as a page plays it.
fn played(items: &[ReplayEntry]) -> Vec<String> {
    let (mut units, mut texts) = (Vec::new(), vec![String::new()]);
    for entry in items {
        for splice in entry.splices.iter().flatten() {
            let at = splice.at as usize;
            units.splice(at..at + splice.delete as usize, splice.insert.encode_utf16());
        }
        texts.push(String::from_utf16(&units).expect("no character is cut"));
    }
    texts
}

fn edits(items: &[ReplayEntry]) -> Vec<&ReplayEntry> {
    items.iter().filter(|entry| entry.splices.is_some()).collect()
}

/// JSON with people's names instead of their ids.
fn named(value: &impl Serialize, people: &[SessionParticipant]) -> String {
    let text = serde_json::to_string(value).unwrap();
    people.iter().fold(text, |text, one| text.replace(&one.user_id, &one.username))
}

#[tokio::test]
async fn the_record_tells_who_wrote_and_said_what_and_leads_to_the_text() {
    let (_server, live, ben, _peers) = scene().await;
    let Replay { header, keyframe, items, next_cursor } = get(&ben, &live, "/replay").await;
    assert_eq!((keyframe.seq, keyframe.code.as_str(), next_cursor), (0, "", None));
    assert!(items.iter().map(|entry| entry.seq).eq(1..=header.last_seq));
    assert!(items.iter().all(|entry| entry.splices.is_some() != entry.event.is_some()), "{items:?}");
    assert!(items.is_sorted_by_key(|entry| entry.at_ms));
    assert_eq!((items[0].at_ms, items.last().unwrap().at_ms), (0, header.duration_ms));
    let texts = played(&items);
    let (ada, ben_id) = (Some(live.creator.user.id), Some(ben.user.id));
    let wrote = edits(&items).into_iter().map(|edit| (&edit.user_id, texts[edit.seq as usize].as_str()));
    assert!(wrote.eq([&None, &ada, &ben_id, &ada, &ben_id].into_iter().zip(TEXTS)), "{items:?}");
    let events = items.iter().filter_map(|entry| Some((entry, &entry.event.as_ref()?["data"])));
    let said: Vec<_> = events.filter(|(_, data)| data["message"].is_string()).collect();
    let [(entry, data)] = said.as_slice() else { panic!("{items:?}") };
    assert_eq!((&entry.user_id, texts[entry.seq as usize].as_str()), (&ada, TEXTS[2]), "where it was said");
    assert_eq!((&data["message"], &data["username"]), (&json!("No faces, please."), &json!("Ada")));
    assert!(data["at"].as_str().unwrap() >= header.started_at.as_str());
    assert_eq!((header.imported, header.session.id), (false, live.id));
    let names = header.people.into_iter().map(|one| (Some(one.user_id), one.username));
    assert!(names.eq([(ada, "Ada".to_owned()), (ben_id, "Ben".to_owned())]));
}

#[tokio::test]
async fn a_record_is_read_from_any_moment_and_page_by_page() {
    let (_server, live, ben, _peers) = scene().await;
    let whole: Replay = get(&ben, &live, "/replay?limit=5000").await;
    let (texts, last) = (played(&whole.items), whole.items.len());
    for limit in [1, 3, last] {
        let (mut items, mut query) = (Vec::new(), format!("/replay?limit={limit}"));
        loop {
            let page: Replay = get(&ben, &live, &query).await;
            assert_eq!((page.keyframe.seq, &page.keyframe.code), (items.len() as u64, &texts[items.len()]));
            assert_eq!((&page.header, page.items.len()), (&whole.header, limit.min(last - items.len())));
            items.extend(page.items);
            let Some(cursor) = page.next_cursor else { break };
            query = format!("/replay?limit={limit}&cursor={cursor}");
        }
        assert_eq!(items, whole.items);
    }
    let times = whole.items.iter().map(|entry| entry.at_ms).chain([u64::MAX]);
    let times = times.map(|at| (format!("at_ms={at}"), whole.items.partition_point(|one| one.at_ms <= at)));
    let seqs = (0..=last as u64).chain([u64::MAX]);
    let seqs = seqs.map(|seq| (format!("seq={seq}&cursor={seq}"), last.min(seq as usize)));
    for (query, after) in times.chain(seqs) {
        let page: Replay = get(&ben, &live, &format!("/replay?{query}")).await;
        assert_eq!((page.keyframe.seq, &page.keyframe.code), (after as u64, &texts[after]), "{query}");
        assert_eq!((page.items.as_slice(), page.next_cursor), (&whole.items[after..], None), "{query}");
        let then: Moment = get(&ben, &live, &format!("/replay/moment?{query}")).await;
        assert_eq!((then.seq, &then.code), (after as u64, &texts[after]), "{query}");
        let length: u32 = then.authors.iter().map(|run| run.length).sum();
        assert_eq!(length as usize, texts[after].encode_utf16().count(), "{query}");
    }
    let end: Moment = get(&ben, &live, "/replay/moment").await;
    let ada = Some(live.creator.user.id.clone());
    let runs = end.authors.iter().map(|run| (&run.user_id, run.length));
    assert!(runs.eq([(&ada, 1), (&None, 4), (&ada, 3), (&None, 2)]), "{end:?}");
    for bad in ["limit=0", "limit=5001", "cursor=x", "cursor=", "cursor=-1", "cursor=18446744073709551616"] {
        let problem = ben.get(&live.path(&format!("/replay?{bad}"))).await.problem(422, "invalid_request");
        assert!(bad.starts_with(&problem.errors[0].field), "{bad}: {problem:?}");
    }
    for bad in ["?limit=x", "?limit=-1", "?at_ms=-1", "?at_ms=1.5", "/moment?seq=-1", "/moment?at_ms=x"] {
        ben.get(&live.path(&format!("/replay{bad}"))).await.problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn who_did_how_much_is_counted() {
    let (_server, live, ben, [mut a, mut b]) = session(&json!({ "code": "#".repeat(100) })).await;
    let _ = a.done("code-change", &json!({ "from": 0, "to": 0, "insert": "a".repeat(79) }), "1").await;
    let _ = a.done("code-change", &json!({ "from": 79, "to": 89, "insert": "A".repeat(90) }), "2").await;
    b.until("all of it is there", |b| b.text().len() == 259).await;
    for (from, to, text) in [(0, 0, &*"b".repeat(80)), (0, 0, "\n\n"), (0, 0, "1\n2\n3\n"), (88, 138, "")] {
        b.write(from, to, text).await;
    }
    b.settled().await;
    let told: ReplayStatistics = get(&ben, &live, "/replay/statistics").await;
    let items = get::<Replay>(&ben, &live, "/replay").await.items;
    let (ada, ben) = (live.creator.user.id.as_str(), ben.user.id.as_str());
    let wanted = [(None, [1, 100, 0, 90]), (Some(ada), [2, 169, 10, 119]), (Some(ben), [4, 88, 50, 88])];
    let rows = told.authors.iter();
    let rows = rows.map(|it| (it.user_id.as_deref(), [it.edits, it.inserted, it.deleted, it.surviving]));
    assert!(rows.eq(wanted), "{told:?}");
    assert_eq!(played(&items).last().unwrap().len(), 90 + 119 + 88, "what survives is the text");
    let shares = told.authors.iter().map(|one| one.inserted_share).zip([0.0, 169.0 / 257.0, 88.0 / 257.0]);
    assert!(shares.into_iter().all(|(share, wanted)| (share - wanted).abs() < 1e-9), "{told:?}");
    let place = |seq| edits(&items).iter().position(|edit| edit.seq == seq).unwrap();
    let pastes = told.pastes.iter().map(|one| (place(one.seq), one.user_id.as_str(), one.length));
    assert!(pastes.eq([(2, ada, 90), (3, ben, 80), (5, ben, 6)]) && told.paste_count == 3, "{told:?}");
}

#[tokio::test]
async fn a_moment_is_judged_as_it_was_and_nobody_hears_of_it() {
    let (server, live, ben, [mut a, _b]) = session(&json!({ "challenge_id": ID })).await;
    if !judge_works(&server).await {
        return;
    }
    put(&mut a, reference(ID, "python")).await;
    let _ = a.done("run-code", &json!({}), "run").await;
    let heard = [a.event_of("run-started").await.data, a.event_of("run-result").await.data];
    put(&mut a, "def (").await;
    let items = get::<Replay>(&ben, &live, "/replay").await.items;
    let told = items.iter().filter_map(|entry| Some(&entry.event.as_ref()?["data"]));
    assert!(told.filter(|data| data["run_id"].is_string()).eq(&heard), "the run of then: {items:?}");
    let texts = played(&items);
    let place = |text: &str| texts.iter().position(|known| known == text).unwrap() as u64;
    let right = judged(&ben, &live, place(reference(ID, "python"))).await;
    assert_eq!((right.success, right.score, right.username.as_str()), (true, Some(100), "Ben"));
    assert_eq!((right.tests.len(), right.xp), (challenge(ID).tests.len(), vec![]));
    for wrong in ["", starter(ID, "python"), "def ("] {
        let result = judged(&ben, &live, place(wrong)).await;
        assert!(!result.success && result.score != Some(100), "{wrong:?}: {result:?}");
    }
    for bad in [json!({ "seq": 1_u64 << 40 }), json!({ "seq": 1, "stdin": "x".repeat(65_537) })] {
        ben.post(&live.path("/replay/run"), &bad).await.problem(422, "invalid_request");
    }
    let _ = a.done("ping", &json!({}), "ping").await;
    assert!(!a.unasked().iter().any(|kind| kind == "run-started"), "{:?}", a.unasked());
    assert_eq!(ben.get("/api/submissions").await.value()["items"], json!([]));
    let live = Live::with(&ben, &json!({ "code": "print(input()[::-1])" })).await;
    let result = judged(&ben, &live, 1).await;
    assert_eq!((result.success, result.output.as_str(), result.score), (true, "ba😀\n", None));
}

#[tokio::test]
async fn a_moment_is_judged_in_the_language_that_it_was_written_in() {
    let (server, live, _ben, [mut a, _b]) = session(&json!({ "challenge_id": ID })).await;
    if !judge_works(&server).await {
        return;
    }
    let ada = &live.creator;
    put(&mut a, reference(ID, "python")).await;
    let python = end_with(ada, &live, reference(ID, "python")).await;
    let _ = ada.patch(&live.path(""), &json!({ "language": "javascript" })).await.expect(200);
    // The recording may be known still as it was before.
    let at_once = judged(ada, &live, python).await;
    put(&mut a, reference(ID, "javascript")).await;
    let script = end_with(ada, &live, reference(ID, "javascript")).await;
    let _ = ada.patch(&live.path(""), &json!({ "language": "python", "title": "Back" })).await.expect(200);
    let copy: Session = import(ada, exported(ada, &live).await).await.expect(201).json();
    let copy = Live { id: copy.id, creator: ada.clone() };
    for (known, seq) in [(&live, python), (&live, script), (&copy, python), (&copy, script)] {
        let result = judged(ada, known, seq).await;
        assert!(result.success, "{seq} of {python}, {script}: {result:?}");
    }
    assert!(at_once.success, "just after the change: {at_once:?}");
}

#[tokio::test]
async fn a_moment_comes_back_for_everybody() {
    let (mut server, live, ben, [mut a, mut b]) = scene().await;
    let vic = server.guest("Vic").await;
    live.join(&vic).await;
    let _ = live.set_role(&vic, "viewer").await;
    let mut v = live.editor(&server, &vic).await;
    let texts = played(&get::<Replay>(&vic, &live, "/replay").await.items);
    let restore = live.path("/restore");
    for (who, text) in [(&ben, TEXTS[2]), (&live.creator, ""), (&ben, TEXTS[3])] {
        let seq = texts.iter().position(|known| known == text).unwrap();
        assert_eq!(who.post(&restore, &json!({ "seq": seq })).await.expect(204).body, "");
        b.until_text(text).await;
        v.until_text(text).await;
        assert_eq!(a.event_of("session-restored").await.data, json!({ "seq": seq, "user_id": who.user.id }));
    }
    let _ = end_with(&vic, &live, TEXTS[3]).await;
    let items = get::<Replay>(&vic, &live, "/replay").await.items;
    let wrote = edits(&items).into_iter().rev().map(|edit| edit.user_id.as_ref().unwrap()).take(3);
    assert!(wrote.eq([&ben.user.id, &live.creator.user.id, &ben.user.id]), "{items:?}");
    vic.post(&restore, &json!({ "seq": 1 })).await.problem(403, "not_allowed");
    for bad in [json!({ "seq": 4_000_000_000_u64 }), json!({ "seq": -1 }), json!({ "seq": "1" }), json!({})] {
        live.creator.post(&restore, &bad).await.problem(422, "invalid_request");
    }
    let _ = live.creator.patch(&live.path(""), &json!({ "policy": "driver" })).await.expect(200);
    ben.post(&restore, &json!({ "seq": 1 })).await.problem(403, "not_allowed");
    server.kill9().await;
    server.restart().await;
    let live = live.at(&server);
    live.editor(&server, &live.creator).await.until_text(TEXTS[3]).await;
}

#[tokio::test]
async fn who_does_not_take_part_learns_nothing_of_a_record() {
    let (server, live, ben, _peers) = scene().await;
    let eve = server.guest("Eve").await;
    let _ = live.creator.delete(&live.path(&format!("/participants/{}", ben.user.id))).await.expect(204);
    let nobody = Learner { client: server.client(), ..eve.clone() };
    for below in ASKED {
        let mut problems = Vec::new();
        for id in [live.id.as_str(), &eve.user.id, "x", "%00"] {
            ask(&nobody, id, below).await.problem(401, "unauthenticated");
            problems.push(ask(&eve, id, below).await.problem(404, "not_found"));
            problems.push(ask(&ben, id, below).await.problem(404, "not_found"));
        }
        problems.iter_mut().for_each(|problem| problem.request_id = None);
        assert!(problems.iter().all(|problem| *problem == problems[0]), "{below}: {problems:#?}");
    }
    import(&nobody, Vec::new()).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_server_and_the_command_write_the_same_file() {
    let (mut server, live, ben, [mut a, mut b]) = scene().await;
    live.end().await;
    assert_eq!((a.closed().await, b.closed().await), (1000, 1000));
    let file = exported(&ben, &live).await;
    let (data, folder) = (server.data().display().to_string(), server.folder().to_owned());
    let export = async |id: &str, to: &[&str]| {
        program::run(&folder, &[&["export", "session", id, "--data", &data], to].concat(), &[]).await
    };
    let beside = export(&live.id, &["--output", "beside"]).await;
    assert!(beside.status.success() && beside.stdout.starts_with("beside: "), "{}", beside.text());
    server.terminate().await;
    assert!(export(&live.id, &[]).await.status.success());
    for (id, why) in [(live.id.as_str(), "cannot be made"), (&ben.user.id, "no session"), ("x", "no id")] {
        let refused = export(id, &["--output", "beside"]).await;
        assert!(!refused.status.success() && refused.stderr.contains(why), "{}", refused.text());
    }
    let files = ["beside", &format!("session-{}.codementor", live.id)].map(|name| folder.join(name));
    assert!(files.iter().all(|path| std::fs::read(path).unwrap() == file));
}

#[tokio::test]
async fn what_is_brought_in_is_watched_as_it_was() {
    let (server, live, ben, _peers) = scene().await;
    let eve = server.guest("Eve").await;
    let whole: Replay = get(&ben, &live, "/replay").await;
    let made: Session = import(&eve, exported(&ben, &live).await).await.expect(201).json();
    assert_eq!((made.title.as_str(), made.language.as_str()), ("Kata", "python"));
    assert!(made.participants.iter().map(|one| &one.user_id).eq([&eve.user.id]), "{made:?}");
    let copy = Live { id: made.id, creator: eve.clone() };
    ben.get(&copy.path("/replay")).await.problem(404, "not_found");
    eve.post(&copy.path("/restore"), &json!({ "seq": 1 })).await.problem(403, "not_allowed");
    let Replay { header, items, .. } = get(&eve, &copy, "/replay").await;
    assert!(header.imported && header.started_at == whole.header.started_at, "{header:?}");
    // Its people are strangers of the same names, who did the same.
    let mut people = whole.header.people;
    assert!(header.people.iter().all(|one| people.iter().all(|known| known.user_id != one.user_id)));
    assert!(header.people.iter().map(|one| &one.username).eq(["Ada", "Ben"]), "{header:?}");
    people.extend(header.people);
    assert_eq!(named(&&items[..whole.items.len()], &people), named(&whole.items, &people));
    let paths = (0..=whole.items.len()).map(|seq| format!("/replay/moment?seq={seq}"));
    for path in paths.chain(["/replay/statistics".to_owned()]) {
        let (then, told): (Value, Value) = (get(&eve, &copy, &path).await, get(&ben, &live, &path).await);
        assert_eq!(named(&then, &people), named(&told, &people), "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_whole_is_refused_and_makes_nothing() {
    let (server, live, ben, _peers) = scene().await;
    let eve = server.guest("Eve").await;
    let file = exported(&ben, &live).await;
    let (half, longer, mut bent) = (file.len() / 2, [&file[..], b"\n"].concat(), file.clone());
    bent[half] ^= 1;
    let cut = [&file[..half], &file[..file.len() - 1], b"", b"another file\n", &longer, &bent];
    let bent = [("version\":1", "version\":2"), ("python", "a b"), ("title", "tit"), ("Kata", "\\u0001")];
    let bent = bent.map(|(from, to)| forged(&file, from, to));
    for (n, bad) in cut.into_iter().map(<[u8]>::to_vec).chain(bent).enumerate() {
        let problem = import(&eve, bad).await.any_problem();
        assert_eq!((problem.status, problem.code.as_str()), (422, "not_a_session_file"), "{n}: {problem:?}");
    }
    assert_eq!(eve.get("/api/sessions").await.value()["items"], json!([]));
    let _ = import(&eve, forged(&file, "Kata", "Cup")).await.expect(201);
}

#[tokio::test]
async fn what_is_not_recorded_cannot_be_watched() {
    let (mut server, live, ben, [mut a, _b]) = scene().await;
    let never = Live::with(&ben, &json!({ "code": "kept", "recording": false })).await;
    let _: Replay = get(&ben, &live, "/replay").await;
    let _ = live.creator.patch(&live.path(""), &json!({ "recording": false })).await.expect(200);
    put(&mut a, "later").await;
    for (id, below) in [&live.id, &never.id].into_iter().flat_map(|id| ASKED.map(|below| (id, below))) {
        ask(&ben, id, below).await.problem(404, "not_recorded");
    }
    live.creator.patch(&live.path(""), &json!({ "recording": true })).await.problem(403, "not_allowed");
    let (data, folder) = (server.data().display().to_string(), server.folder().to_owned());
    server.terminate().await;
    for id in [&live.id, &never.id] {
        let refused = program::run(&folder, &["export", "session", id, "--data", &data, "-o", id], &[]).await;
        assert!(!refused.status.success() && !folder.join(id).exists(), "{}", refused.text());
    }
}
