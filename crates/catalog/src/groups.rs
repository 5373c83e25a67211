//! Tests that give points together.

use std::collections::BTreeSet;

use codementor_core::challenge::Group;
use serde::Deserialize;

use crate::format::{Read, ensure};

/// The most groups of a challenge.
const MAX_GROUPS: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    name: String,
    points: u32,
}

/// Reads `[[groups]]`.
///
/// # Errors
/// Says what is wrong.
pub(crate) fn read(tables: &[Table], is_file_of_tests: bool) -> Read<Vec<Group>> {
    let mut names = BTreeSet::new();
    ensure(tables.len() <= MAX_GROUPS, &format!("challenge.toml: at most {MAX_GROUPS} groups"))?;
    ensure(tables.is_empty() || !is_file_of_tests, "challenge.toml: a file of tests has no groups")?;
    for Table { name, points } in tables {
        let sane = (1..=40).contains(&name.chars().count()) && *points <= 1_000;
        ensure(sane, &format!("challenge.toml: group {name}: 1 to 40 characters, 0 to 1000 points"))?;
        ensure(names.insert(name), &format!("challenge.toml: two groups are called {name}"))?;
    }
    let gives = tables.is_empty() || tables.iter().any(|table| table.points > 0);
    ensure(gives, "challenge.toml: no group gives points")?;
    Ok(tables.iter().map(|table| Group { name: table.name.clone(), points: table.points }).collect())
}

/// That each hidden test is in a group, so that all points mean that all is right, and that no group is empty. Of each test the name,
/// the group, and whether it is an example.
///
/// # Errors
/// Says what is wrong.
pub(crate) fn check<'a>(
    tests: impl Iterator<Item = (&'a String, &'a Option<String>, bool)>,
    groups: &[Group],
) -> Read<()> {
    let mut used = BTreeSet::new();
    for (name, group, is_example) in tests {
        let is_known = |name: &String| groups.iter().any(|group| &group.name == name);
        let fits = group.as_ref().map_or(is_example || groups.is_empty(), is_known);
        ensure(fits, &format!("tests.toml: {name}: needs a group of challenge.toml"))?;
        used.extend(group.as_ref());
    }
    match groups.iter().find(|group| !used.contains(&group.name)) {
        Some(group) => Err(format!("challenge.toml: no test is in group {}", group.name)),
        None => Ok(()),
    }
}
