//! `codementor admin`: what only the operator may do.

use std::process::ExitCode;

use anyhow::{Context, bail};
use codementor_core::Role;
use codementor_core::name::UserName;
use codementor_core::ports::Users;

use crate::config::Given;
use crate::{parts, serve};

/// Gives a person a role. Works beside a running server, which notices within seconds.
#[must_use]
pub fn grant(name: &str, role: Role, given: &Given) -> ExitCode {
    let run = || -> anyhow::Result<()> {
        let config = parts::settings(given)?;
        let name = UserName::new(name).context("NAME")?;
        if !config.database.exists() {
            bail!(
                "there is no database at {}; has the server run yet, and with this --data?",
                config.database.display()
            );
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = serve::open_store(&config)?;
            let Some(user) = store.user_by_name(&name).await? else { bail!("there is nobody called {name}") };
            let user = store.set_role(user.id, role).await?.unwrap_or(user);
            codementor_core::ports::Store::close(&store).await;
            println!("{} is {} now", user.name, user.role);
            Ok(())
        })
    };
    crate::report(run())
}
