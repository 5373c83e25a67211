//! Everything that is known to fool JWT libraries, against [`Tokens`].

use std::sync::atomic::{AtomicI64, Ordering};

use codementor_core::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::*;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const NOW_MS: i64 = 1_900_000_000_000;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
}

/// The text with each bit of each byte flipped in turn, where that is still UTF-8.
fn flip_each_bit(text: &str) -> impl Iterator<Item = String> + '_ {
    (0..text.len() * 8).filter_map(|bit| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        String::from_utf8(bytes).ok()
    })
}

fn signing_key(text: &str) -> SigningKey {
    SigningKey::load_or_create(std::path::Path::new("/nonexistent"), Some(text)).unwrap()
}

fn setup() -> (Tokens, Arc<Hand>) {
    let clock = Arc::new(Hand(AtomicI64::new(NOW_MS)));
    (Tokens::new(&signing_key(KEY), clock.clone()), clock)
}

fn good_claims() -> Value {
    json!({
        "iss": "codementor", "aud": "codementor-api", "sub": UserId::new(), "sid": AuthSessionId::new(),
        "iat": NOW_MS / 1000, "exp": NOW_MS / 1000 + 900, "jti": "x",
    })
}

/// Signs any header and claims as HS256 with a key, whatever the header says.
fn forge(header: &Value, claims: &Value, key: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(key.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good_claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good_claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn issued_tokens_are_verified() {
    let (tokens, _) = setup();
    let (user, session) = (UserId::new(), AuthSessionId::new());
    let first = tokens.issue(user, session).unwrap();
    let claims = tokens.verify(first.expose_secret()).unwrap();
    assert_eq!((claims.sub, claims.sid), (user, session));
    assert_eq!(claims.exp - claims.iat, TOKEN_SECONDS);
    let second = tokens.issue(user, session).unwrap();
    assert_ne!(first.expose_secret(), second.expose_secret());
    assert!(first.expose_secret().len() < 512);
    let forged = forge(&hs256(), &good_claims(), KEY);
    assert!(tokens.verify(&forged).is_ok(), "the forger of these tests works");
}

#[test]
fn other_algorithms_are_refused() {
    let (tokens, _) = setup();
    for alg in ["HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256"] {
        let token = forge(&json!({"alg": alg, "typ": "JWT"}), &good_claims(), KEY);
        assert_eq!(tokens.verify(&token), Err(TokenError::Algorithm), "{alg}");
    }
    for alg in ["none", "None", "NONE", "hs256", ""] {
        let token = forge(&json!({"alg": alg}), &good_claims(), KEY);
        assert_eq!(tokens.verify(&token), Err(TokenError::Malformed), "{alg}");
        let unsigned = &token[..=token.rfind('.').unwrap()];
        assert_eq!(tokens.verify(unsigned), Err(TokenError::Malformed), "{alg}");
    }
    let unsigned = forge(&hs256(), &good_claims(), KEY);
    let unsigned = &unsigned[..=unsigned.rfind('.').unwrap()];
    assert_eq!(tokens.verify(unsigned), Err(TokenError::Signature));
}

#[test]
fn headers_never_choose_the_key() {
    let (tokens, _) = setup();
    let own = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("attackers-key-attackers-key-12345")});
    for (name, value) in [
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("/proc/self/environ")),
        ("kid", json!("' OR '1'='1")),
        ("jwk", own),
        ("jku", json!("http://127.0.0.1/keys")),
        ("x5u", json!("file:///etc/passwd")),
    ] {
        let mut header = hs256();
        header[name] = value;
        for key in ["", "attackers-key-attackers-key-12345", "\0"] {
            let answer = tokens.verify(&forge(&header, &good_claims(), key));
            assert_eq!(answer, Err(TokenError::Signature), "{name}");
        }
    }
}

#[test]
fn time_is_a_number_and_runs_out() {
    let (tokens, clock) = setup();
    for exp in [
        json!("1900000900"),
        json!("9999999999"),
        json!(null),
        json!(-1),
        json!(1_900_000_900.5),
        json!([1]),
        json!({}),
        json!(true),
    ] {
        let answer = tokens.verify(&forge(&hs256(), &with("exp", exp.clone()), KEY));
        assert_eq!(answer, Err(TokenError::Malformed), "{exp}");
    }
    assert!(tokens.verify(&forge(&hs256(), &with("exp", json!(u64::MAX)), KEY)).is_ok());
    let token = tokens.issue(UserId::new(), AuthSessionId::new()).unwrap();
    let at = |ms: i64| {
        clock.0.store(NOW_MS + ms, Ordering::SeqCst);
        tokens.verify(token.expose_secret()).map(|_| ())
    };
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(904_999), Ok(()), "a leeway of five seconds");
    assert_eq!(at(905_000), Err(TokenError::Expired));
    assert_eq!(at(10_000_000_000), Err(TokenError::Expired));
    assert_eq!(at(-3_600_000), Ok(()), "a clock that jumped back signs nobody out");
}

