//! Who may come into a session, what they are in it, and how they go: by REST and over the socket, with effect at once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_protocol::session::{Invitations, Session, SessionRole};
use codementor_tests::socket::Handshake;
use codementor_tests::{Live, Peer, Server, eventually, program};
use serde_json::json;

const AT_ONCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_ways_in_are_token_ticket_header_and_cookie() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let (live, other) = (Live::of(&ada).await, Live::of(&ada).await);
    let to = || Handshake::to_session(&live.id);
    for good in [
        to().query_token(&ada.token),
        to().bearer(&ada.token),
        to().cookie(&ada.cookie).header("origin", server.url()),
        to().query(&format!("ticket={}", live.ticket(&ada).await)),
    ] {
        let mut peer = Peer::new(good.open(&server).await.expect("let in"));
        peer.sync().await;
    }
    // Refused before the upgrade, as for every socket.
    for bad in [
        to().cookie(&ada.cookie),
        to(),
        to().query_token(&ada.token).header("origin", "https://evil.example"),
    ] {
        assert_eq!(bad.clone().open(&server).await.map(drop), Err(403), "{bad:?}");
    }
    let used = live.ticket(&ada).await;
    let first = to().query(&format!("ticket={used}")).open(&server).await.unwrap();
    let foreign = other.ticket(&ada).await;
    for bad in [
        to().query_token("nonsense"),
        to().query_token(""),
        to().query_token(&format!("{}x", ada.token)),
        to().query("ticket=nonsense"),
        to().query("ticket="),
        to().query(&format!("ticket={used}")),
        to().query(&format!("ticket={foreign}")),
        to().query_token("nonsense").cookie(&ada.cookie).header("origin", server.url()),
    ] {
        assert_eq!(live.closed_at_once(&server, bad.clone()).await, 4401, "{bad:?}");
    }
    // A ticket that was tried at another session's door is spent.
    let back = Handshake::to_session(&other.id).query(&format!("ticket={foreign}"));
    assert_eq!(other.closed_at_once(&server, back).await, 4401);
    drop(first);
    for id in ["0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "x", "%2e%2e", "__proto__"] {
        let door = Handshake::to_session(id).query_token(&ben.token);
        assert_eq!(live.closed_at_once(&server, door).await, 4404, "{id}");
    }
    let _ = ben.client.post_nothing(&live.path("/ticket")).await.problem(404, "not_found");
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_sessions_too() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ben).await;
    let (mut a, mut b) = (live.editor(&server, &ada).await, live.editor(&server, &ben).await);
    let ticket = live.ticket(&ada).await;
    let began = Instant::now();
    let _ = ada.client.post_nothing("/api/auth/logout").await.expect(204);
    assert_eq!(a.closed().await, 4401);
    assert!(began.elapsed() < AT_ONCE);
    assert_eq!(live.closed_at_once(&server, live.door(&ada)).await, 4401);
    let door = Handshake::to_session(&live.id).query(&format!("ticket={ticket}"));
    assert_eq!(live.closed_at_once(&server, door).await, 4401, "a ticket does not outlive its session");
    b.write(0, 0, "on").await;
    b.settled().await;
}

#[tokio::test]
async fn only_the_driver_types_under_the_policy_driver() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::with(&ada, &json!({ "policy": "driver", "code": "x" })).await;
    let (mut a, state) = live.member(&server, &ada).await;
    assert_eq!(state["may_write"], true);
    let (mut b, state) = live.member(&server, &ben).await;
    assert_eq!((&state["may_write"], &state["session"]["role"]), (&json!(false), &json!("navigator")));
    a.sync().await;
    b.sync().await;
    let edit = json!({ "from": 0, "to": 0, "insert": "no" });
    assert_eq!(b.refused("code-change", &edit, "1").await, "read_only");
    // Neither by an update nor by an answer to the server's question.
    b.write(0, 0, "no").await;
    assert_eq!(b.event_of("error").await.data["code"], "read_only");
    b.send_bytes(codementor_hub::wire::message::step_2(&b.doc.diff(&Default::default()))).await;
    assert_eq!(b.event_of("error").await.data["code"], "read_only");
    // An empty one is an honest answer.
    b.send_bytes(codementor_hub::wire::message::step_2(&[0, 0])).await;
    let _ = b.done("ping", &json!({}), "p").await;
    assert_eq!(b.unasked().iter().filter(|kind| *kind == "error").count(), 0);
    // A swap: Ben has the keyboard, Ada not, and what Ben wrote before is asked for.
    let _ = a.done("role-change", &json!({ "user_id": ben.user.id, "role": "driver" }), "2").await;
    let changed = b.event_of("role-changed").await.data;
    assert_eq!((&changed["user_id"], &changed["role"]), (&json!(ben.user.id), &json!("driver")));
    let everybody = changed["changed"].as_array().unwrap();
    assert_eq!(everybody.len(), 2, "{changed}");
    assert!(everybody.iter().any(|one| one["user_id"] == json!(ada.user.id) && one["role"] == "navigator"));
    a.until_text("nox").await;
    b.write(0, 2, "yes ").await;
    a.until_text("yes x").await;
    assert_eq!(a.refused("code-change", &edit, "3").await, "read_only");
    // Who made it may take it back at any time, though they are no driver.
    let session = live.set_role(&ada, "driver").await;
    let role =
        |session: &Session, id: &str| session.participants.iter().find(|one| one.user_id == id).unwrap().role;
    assert_eq!((session.role, role(&session, &ben.user.id)), (SessionRole::Driver, SessionRole::Navigator));
    assert_eq!(b.refused("code-change", &edit, "4").await, "read_only");
    a.write(0, 0, "A").await;
    b.until_text("Ayes x").await;
    // Everybody may again.
    let _ = ada.patch(&live.path(""), &json!({ "policy": "free" })).await.expect(200);
    assert_eq!(b.event_of("session-updated").await.data["session"]["policy"], "free");
    let _ = b.done("code-change", &json!({ "from": 0, "to": 0, "insert": "B" }), "6").await;
    a.until_text("BAyes x").await;
}

