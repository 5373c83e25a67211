//! The file of tests of a challenge of kind `tests`, and the files that it loads.

use std::sync::Arc;

use codementor_core::judging::{SourceFile, TestSuite};
use serde::Deserialize;

use crate::files::Files;
use crate::format::{Read, ensure};

/// Languages in which the judge runs files of tests.
const LANGUAGES: [&str; 2] = ["python", "javascript"];
/// The most files beside the tests and the learner's.
const MAX_OTHERS: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    solution: String,
    file: String,
}

/// Reads `[tests]` and the folder `tests/` of the one language.
///
/// # Errors
/// Says what is wrong.
pub(crate) fn read(table: Option<&Table>, files: &mut Files) -> Read<Arc<TestSuite>> {
    let table = table.ok_or("challenge.toml: kind \"tests\" needs [tests]")?;
    let folders = LANGUAGES.map(|language| format!("{language}/tests/"));
    let paths: Vec<String> = files
        .paths()
        .filter(|path| folders.iter().any(|folder| path.starts_with(folder)))
        .map(str::to_owned)
        .collect();
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let is_direct = folders.iter().any(|folder| path == format!("{folder}{name}"));
        ensure(is_direct, &format!("{path}: no folders beside the tests"))?;
        if let Some(text) = files.take(&path) {
            all.push(SourceFile { name, text });
        }
    }
    let at = all.iter().position(|file| file.name == table.file);
    let file = at.map(|at| all.remove(at));
    let file = file.ok_or_else(|| format!("{}: is not in the folder tests/ of the language", table.file))?;
    ensure(all.len() <= MAX_OTHERS, &format!("at most {MAX_OTHERS} files beside the tests"))?;
    for name in all.iter().map(|file| &file.name).chain([&file.name, &table.solution]) {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let plain = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && name.len() <= 100
            && name.chars().all(rest);
        ensure(plain, &format!("{name}: is no plain name of a file"))?;
    }
    let is_other = |file: &SourceFile| file.name != table.solution;
    ensure(all.iter().chain([&file]).all(is_other), "the learner's file cannot be one of the tests' files")?;
    Ok(Arc::new(TestSuite { solution: table.solution.clone(), file, others: all }))
}
