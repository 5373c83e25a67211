//! `cargo xtask codegen`: the API's description and the page's types, both made from the code.

use anyhow::Result;

use crate::shell;

/// Writes `web/openapi.json` from the routes and `web/src/lib/api/schema.d.ts` from that.
pub fn write() -> Result<()> {
    let line = ["cargo", "test", "--quiet", "--package", "codementor-server", "--test", "openapi"];
    let mut command = shell::command(".", &line);
    command.env("CODEMENTOR_WRITE_OPENAPI", "1");
    anyhow::ensure!(command.status()?.success(), "the description could not be written");
    shell::page_packages()?;
    shell::run("web", &["npm", "run", "--silent", "codegen"])
}