#[tokio::test]
async fn who_may_change_roles_is_whoever_made_it_mentors_and_the_driver_handing_over() {
    let server = Server::start().await;
    let (ada, ben, cleo) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Cleo").await);
    let live = Live::with(&ada, &json!({ "policy": "driver" })).await;
    let (mut b, _) = live.member(&server, &ben).await;
    let (mut c, _) = live.member(&server, &cleo).await;
    let change =
        |who: &codementor_tests::Learner, role: &str| json!({ "user_id": who.user.id, "role": role });
    for (change, id) in
        [(change(&ben, "driver"), "1"), (change(&ben, "mentor"), "2"), (change(&ada, "viewer"), "3")]
    {
        assert_eq!(b.refused("role-change", &change, id).await, "not_allowed");
    }
    let path = live.path(&format!("/participants/{}", ben.user.id));
    ben.patch(&path, &json!({ "role": "driver" })).await.problem(403, "not_allowed");
    ben.patch(&live.path(""), &json!({ "policy": "free" })).await.problem(403, "not_allowed");
    ben.get(&live.path("/invitations")).await.problem(403, "not_allowed");
    ben.post(&live.path("/invitations"), &json!({})).await.problem(403, "not_allowed");
    // A driver hands over and gives up, and nothing else.
    let _ = live.set_role(&ben, "driver").await;
    assert_eq!(b.refused("role-change", &change(&cleo, "mentor"), "4").await, "not_allowed");
    let _ = b.done("role-change", &change(&cleo, "driver"), "5").await;
    let _ = c.done("role-change", &change(&cleo, "navigator"), "6").await;
    assert!(live.session().await.participants.iter().all(|one| one.role != SessionRole::Driver));
    // A mentor in the session takes the keyboard and hands it over.
    let _ = live.set_role(&cleo, "mentor").await;
    let _ = c.done("role-change", &change(&cleo, "driver"), "7").await;
    let _ = c.done("code-change", &json!({ "from": 0, "to": 0, "insert": "c" }), "8").await;
    let _ = live.set_role(&cleo, "mentor").await;
    let _ = c.done("role-change", &change(&ben, "driver"), "9").await;
    let _ = b.done("code-change", &json!({ "from": 0, "to": 0, "insert": "b" }), "10").await;
    for bad in [
        json!({}),
        json!({ "user_id": "x", "role": "driver" }),
        json!({ "user_id": ben.user.id, "role": "king" }),
    ] {
        let answer = c.ask("role-change", &bad, "11").await;
        assert_eq!(answer.kind, "error", "{bad}");
    }
}

#[tokio::test]
async fn a_mentor_of_the_school_mentors_wherever_they_come_in() {
    let mut server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mia = server.guest("Mia").await;
    let data = server.data().display().to_string();
    server.terminate().await;
    let granted =
        program::run(server.folder(), &["admin", "grant", "Mia", "mentor", "--data", &data], &[]).await;
    assert!(granted.status.success(), "{}", granted.text());
    server.restart().await;
    let (ada, mia) = (ada.at(server.url()), mia.at(server.url()));
    let live = Live::with(&ada, &json!({ "policy": "driver" })).await;
    assert_eq!(live.join(&mia).await.role, SessionRole::Mentor);
    let path = live.path(&format!("/participants/{}", mia.user.id));
    let _ = mia.patch(&path, &json!({ "role": "driver" })).await.expect(200);
    let mut m = live.editor(&server, &mia).await;
    m.write(0, 0, "taken").await;
    live.editor(&server, &ada).await.until_text("taken").await;
}

