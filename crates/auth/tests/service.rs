//! Guests, tokens, cookies, sign-out and role changes over the real store.

mod common;

use std::sync::Arc;

use codementor_auth::{AuthError, ExposeSecret as _, LogoutScope, Reason, SessionSecret, SignedIn};
use codementor_core::user::{AccountKind, GithubIdentity};
use codementor_core::{Role, UserId};
use common::{DAY, MINUTE, SECOND, School};

fn no_session<T: std::fmt::Debug>(answer: Result<T, AuthError>) -> bool {
    matches!(answer, Err(AuthError::Unauthenticated(Reason::NoSession)))
}

async fn bearer(school: &School, who: &SignedIn) -> Result<UserId, AuthError> {
    let identity = school.auth.authenticate_bearer(who.token.expose_secret()).await?;
    assert_eq!(identity.session_id, who.identity.session_id);
    Ok(identity.user.id)
}

async fn cookie(school: &School, who: &SignedIn) -> Result<UserId, AuthError> {
    let identity = school.auth.authenticate_cookie(&who.cookie.expose()).await?;
    assert_eq!(identity.session_id, who.identity.session_id);
    Ok(identity.user.id)
}

#[tokio::test]
async fn a_guest_signs_in_and_is_known_by_token_and_cookie() {
    let school = School::new();
    let ada = school.auth.sign_in_guest(" Ada ", Some("europe/berlin")).await.unwrap();
    let user = &ada.identity.user;
    assert_eq!(user.name.as_str(), "Ada");
    assert_eq!(user.time_zone, "Europe/Berlin");
    assert_eq!((user.role, user.kind), (Role::Learner, AccountKind::Guest));
    assert_eq!(ada.expires_in, 900);
    assert_eq!(bearer(&school, &ada).await.unwrap(), user.id);
    assert_eq!(cookie(&school, &ada).await.unwrap(), user.id);
    let renewed = school.auth.renew(&ada.cookie.expose()).await.unwrap();
    let again = school.auth.authenticate_bearer(renewed.token.expose_secret()).await.unwrap();
    assert_eq!(again.user, *user);
}

#[tokio::test]
async fn names_and_zones_are_checked() {
    let school = School::new();
    school.auth.sign_in_guest("ada", None).await.unwrap();
    for taken in ["ada", "Ada", "ＡＤＡ"] {
        let answer = school.auth.sign_in_guest(taken, None).await;
        assert!(matches!(answer, Err(AuthError::NameTaken)), "{taken}");
    }
    for bad in ["", "a\u{202e}b", "<script>", "{\"$gt\":\"\"}"] {
        let answer = school.auth.sign_in_guest(bad, None).await;
        assert!(matches!(answer, Err(AuthError::InvalidName(_))), "{bad:?}");
    }
    for bad in ["", "Mars/Olympus", "../../etc/passwd", &"x".repeat(1000)] {
        let answer = school.auth.sign_in_guest("bob", Some(bad)).await;
        assert!(matches!(answer, Err(AuthError::InvalidTimeZone)), "{bad:?}");
    }
    school.auth.sign_in_guest("bob", None).await.unwrap();
}

#[tokio::test]
async fn tokens_end_after_fifteen_minutes_and_are_renewed_by_the_cookie() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    school.clock.advance(15 * MINUTE + 6 * SECOND);
    let answer = bearer(&school, &ada).await;
    assert!(matches!(answer, Err(AuthError::Unauthenticated(Reason::Token(_)))));
    let renewed = school.auth.renew(&ada.cookie.expose()).await.unwrap();
    let token = renewed.token.expose_secret();
    assert!(school.auth.authenticate_bearer(token).await.is_ok());
}

#[tokio::test]
async fn logout_ends_one_device_at_once() {
    let school = School::new();
    let github = GithubIdentity { id: 7, login: "ada".to_owned() };
    let phone = school.auth.sign_in_github(&github, None, None, None).await.unwrap();
    let laptop = school.auth.sign_in_github(&github, None, None, None).await.unwrap();
    for device in [&phone, &laptop] {
        bearer(&school, device).await.unwrap();
        cookie(&school, device).await.unwrap();
    }
    let ended = school.auth.logout(&phone.identity, LogoutScope::ThisDevice).await.unwrap();
    assert_eq!(ended, [phone.identity.session_id]);
    assert!(no_session(bearer(&school, &phone).await));
    assert!(no_session(cookie(&school, &phone).await));
    assert!(no_session(school.auth.renew(&phone.cookie.expose()).await));
    bearer(&school, &laptop).await.unwrap();
    cookie(&school, &laptop).await.unwrap();
}

