//! `cargo xtask`: a table of contents of the repository's chores.

mod codegen;
mod corpus;
mod count;
mod run;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask run [ARGS]      build the page and the release binary, then `codementor serve ARGS`
cargo xtask test [PART…]    run every check there is, or only: format, lint, docs, tidy, page, rust, browser
cargo xtask tidy            check the house rules
cargo xtask codegen         write web/openapi.json and the types made from it
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) =
        args.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let result = match command {
        "run" => run::run(rest),
        "test" => test::run(rest),
        "tidy" => tidy::run(),
        "codegen" => codegen::write(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(anyhow::anyhow!("no chore called {other}\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