#[tokio::test]
async fn an_invitation_lets_in_as_what_it_says_and_shows_its_secret_once() {
    let server = Server::start().await;
    let (ada, vic, max) = (server.guest("Ada").await, server.guest("Vic").await, server.guest("Max").await);
    let live = Live::of(&ada).await;
    let viewer = live.invite(&json!({ "role": "viewer" })).await;
    let mentor = live.invite(&json!({ "role": "mentor", "expires_in_seconds": 3600 })).await;
    assert!(viewer.secret.len() >= 32 && viewer.secret != mentor.secret);
    assert!(viewer.invitation.expires_at.is_none() && mentor.invitation.expires_at.is_some());
    let listed = ada.get(&live.path("/invitations")).await.expect(200);
    assert!(!listed.body.contains(&viewer.secret) && !listed.body.contains(&mentor.secret));
    let listed: Invitations = listed.json();
    let shown: Vec<_> = listed.items.iter().map(|one| (one.plain, one.role, one.url.is_some())).collect();
    let wanted = [
        (true, SessionRole::Navigator, true),
        (false, SessionRole::Viewer, false),
        (false, SessionRole::Mentor, false),
    ];
    assert_eq!(shown, wanted);
    assert!(!server.log().contains(&viewer.secret));
    // By REST and by the socket alike.
    let joined = vic.post(&live.path("/join"), &json!({ "invite": viewer.secret })).await.expect(200);
    assert_eq!(joined.json::<Session>().role, SessionRole::Viewer);
    let door =
        Handshake::to_session(&live.id).query(&format!("token={}&invite={}", max.token, mentor.secret));
    Peer::new(door.open(&server).await.unwrap()).sync().await;
    let max_is: Session = max.get(&live.path("")).await.expect(200).json();
    assert_eq!(max_is.role, SessionRole::Mentor);
    // Who takes part stays what they are, whatever they come by.
    let again = vic.post(&live.path("/join"), &json!({ "invite": mentor.secret })).await.expect(200);
    assert_eq!(again.json::<Session>().role, SessionRole::Viewer);
    for bad in [
        json!({ "role": "driver" }),
        json!({ "role": "king" }),
        json!({ "expires_in_seconds": 0 }),
        json!({ "expires_in_seconds": 31_536_001 }),
        json!({ "expires_in_seconds": -5 }),
    ] {
        assert_eq!(ada.post(&live.path("/invitations"), &bad).await.any_problem().status, 422, "{bad}");
    }
    for n in 3..20 {
        let _ = live.invite(&json!({})).await;
        assert!(n < 20);
    }
    let _ = ada.post(&live.path("/invitations"), &json!({})).await.problem(409, "session_full");
}

#[tokio::test]
async fn an_invitation_lapses() {
    let server = Server::start().await;
    let (ada, ben, eve) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Eve").await);
    let live = Live::of(&ada).await;
    let short = live.invite(&json!({ "expires_in_seconds": 1 })).await;
    let _ = ben.post(&live.path("/join"), &json!({ "invite": short.secret })).await.expect(200);
    let mut b = live.editor(&server, &ben).await;
    eventually("the invitation lapses", async || {
        let listed: Invitations = ada.get(&live.path("/invitations")).await.expect(200).json();
        (listed.items.len() == 1).then_some(())
    })
    .await;
    let _ = eve.post(&live.path("/join"), &json!({ "invite": short.secret })).await.problem(404, "not_found");
    b.write(0, 0, "who came by it stays").await;
    b.settled().await;
}