#[tokio::test]
async fn logout_everywhere_ends_all_devices_of_one_person() {
    let school = School::new();
    let github = GithubIdentity { id: 7, login: "ada".to_owned() };
    let phone = school.auth.sign_in_github(&github, None, None, None).await.unwrap();
    let laptop = school.auth.sign_in_github(&github, None, None, None).await.unwrap();
    let other = school.auth.sign_in_guest("bob", None).await.unwrap();
    bearer(&school, &phone).await.unwrap();
    let mut ended = school.auth.logout(&laptop.identity, LogoutScope::Everywhere).await.unwrap();
    let mut both = [phone.identity.session_id, laptop.identity.session_id];
    ended.sort();
    both.sort();
    assert_eq!(ended, both);
    assert!(no_session(bearer(&school, &phone).await));
    assert!(no_session(cookie(&school, &laptop).await));
    bearer(&school, &other).await.unwrap();
}

#[tokio::test]
async fn another_node_notices_a_logout_within_five_seconds() {
    let school = School::new();
    let node = school.second_node();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    let token = ada.token.expose_secret();
    node.authenticate_bearer(token).await.unwrap();
    school.auth.logout(&ada.identity, LogoutScope::ThisDevice).await.unwrap();
    school.clock.advance(5 * SECOND);
    assert!(no_session(node.authenticate_bearer(token).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_after_logout_has_returned() {
    let school = Arc::new(School::new());
    for round in 0..20 {
        let who = Arc::new(school.auth.sign_in_guest(&format!("ada {round}"), None).await.unwrap());
        let (gone, _) = tokio::sync::watch::channel(false);
        let gone = Arc::new(gone);
        let visitors: Vec<_> = (0..8)
            .map(|_| {
                let (school, who, gone) = (school.clone(), who.clone(), gone.clone());
                tokio::spawn(async move {
                    loop {
                        let was_gone = *gone.borrow();
                        let answer = bearer(&school, &who).await;
                        if was_gone {
                            return no_session(answer);
                        }
                    }
                })
            })
            .collect();
        school.auth.logout(&who.identity, LogoutScope::ThisDevice).await.unwrap();
        gone.send_replace(true);
        for visitor in visitors {
            assert!(visitor.await.unwrap(), "round {round}");
        }
    }
}

#[tokio::test]
async fn a_socket_asks_whether_its_session_still_lives() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    assert!(school.auth.is_signed_in(&ada.identity).await.unwrap());
    // Revoked by another process: believed for 5 seconds, then asked again.
    school.store.revoke_session(ada.identity.session_id).await.unwrap();
    assert!(school.auth.is_signed_in(&ada.identity).await.unwrap());
    school.clock.advance(5_000);
    assert!(!school.auth.is_signed_in(&ada.identity).await.unwrap());
    // Revoked by this one: known at once.
    let bob = school.auth.sign_in_guest("bob", None).await.unwrap();
    assert!(school.auth.is_signed_in(&bob.identity).await.unwrap());
    school.auth.logout(&bob.identity, LogoutScope::Everywhere).await.unwrap();
    assert!(!school.auth.is_signed_in(&bob.identity).await.unwrap());
    school.store.close().await;
    school.clock.advance(5_000);
    assert!(school.auth.is_signed_in(&bob.identity).await.is_err(), "nobody knows");
}

#[tokio::test]
async fn role_and_zone_changes_are_seen_by_the_next_request() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    let id = ada.identity.user.id;
    bearer(&school, &ada).await.unwrap();
    // A role is granted by another process, so it is seen when what is remembered has lapsed.
    school.store.set_role(id, Role::Mentor).await.unwrap().unwrap();
    school.clock.advance(5_000);
    let seen = school.auth.authenticate_bearer(ada.token.expose_secret()).await.unwrap();
    assert_eq!(seen.user.role, Role::Mentor);
    school.auth.set_time_zone(id, "asia/tokyo").await.unwrap().unwrap();
    let seen = school.auth.authenticate_bearer(ada.token.expose_secret()).await.unwrap();
    assert_eq!((seen.user.role, seen.user.time_zone.as_str()), (Role::Mentor, "Asia/Tokyo"));
    let answer = school.auth.set_time_zone(id, "Mars/Olympus").await;
    assert!(matches!(answer, Err(AuthError::InvalidTimeZone)));
}

#[tokio::test]
async fn a_cookie_in_use_lasts_but_not_for_ever() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    let text = ada.cookie.expose();
    let first_end = ada.identity.user.created_at.plus_ms(30 * DAY);
    school.clock.advance(DAY - 1);
    let within_a_day = school.auth.authenticate_cookie(&text).await.unwrap();
    assert_eq!(within_a_day.cookie_until, None, "prolonged at most once a day");
    school.clock.advance(1);
    let next_day = school.auth.authenticate_cookie(&text).await.unwrap();
    assert_eq!(next_day.cookie_until, Some(first_end.plus_ms(DAY)));
    let again = school.auth.authenticate_cookie(&text).await.unwrap();
    assert_eq!(again.cookie_until, None);
    let mut days = 1;
    while school.auth.authenticate_cookie(&text).await.is_ok() {
        school.clock.advance(10 * DAY);
        days += 10;
        assert!(days <= 181, "a session has an end");
    }
    assert_eq!(days, 181);
}

