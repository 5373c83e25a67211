//! `codementor admin`: what only the operator may do.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use codementor_core::name::UserName;
use codementor_core::ports::{Store, Users};
use codementor_core::time::SystemClock;
use codementor_core::user::AccountKind;
use codementor_core::{Role, User};
use codementor_store::{Options, Owner, Schema, SqliteStore};

use crate::config::{Config, Given};
use crate::parts;

/// Gives a person a role. Works beside a running server, which notices within seconds.
#[must_use]
pub fn grant(name: &str, role: Role, given: &Given) -> ExitCode {
    let run = || -> Result<()> {
        let config = parts::settings(given)?;
        let name = UserName::kept(name).context("NAME")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = open(&config)?;
            let result = change(&store, &name, role).await;
            store.close().await;
            result
        })
    };
    crate::report(run())
}

/// Prints a token with which a program signs in as a person over the Judge0 API. It lasts 30 days beyond its last use and 180 days
/// at most, and ends when the person signs out everywhere.
#[must_use]
pub fn token(name: &str, given: &Given) -> ExitCode {
    let run = || -> Result<()> {
        let config = parts::settings(given)?;
        let name = UserName::kept(name).context("NAME")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let store: Arc<dyn Store> = Arc::new(open(&config)?);
            let result = sign_in(&store, &name).await;
            store.close().await;
            println!("{}", result?);
            Ok(())
        })
    };
    crate::report(run())
}

async fn sign_in(store: &Arc<dyn Store>, name: &UserName) -> Result<String> {
    let Some(user) = store.user_by_name(name).await? else { bail!("there is nobody called {name}") };
    Ok(codementor_auth::lasting_session(&**store, &SystemClock, user.id).await?.expose())
}

/// Opens the database as it is: bringing it to another schema is not what was asked for.
pub(crate) fn open(config: &Config) -> Result<SqliteStore> {
    let options = Options { owner: Owner::Beside, ..Options::default() };
    let shown = config.database.display();
    match SqliteStore::look(&config.database, &options)? {
        Schema::Version(version) if version == SqliteStore::newest_schema() => {}
        Schema::Version(version) => bail!(
            "the database {shown} has schema version {version}, and this program works with {}; run `codementor migrate` first",
            SqliteStore::newest_schema()
        ),
        Schema::Absent | Schema::Empty => {
            bail!("there is no database at {shown}; has the server run yet, and with this --data?")
        }
    }
    Ok(SqliteStore::open(&config.database, &options)?)
}

async fn change(store: &SqliteStore, name: &UserName, role: Role) -> Result<()> {
    let Some(user) = store.user_by_name(name).await? else { bail!("there is nobody called {name}") };
    let login = store.github_login(user.id).await?;
    let Some(user) = store.set_role(user.id, role).await? else { bail!("there is nobody called {name}") };
    println!("{} is {} now", user.name, user.role);
    println!("{}", account(&user, login.as_deref()));
    if user.kind == AccountKind::Guest && role != Role::Learner {
        // Anybody may take a free name: the operator should know that nothing but the name was checked.
        eprintln!("warning: {} is a guest; make sure that it is the person you mean", user.name);
    }
    Ok(())
}

/// Who that is, so that a stranger with the right name is noticed.
fn account(user: &User, login: Option<&str>) -> String {
    let since = user.created_at.to_rfc3339();
    match login {
        Some(login) => format!("GitHub account {login}, here since {since}"),
        None => format!("guest, here since {since}"),
    }
}
