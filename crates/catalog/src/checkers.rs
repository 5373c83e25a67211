//! The checker of a challenge: one of those that the judge has, or a program in the folder `checker/`.

use std::sync::Arc;

use codementor_core::challenge::Kind;
use codementor_core::judging::{Checker, CheckerProgram, SourceFile, Tolerance, ValidatorOptions};
use serde::Deserialize;

use crate::files::Files;
use crate::format::{LANGUAGES, Read, ensure};

/// Where the files of a checker's program lie.
const FOLDER: &str = "checker/";
/// The most files of a checker beside its main one.
const MAX_FILES: usize = 6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    kind: String,
    tolerance: Option<f64>,
    absolute: Option<f64>,
    relative: Option<f64>,
    case_sensitive: Option<bool>,
    space_sensitive: Option<bool>,
    arguments: Option<Vec<String>>,
}

/// Reads `[checker]`, and the files of a program.
///
/// # Errors
/// Says what is wrong.
pub(crate) fn read(table: Option<&Table>, kind: &Kind, files: &mut Files) -> Read<Checker> {
    let is_function = matches!(kind, Kind::Function(_));
    let Some(table) = table else {
        return Ok(if matches!(kind, Kind::Io) { Checker::Lines } else { Checker::Exact });
    };
    ensure(!matches!(kind, Kind::Tests(_)), "challenge.toml: a file of tests has no checker")?;
    check_options(table)?;
    match table.kind.as_str() {
        "exact" => Ok(Checker::Exact),
        "lines" if !is_function => Ok(Checker::Lines),
        "tokens" if !is_function => Ok(Checker::Tokens),
        "sorted" if !is_function => Ok(Checker::Sorted),
        "unordered" if is_function => Ok(Checker::Unordered),
        "float" if (table.tolerance, table.absolute, table.relative) == (None, None, None) => {
            Ok(Checker::Float(Tolerance::both(1e-6)))
        }
        "float" => Ok(Checker::Float(tolerance(table)?)),
        "validator" if !is_function => Ok(Checker::Validator(ValidatorOptions {
            case_sensitive: table.case_sensitive.unwrap_or(false),
            space_sensitive: table.space_sensitive.unwrap_or(false),
            tolerance: tolerance(table)?,
        })),
        "program" => Ok(Checker::Program(program(table, files)?)),
        "interactive" if !is_function => Ok(Checker::Interactive(program(table, files)?)),
        other => Err(format!("challenge.toml: no checker {other} for this kind")),
    }
}

/// That there is no option of another checker.
fn check_options(table: &Table) -> Read<()> {
    let kind = table.kind.as_str();
    let numbers = table.tolerance.or(table.absolute).or(table.relative).is_some();
    let text = table.case_sensitive.or(table.space_sensitive).is_some();
    for (is_there, goes_with, name) in [
        (numbers, &["float", "validator"][..], "a tolerance"),
        (text, &["validator"][..], "case_sensitive and space_sensitive"),
        (table.arguments.is_some(), &["program", "interactive"][..], "arguments"),
    ] {
        let fault = || format!("challenge.toml: {name} goes with the checkers {}", goes_with.join(" and "));
        ensure(!is_there || goes_with.contains(&kind), &fault())?;
    }
    Ok(())
}

fn tolerance(table: &Table) -> Read<Tolerance> {
    let sane = |tolerance: f64| tolerance.is_finite() && tolerance > 0.0 && tolerance < 1.0;
    let given = [table.tolerance, table.absolute, table.relative];
    ensure(given.into_iter().flatten().all(sane), "challenge.toml: a tolerance must be between 0 and 1")?;
    Ok(Tolerance {
        absolute: table.absolute.or(table.tolerance),
        relative: table.relative.or(table.tolerance),
    })
}

fn program(table: &Table, files: &mut Files) -> Read<Arc<CheckerProgram>> {
    let arguments = table.arguments.clone().unwrap_or_default();
    let short = arguments.len() <= 20
        && arguments.iter().all(|argument| argument.len() <= 200 && !argument.contains('\0'));
    ensure(short, "challenge.toml: at most 20 arguments of at most 200 characters")?;
    let path = |ending: &str| format!("{FOLDER}checker.{ending}");
    let main =
        LANGUAGES.into_iter().find_map(|(language, ending)| Some((language, files.take(&path(ending))?)));
    let names = LANGUAGES.map(|(_, ending)| path(ending)).join(", ");
    let (language, source) = main.ok_or_else(|| format!("checker/: needs one of {names}"))?;
    let paths: Vec<String> =
        files.paths().filter(|path| path.starts_with(FOLDER)).map(str::to_owned).collect();
    ensure(paths.len() <= MAX_FILES, &format!("checker/: at most {MAX_FILES} files beside the main one"))?;
    let beside = paths.iter().filter_map(|path| {
        let name = path.strip_prefix(FOLDER)?.to_owned();
        Some(SourceFile { name, text: files.take(path)? })
    });
    let files: Vec<_> = beside.collect();
    ensure(files.iter().all(|file| !file.name.contains('/')), "checker/: no folders in it")?;
    let language = language.parse().map_err(|_| format!("{language}: no language"))?;
    Ok(Arc::new(CheckerProgram { language, source, files, arguments }))
}