#[tokio::test]
async fn an_unused_cookie_ends_after_thirty_days() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    school.clock.advance(30 * DAY);
    assert!(no_session(cookie(&school, &ada).await));
}

#[tokio::test]
async fn odd_cookies_and_foreign_tokens_are_refused() {
    let school = School::new();
    for odd in ["", "x", "null", &"a".repeat(1_000_000), "é"] {
        let answer = school.auth.authenticate_cookie(odd).await;
        assert!(matches!(answer, Err(AuthError::Unauthenticated(Reason::Cookie))));
    }
    let unknown = SessionSecret::generate().expose();
    assert!(no_session(school.auth.authenticate_cookie(&unknown).await));
    let elsewhere = School::new();
    let stranger = elsewhere.auth.sign_in_guest("eve", None).await.unwrap();
    let answer = bearer(&school, &stranger).await;
    assert!(matches!(answer, Err(AuthError::Unauthenticated(Reason::Token(_)))));
}

#[tokio::test]
async fn a_failing_database_is_never_not_signed_in() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    school.store.close().await;
    assert!(matches!(bearer(&school, &ada).await, Err(AuthError::Store(_))));
    assert!(matches!(cookie(&school, &ada).await, Err(AuthError::Store(_))));
    let logout = school.auth.logout(&ada.identity, LogoutScope::ThisDevice).await;
    assert!(matches!(logout, Err(AuthError::Store(_))));
    let guest = school.auth.sign_in_guest("bob", None).await;
    let error = guest.unwrap_err();
    assert!(matches!(error, AuthError::Store(_)), "{error:?}");
    assert!(!error.to_string().contains("database"), "the outside sees no internals");
}

#[tokio::test]
async fn signing_in_with_github_ends_the_session_before() {
    let school = School::new();
    let guest = school.auth.sign_in_guest("ada", None).await.unwrap();
    bearer(&school, &guest).await.unwrap();
    let github = GithubIdentity { id: 7, login: "ada-l".to_owned() };
    let id = guest.identity.user.id;
    let person =
        school.auth.sign_in_github(&github, Some(id), Some("UTC"), Some(&guest.identity)).await.unwrap();
    assert_eq!(person.identity.user.id, id, "the guest became that person");
    assert_eq!(person.identity.user.kind, AccountKind::Github);
    assert!(no_session(cookie(&school, &guest).await));
    assert!(no_session(bearer(&school, &guest).await));
    bearer(&school, &person).await.unwrap();
}

#[tokio::test]
async fn a_guest_merges_into_a_known_person() {
    let school = School::new();
    let github = GithubIdentity { id: 7, login: "ada".to_owned() };
    let person = school.auth.sign_in_github(&github, None, None, None).await.unwrap();
    let guest = school.auth.sign_in_guest("visitor", None).await.unwrap();
    bearer(&school, &guest).await.unwrap();
    let guest_id = guest.identity.user.id;
    let merged = school.auth.sign_in_github(&github, Some(guest_id), None, None).await.unwrap();
    assert_eq!(merged.identity.user.id, person.identity.user.id);
    assert_eq!(merged.merged_guest, Some(guest_id));
    assert!(no_session(bearer(&school, &guest).await));
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let school = School::new();
    let ada = school.auth.sign_in_guest("ada", None).await.unwrap();
    let shown = format!("{ada:?}");
    assert!(!shown.contains(&ada.cookie.expose()));
    assert!(!shown.contains(ada.token.expose_secret()));
}
