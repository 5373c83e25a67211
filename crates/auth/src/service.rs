//! Signing in, asking who somebody is, signing out.

use std::sync::Arc;

use codementor_core::name::UserName;
use codementor_core::ports::{AuthSession, Clock, Created, GithubSignIn, Store};
use codementor_core::time::zone;
use codementor_core::user::{AccountKind, GithubIdentity};
use codementor_core::{AuthSessionId, Role, Timestamp, User, UserId};
use secrecy::SecretString;

use crate::cache::{Key, Live, ReadMark, SessionCache};
use crate::error::{AuthError, Reason};
use crate::secret::SessionSecret;
use crate::token::{TOKEN_SECONDS, Tokens};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A session ends this long after its last prolonging.
const SESSION_MS: i64 = 30 * DAY_MS;

/// A session ends this long after its beginning, however much it is used.
const SESSION_MAX_MS: i64 = 180 * DAY_MS;

/// Who is asking, checked against the store at most 5 seconds ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person.
    pub user: User,
    /// The device.
    pub session_id: AuthSessionId,
    /// Set when this use of the cookie prolonged the session: send the cookie again, to last until then.
    pub cookie_until: Option<Timestamp>,
}

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who and where.
    pub identity: Identity,
    /// Access token for `Authorization: Bearer`.
    pub token: SecretString,
    /// Seconds until the token lapses.
    pub expires_in: u64,
    /// Goes into an `HttpOnly` cookie and nowhere else.
    pub cookie: SessionSecret,
    /// The guest whose work moved to this person and who no longer exists: close that guest's sockets.
    pub merged_guest: Option<UserId>,
}

/// A new access token for a session.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// Who and where.
    pub identity: Identity,
    /// Access token for `Authorization: Bearer`.
    pub token: SecretString,
    /// Seconds until the token lapses.
    pub expires_in: u64,
}

/// Where to sign out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutScope {
    /// On the device that asks.
    ThisDevice,
    /// On all devices of this person.
    Everywhere,
}

/// Knows who is signed in. One per process.
pub struct AuthService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    cache: SessionCache,
}