#[test]
fn tokens_for_others_are_refused() {
    let (tokens, _) = setup();
    for (name, value) in [("aud", "codementor"), ("aud", ""), ("iss", "somebody"), ("iss", "Codementor")] {
        let answer = tokens.verify(&forge(&hs256(), &with(name, json!(value)), KEY));
        assert_eq!(answer, Err(TokenError::Audience), "{name} {value}");
    }
    let other_key = "fedcba9876543210fedcba9876543210";
    assert_eq!(tokens.verify(&forge(&hs256(), &good_claims(), other_key)), Err(TokenError::Signature));
}

#[test]
fn every_claim_is_required_and_typed() {
    let (tokens, _) = setup();
    for name in ["iss", "aud", "sub", "sid", "iat", "exp", "jti"] {
        let missing = tokens.verify(&forge(&hs256(), &without(name), KEY));
        assert_eq!(missing, Err(TokenError::Malformed), "{name}");
        let odd = tokens.verify(&forge(&hs256(), &with(name, json!({"$gt": ""})), KEY));
        assert_eq!(odd, Err(TokenError::Malformed), "{name}");
    }
    for sub in ["", "admin", "../x", "0"] {
        let answer = tokens.verify(&forge(&hs256(), &with("sub", json!(sub)), KEY));
        assert_eq!(answer, Err(TokenError::Malformed), "{sub}");
    }
    let list = with("aud", json!(["codementor-api", "evil"]));
    assert_eq!(tokens.verify(&forge(&hs256(), &list, KEY)), Err(TokenError::Malformed));
    for claims in [json!([]), json!("x"), json!(null), json!(1)] {
        assert_eq!(tokens.verify(&forge(&hs256(), &claims, KEY)), Err(TokenError::Malformed));
    }
}

#[test]
fn every_cut_and_every_flipped_bit_is_noticed() {
    let (tokens, _) = setup();
    let token = tokens.issue(UserId::new(), AuthSessionId::new()).unwrap();
    let token = token.expose_secret();
    for n in 0..token.len() {
        assert!(tokens.verify(&token[..n]).is_err(), "cut after {n}");
        assert!(tokens.verify(&token[n + 1..]).is_err(), "cut before {n}");
    }
    for changed in flip_each_bit(token) {
        assert!(tokens.verify(&changed).is_err(), "{changed}");
    }
    for around in [
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}="),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{token}"),
        format!("Bearer {token}"),
    ] {
        assert!(tokens.verify(&around).is_err(), "{around:?}");
    }
}

#[test]
fn size_is_bounded_before_anything_is_read() {
    let (tokens, _) = setup();
    let padded = forge(&hs256(), &with("jti", json!("x".repeat(5000))), KEY);
    assert_eq!(tokens.verify(&padded), Err(TokenError::TooLong));
    assert_eq!(tokens.verify(&"a".repeat(10_000_000)), Err(TokenError::TooLong));
    let deep = URL_SAFE_NO_PAD.encode("[".repeat(2900));
    assert_eq!(tokens.verify(&format!("{deep}.{deep}.")), Err(TokenError::TooLong));
    let deep = URL_SAFE_NO_PAD.encode("[".repeat(1400));
    assert_eq!(tokens.verify(&format!("{deep}.{deep}.")), Err(TokenError::Malformed));
    for odd in ["", ".", "..", "...", "é.é.é", "\0.\0.\0", "e30.e30.", "e30.e30.e30"] {
        assert_eq!(tokens.verify(odd), Err(TokenError::Malformed), "{odd:?}");
    }
}

#[test]
fn debug_hides_the_key() {
    let (tokens, _) = setup();
    assert!(!format!("{tokens:?}").contains("0123"));
    let token = tokens.issue(UserId::new(), AuthSessionId::new()).unwrap();
    assert!(!format!("{token:?}").contains("ey"));
}