#[tokio::test]
async fn a_revoked_invitation_ends_the_connections_of_all_who_came_by_it() {
    let server = Server::start().await;
    let mut people = Vec::new();
    for name in ["Ada", "Ben", "Cleo", "Dan"] {
        people.push(server.guest(name).await);
    }
    let [ada, ben, cleo, dan] = &people[..] else { panic!("four") };
    let live = Live::of(ada).await;
    let invited = live.invite(&json!({})).await;
    for learner in [ben, cleo] {
        let _ = learner.post(&live.path("/join"), &json!({ "invite": invited.secret })).await.expect(200);
    }
    live.join(dan).await;
    let mut gone = vec![live.editor(&server, ben).await, live.editor(&server, ben).await];
    gone.push(live.member(&server, cleo).await.0);
    let (mut d, mut a) = (live.editor(&server, dan).await, live.editor(&server, ada).await);
    let tickets = [live.ticket(ben).await];
    let began = Instant::now();
    let path = live.path(&format!("/invitations/{}", invited.invitation.id));
    let _ = ada.delete(&path).await.expect(204);
    for peer in &mut gone {
        assert_eq!(peer.closed().await, 4403);
    }
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    let _ = ada.delete(&path).await.problem(404, "not_found");
    // They cannot come back: not by the invitation, not by the plain link they never used, not by a ticket.
    for learner in [ben, cleo] {
        assert_eq!(live.closed_at_once(&server, live.door(learner)).await, 4404);
        let _ = learner
            .post(&live.path("/join"), &json!({ "invite": invited.secret }))
            .await
            .problem(404, "not_found");
        let _ = learner.get(&live.path("")).await.problem(404, "not_found");
    }
    let door = Handshake::to_session(&live.id).query(&format!("ticket={}", tickets[0]));
    assert_eq!(live.closed_at_once(&server, door).await, 4404);
    a.write(0, 0, "still here").await;
    d.until_text("still here").await;
    // A new invitation is for them as well.
    let fresh = live.invite(&json!({ "role": "viewer" })).await;
    let back = ben.post(&live.path("/join"), &json!({ "invite": fresh.secret })).await.expect(200);
    assert_eq!(back.json::<Session>().role, SessionRole::Viewer);
    let mut b = live.editor(&server, ben).await;
    b.write(0, 0, "no").await;
    b.settled().await;
    assert_eq!(b.denied, 1, "a viewer hears that it was not taken");
    assert_eq!(live.editor(&server, ada).await.text(), "still here");
}

#[tokio::test]
async fn without_the_plain_link_the_id_alone_lets_nobody_in() {
    let server = Server::start().await;
    let (ada, ben, eve) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Eve").await);
    let live = Live::of(&ada).await;
    let secret = live.invite(&json!({})).await;
    let listed: Invitations = ada.get(&live.path("/invitations")).await.expect(200).json();
    let plain = listed.items.iter().find(|one| one.plain).unwrap();
    let _ = ada.delete(&live.path(&format!("/invitations/{}", plain.id))).await.expect(204);
    assert_eq!(live.closed_at_once(&server, live.door(&eve)).await, 4404);
    let _ = eve.client.post_nothing(&live.path("/join")).await.problem(404, "not_found");
    for bad in ["", "x", &secret.secret[1..], &format!("{}x", secret.secret)] {
        let _ = eve.post(&live.path("/join"), &json!({ "invite": bad })).await.problem(404, "not_found");
    }
    let _ = ben.post(&live.path("/join"), &json!({ "invite": secret.secret })).await.expect(200);
    live.editor(&server, &ada).await.write(0, 0, "the maker stays").await;
    let reopened = live.invite(&json!({ "plain": true })).await;
    assert!(reopened.invitation.plain && reopened.secret.is_empty());
    assert_eq!(live.join(&eve).await.role, SessionRole::Navigator);
}

#[tokio::test]
async fn who_is_sent_out_is_out() {
    let server = Server::start().await;
    let (ada, ben, cleo) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Cleo").await);
    let live = Live::of(&ada).await;
    let (mut b, mut c) = (live.editor(&server, &ben).await, live.editor(&server, &cleo).await);
    let (mut a, _) = live.member(&server, &ada).await;
    b.show(&json!({ "cursor": 1 })).await;
    a.until("the cursor is seen", |a| !a.states.is_empty()).await;
    let person = |who: &codementor_tests::Learner| live.path(&format!("/participants/{}", who.user.id));
    ben.delete(&person(&cleo)).await.problem(403, "not_allowed");
    ben.delete(&person(&ada)).await.problem(403, "not_allowed");
    ada.delete(&person(&ada)).await.problem(403, "not_allowed");
    let began = Instant::now();
    let _ = ada.delete(&person(&ben)).await.expect(204);
    assert_eq!(b.closed().await, 4403);
    assert!(began.elapsed() < AT_ONCE);
    assert_eq!(a.event_of("user-left").await.data["user_id"], json!(ben.user.id));
    a.until("the cursor is gone", |a| a.states.is_empty()).await;
    assert_eq!(live.closed_at_once(&server, live.door(&ben)).await, 4404, "the plain link is older");
    // One may leave for good.
    let _ = cleo.delete(&person(&cleo)).await.expect(204);
    assert_eq!(c.closed().await, 4403);
    let _ = cleo.get(&live.path("")).await.problem(404, "not_found");
    assert_eq!(live.session().await.participants.len(), 1);
}