impl AuthService {
    /// Over a store, with a clock that also `tokens` uses.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, tokens: Tokens) -> Self {
        Self { store, clock, tokens, cache: SessionCache::new() }
    }

    /// Makes a guest of that name and signs them in on this device.
    ///
    /// # Errors
    /// `InvalidName`, `InvalidTimeZone`, `NameTaken`, `Store`.
    pub async fn sign_in_guest(&self, name: &str, time_zone: Option<&str>) -> Result<SignedIn, AuthError> {
        let user = User {
            id: UserId::new(),
            name: UserName::new(name)?,
            role: Role::Learner,
            kind: AccountKind::Guest,
            time_zone: checked_zone(time_zone)?,
            created_at: self.clock.now(),
        };
        match self.store.create_user(&user).await? {
            Created::New(()) => self.open_session(user).await,
            Created::Taken => Err(AuthError::NameTaken),
        }
    }

    /// Signs in the person behind a GitHub account (see `Users::sign_in_github` for what becomes of `guest`).
    ///
    /// `previous` is who this browser was until now; that session ends, so that its old cookie is worth nothing.
    ///
    /// # Errors
    /// `InvalidTimeZone`, `Store`.
    pub async fn sign_in_github(
        &self,
        identity: &GithubIdentity,
        guest: Option<UserId>,
        time_zone: Option<&str>,
        previous: Option<&Identity>,
    ) -> Result<SignedIn, AuthError> {
        let time_zone = checked_zone(time_zone)?;
        let now = self.clock.now();
        let answer = self.store.sign_in_github(identity, guest, &time_zone, now).await;
        self.cache.forget_all();
        let GithubSignIn { user, merged_guest } = answer?;
        let mut signed_in = self.open_session(user).await?;
        signed_in.merged_guest = merged_guest;
        if let Some(previous) = previous {
            self.end_previous(previous).await;
        }
        Ok(signed_in)
    }

    /// Whom an access token stands for.
    ///
    /// # Errors
    /// `Unauthenticated` when the token is refused or its session is over, `Store`.
    pub async fn authenticate_bearer(&self, token: &str) -> Result<Identity, AuthError> {
        let claims =
            self.tokens.verify(token).map_err(|error| AuthError::Unauthenticated(Reason::Token(error)))?;
        let (live, _) = self.live(Key::Session(claims.sid)).await?;
        if live.session.user_id != claims.sub {
            return Err(AuthError::Unauthenticated(Reason::NoSession));
        }
        Ok(identity(live, None))
    }

    /// Whether the session of somebody known from before still lives, as of 5 seconds ago or less; of sign-outs in this process, as of now.
    ///
    /// # Errors
    /// `Store`: nobody knows.
    pub async fn is_signed_in(&self, identity: &Identity) -> Result<bool, AuthError> {
        match self.live(Key::Session(identity.session_id)).await {
            Ok((live, _)) => Ok(live.session.user_id == identity.user.id),
            Err(AuthError::Unauthenticated(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whom a session cookie stands for. Prolongs the session, at most once a day.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such session (any more), `Store`.
    pub async fn authenticate_cookie(&self, cookie: &str) -> Result<Identity, AuthError> {
        let secret = SessionSecret::parse(cookie).map_err(|_| AuthError::Unauthenticated(Reason::Cookie))?;
        let key = Key::Secret(secret.hash());
        let (mut live, read) = self.live(key).await?;
        let prolonged = self.prolong(&mut live.session).await;
        if prolonged.is_some() {
            self.cache.put(key, live.clone(), read).await;
        }
        Ok(identity(live, prolonged))
    }

    /// A new access token for the session of a cookie.
    ///
    /// # Errors
    /// As [`Self::authenticate_cookie`].
    pub async fn renew(&self, cookie: &str) -> Result<Renewed, AuthError> {
        let identity = self.authenticate_cookie(cookie).await?;
        let token = self.token(&identity)?;
        Ok(Renewed { identity, token, expires_in: TOKEN_SECONDS })
    }

    /// Ends one session or all of a person; returns the ended ones, so that their sockets can be closed.
    /// Once this has returned, no token and no cookie of theirs is accepted by this process.
    ///
    /// # Errors
    /// `Store`: it is unknown whether anybody was signed out; ask again.
    pub async fn logout(
        &self,
        identity: &Identity,
        scope: LogoutScope,
    ) -> Result<Vec<AuthSessionId>, AuthError> {
        let ended = match scope {
            LogoutScope::ThisDevice => {
                self.store.revoke_session(identity.session_id).await.map(|()| vec![identity.session_id])
            }
            LogoutScope::Everywhere => self.store.revoke_sessions_of(identity.user.id).await,
        };
        self.cache.forget_all();
        Ok(ended?)
    }

    /// Changes a time zone. `None` when there is no such person.
    ///
    /// # Errors
    /// `InvalidTimeZone`, `Store`.
    pub async fn set_time_zone(&self, user: UserId, time_zone: &str) -> Result<Option<User>, AuthError> {
        let time_zone = checked_zone(Some(time_zone))?;
        let answer = self.store.set_time_zone(user, &time_zone).await;
        self.cache.forget_all();
        Ok(answer?)
    }

    async fn open_session(&self, user: User) -> Result<SignedIn, AuthError> {
        let (session_id, cookie) = new_session(&*self.store, &*self.clock, user.id).await?;
        let identity = Identity { user, session_id, cookie_until: None };
        Ok(SignedIn {
            token: self.token(&identity)?,
            identity,
            expires_in: TOKEN_SECONDS,
            cookie,
            merged_guest: None,
        })
    }

    fn token(&self, identity: &Identity) -> Result<SecretString, AuthError> {
        self.tokens.issue(identity.user.id, identity.session_id).map_err(AuthError::Internal)
    }

    /// A live session, remembered or read.
    async fn live(&self, key: Key) -> Result<(Live, ReadMark), AuthError> {
        let now = self.clock.now();
        if let Some(known) = self.cache.get(&key, now).await {
            return Ok(known);
        }
        let read = self.cache.begin_read(now);
        let found = match &key {
            Key::Session(id) => self.store.session(*id, now).await?,
            Key::Secret(hash) => self.store.session_by_secret(hash, now).await?,
        };
        let (session, user) = found.ok_or(AuthError::Unauthenticated(Reason::NoSession))?;
        let live = Live { session, user };
        self.cache.put(key, live.clone(), read).await;
        Ok((live, read))
    }

    /// Moves the end of a session when that gains a day or more. A failure does no harm to this request: the next one tries again.
    async fn prolong(&self, session: &mut AuthSession) -> Option<Timestamp> {
        let latest = session.created_at.plus_ms(SESSION_MAX_MS);
        let until = self.clock.now().plus_ms(SESSION_MS).min(latest);
        if until.as_ms() - session.expires_at.as_ms() < DAY_MS {
            return None;
        }
        if let Err(error) = self.store.extend_session(session.id, until).await {
            tracing::warn!(%error, "a session was not prolonged");
            return None;
        }
        session.expires_at = until;
        Some(until)
    }

    /// The new session stands; an old one that could not be ended is only worth a line in the log.
    async fn end_previous(&self, previous: &Identity) {
        if let Err(error) = self.store.revoke_session(previous.session_id).await {
            tracing::warn!(%error, "the session before a sign-in was not ended");
        }
        self.cache.forget_all();
    }
}

/// Signs a person in on a device that only knows the secret: a program that the operator gives it to.
///
/// # Errors
/// `Store`.
pub async fn lasting_session(
    store: &dyn Store,
    clock: &dyn Clock,
    user: UserId,
) -> Result<SessionSecret, AuthError> {
    Ok(new_session(store, clock, user).await?.1)
}

async fn new_session(
    store: &dyn Store,
    clock: &dyn Clock,
    user: UserId,
) -> Result<(AuthSessionId, SessionSecret), AuthError> {
    let (now, secret) = (clock.now(), SessionSecret::generate());
    let session = AuthSession {
        id: AuthSessionId::new(),
        user_id: user,
        secret_hash: secret.hash(),
        created_at: now,
        expires_at: now.plus_ms(SESSION_MS),
    };
    store.create_session(&session).await?;
    Ok((session.id, secret))
}

fn identity(live: Live, cookie_until: Option<Timestamp>) -> Identity {
    Identity { user: live.user, session_id: live.session.id, cookie_until }
}

/// The zone's name as the database of zones spells it. `UTC` when none was given.
fn checked_zone(name: Option<&str>) -> Result<String, AuthError> {
    let Some(name) = name else {
        return Ok("UTC".to_owned());
    };
    let zone = zone(name).ok_or(AuthError::InvalidTimeZone)?;
    Ok(zone.iana_name().unwrap_or("UTC").to_owned())
}
