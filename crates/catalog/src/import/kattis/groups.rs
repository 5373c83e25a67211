//! Points of scoring problems, as groups whose tests give them together or not at all.
//!
//! A group that gives some of its points for some of its tests becomes several groups of one test. What cannot be told that way is
//! named.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Skip;
use super::data::{Case, Data, Part, words};
use super::problem::{Problem, Version};

/// The most groups of a challenge.
const MAX_GROUPS: usize = 20;
/// The most points of a group.
const MAX_POINTS: f64 = 1_000.0;
/// The longest name of a group, in characters.
const MAX_NAME: usize = 40;
/// What `secret` gives in the newer version when nothing is said.
const USUAL_SCORE: f64 = 100.0;

/// Tests that give points together.
#[derive(Debug, PartialEq)]
pub(super) struct Unit<'a> {
    pub(super) name: String,
    pub(super) points: u32,
    pub(super) cases: Vec<&'a Case>,
    /// Tests of other groups, without which this one gives nothing.
    pub(super) needs: Vec<&'a Case>,
}

/// How tests give points.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scores<'a> {
    /// None where all tests count together.
    pub(super) units: Vec<Unit<'a>>,
    /// Whether the rest of a group is judged after one of its tests failed.
    pub(super) goes_on: bool,
}

/// Reads them.
pub(super) fn scores<'a>(problem: &Problem, data: &'a Data, may_score: bool) -> Result<Scores<'a>, Skip> {
    let scores = match (problem.version, problem.is_scoring) {
        (Version::Legacy, false) => passing(data)?,
        (Version::V2025, false) => Scores::default(),
        (Version::Legacy, true) => legacy(&data.secret)?,
        (Version::V2025, true) => newer(data, may_score)?,
    };
    if scores.units.len() > MAX_GROUPS {
        let count = scores.units.len();
        return Err(Skip::because(format!("{count} groups of tests give points, more than {MAX_GROUPS}")));
    }
    if !scores.units.is_empty() && scores.units.iter().all(|unit| unit.points == 0) {
        return Err(Skip::because("it is a scoring problem, and nothing in it gives points"));
    }
    Ok(scores)
}

fn because<T>(part: &Part, why: &str) -> Result<T, Skip> {
    Err(Skip::because(format!("data/{}: {why}", part.path)))
}

/// A folder's grader in the legacy version.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Grader {
    /// Whether one failure is a failure of the whole.
    is_strict: bool,
    /// What the scores of what is in it make together.
    sums: Sums,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Sums {
    Sum,
    Average,
    Least,
    Most,
}

fn grader(part: &Part) -> Result<Grader, Skip> {
    if part.settings.grading.as_deref().is_some_and(|grading| grading != "default") {
        return because(part, "it is graded by a program, and such are not run here");
    }
    let mut grader = Grader { is_strict: true, sums: Sums::Sum };
    let mut is_any_enough = false;
    for word in words(part.settings.grader_flags.as_ref()) {
        match word.as_str() {
            "worst_error" | "first_error" => grader.is_strict = true,
            // Of what is accepted in any case, what failed gives nothing.
            "always_accept" => grader.is_strict = false,
            "accept_if_any_accepted" => is_any_enough = true,
            "sum" => grader.sums = Sums::Sum,
            "avg" => grader.sums = Sums::Average,
            "min" => grader.sums = Sums::Least,
            "max" => grader.sums = Sums::Most,
            "ignore_sample" => {}
            other => return because(part, &format!("the grader's option {other} is not known")),
        }
    }
    grader.is_strict &= !is_any_enough;
    Ok(grader)
}

/// A problem without points: that every test must be passed.
fn passing(data: &Data) -> Result<Scores<'_>, Skip> {
    fn check(part: &Part) -> Result<(), Skip> {
        if !grader(part)?.is_strict {
            return because(part, "it is passed although a test of it fails, which cannot be judged here");
        }
        part.parts.iter().try_for_each(check)
    }
    check(&data.secret)?;
    Ok(Scores { units: Vec::new(), goes_on: goes_on(&data.secret) })
}

fn goes_on(part: &Part) -> bool {
    part.settings.on_reject.as_deref() == Some("continue")
}

fn number(value: Option<&Value>, usual: f64) -> Option<f64> {
    match value {
        None | Some(Value::Null) => Some(usual),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_f64(),
    }
}

fn whole(part: &Part, points: f64) -> Result<u32, Skip> {
    if !(0.0..=MAX_POINTS).contains(&points) || points.fract() != 0.0 {
        return because(part, &format!("it gives {points} points, which is no whole number from 0 to 1000"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
    let points = points as u32;
    Ok(points)
}

/// A name that is short enough and, so far, unique.
fn named(units: &[Unit<'_>], name: &str) -> String {
    let short: String = name.chars().take(MAX_NAME).collect();
    let is_taken = |name: &str| units.iter().any(|unit| unit.name == name);
    if is_taken(&short) { format!("group {}", units.len() + 1) } else { short }
}

fn legacy(secret: &Part) -> Result<Scores<'_>, Skip> {
    let of_all = grader(secret)?;
    if of_all.is_strict || of_all.sums == Sums::Least {
        // One failure, and nothing is left of the score.
        return Ok(Scores { units: Vec::new(), goes_on: goes_on(secret) });
    }
    if of_all.sums == Sums::Most {
        return because(secret, "the best of its groups is its score, which cannot be told by points");
    }
    if !secret.cases.is_empty() && !secret.parts.is_empty() {
        return because(secret, "it has tests beside its groups");
    }
    if !goes_on(secret) {
        return because(secret, "what follows the first failure gives no points (on_reject: break)");
    }
    let mut units = Vec::new();
    if secret.parts.is_empty() {
        singles(secret, &mut units)?;
    }
    for part in &secret.parts {
        let inner = grader(part)?;
        let is_one = part.all().len() == 1;
        if inner.is_strict || inner.sums == Sums::Least || is_one {
            let points = worth(part)?;
            check_range(part, points)?;
            let name = named(&units, part.name());
            units.push(Unit { name, points: whole(part, points)?, cases: part.all(), needs: Vec::new() });
        } else if inner.sums == Sums::Sum && part.parts.is_empty() {
            singles(part, &mut units)?;
        } else {
            return because(
                part,
                "some of its tests give some of its points in a way that groups cannot tell",
            );
        }
    }
    let goes_on = !secret.parts.is_empty() && secret.parts.iter().all(goes_on);
    Ok(Scores { units, goes_on })
}

/// Every test of a part by itself.
fn singles<'a>(part: &'a Part, units: &mut Vec<Unit<'a>>) -> Result<(), Skip> {
    let points = whole(part, accepted(part)?)?;
    for case in &part.cases {
        let name = case.path.strip_prefix("secret/").unwrap_or(&case.path);
        let name = named(units, name);
        units.push(Unit { name, points, cases: vec![case], needs: Vec::new() });
    }
    Ok(())
}

/// What an accepted test gives.
fn accepted(part: &Part) -> Result<f64, Skip> {
    let (accepted, rejected) =
        (number(part.settings.accept_score.as_ref(), 1.0), number(part.settings.reject_score.as_ref(), 0.0));
    match (accepted, rejected) {
        (Some(accepted), Some(0.0)) => Ok(accepted),
        (Some(_), Some(_)) => because(part, "a test that fails gives points (reject_score)"),
        _ => because(part, "accept_score and reject_score must be numbers"),
    }
}

/// What a part gives when all its tests are accepted.
fn worth(part: &Part) -> Result<f64, Skip> {
    let grader = grader(part)?;
    let mut scores = vec![accepted(part)?; part.cases.len()];
    for inner in &part.parts {
        let is_whole = self::grader(inner)?.is_strict || self::grader(inner)?.sums == Sums::Least;
        if !is_whole {
            return because(inner, "some of its tests give some of its points, within a group");
        }
        scores.push(worth(inner)?);
    }
    let sum: f64 = scores.iter().sum();
    Ok(match grader.sums {
        Sums::Sum => sum,
        #[expect(clippy::cast_precision_loss, reason = "there are at most 200")]
        Sums::Average => sum / scores.len().max(1) as f64,
        Sums::Least => scores.into_iter().fold(f64::INFINITY, f64::min),
        Sums::Most => scores.into_iter().fold(0.0, f64::max),
    })
}

/// That the highest score that a part says it can have is what its tests give.
fn check_range(part: &Part, points: f64) -> Result<(), Skip> {
    let range = words(part.settings.range.as_ref().filter(|_| part.is_set));
    let Some(most) = range.last().and_then(|most| most.trim_start_matches('+').parse::<f64>().ok()) else {
        return Ok(());
    };
    if most.is_finite() && (most - points).abs() > 1e-9 {
        return because(part, &format!("its range ends at {most} points, but its tests give {points}"));
    }
    Ok(())
}

fn newer(data: &Data, may_score: bool) -> Result<Scores<'_>, Skip> {
    let secret = &data.secret;
    if !secret.cases.is_empty() && !secret.parts.is_empty() {
        return because(secret, "it has tests beside its groups");
    }
    // What a group needs, and itself: whoever needs it needs all of that.
    let mut known: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    known.insert("sample", data.samples.iter().collect());
    let of_all = needed(secret, &known)?;
    let aggregation = aggregation(secret, "sum")?;
    let most = most(secret, Some(USUAL_SCORE))?;
    if aggregation == "pass-fail" {
        return Ok(Scores::default());
    }
    let mut units: Vec<Unit<'_>> = Vec::new();
    if secret.parts.is_empty() {
        if aggregation == "min" && !may_score {
            return Ok(Scores::default());
        }
        check_scorer(secret, may_score)?;
        // All give the same; how much that is plays no part where the score is told in percent.
        #[expect(clippy::cast_precision_loss, reason = "there are at most 200")]
        let each = Some(most / secret.cases.len() as f64).filter(|each| each.fract() == 0.0).unwrap_or(1.0);
        split(secret, each, &of_all, &mut units)?;
        return Ok(Scores { units, goes_on: false });
    }
    for part in &secret.parts {
        let inner = self::aggregation(part, "pass-fail")?;
        if inner != "pass-fail" {
            check_scorer(part, may_score)?;
        }
        let mut needs = of_all.clone();
        needs.extend(needed(part, &known)?.into_iter().filter(|case| !of_all.contains(case)));
        known.insert(&part.path, needs.iter().copied().chain(part.all()).collect());
        let points = self::most(part, None)?;
        if inner == "sum" && part.all().len() > 1 {
            #[expect(clippy::cast_precision_loss, reason = "there are at most 200")]
            let each = points / part.all().len() as f64;
            split(part, each, &needs, &mut units)?;
        } else {
            let name = named(&units, part.name());
            units.push(Unit { name, points: whole(part, points)?, cases: part.all(), needs });
        }
    }
    // The least of scores that are all or nothing is so, too.
    let is_least = aggregation == "min";
    if is_least && units.len() > secret.parts.len() {
        return because(secret, "the least of scores that are made of parts cannot be told by points");
    }
    Ok(if is_least { Scores::default() } else { Scores { units, goes_on: false } })
}

fn aggregation<'a>(part: &'a Part, usual: &'a str) -> Result<&'a str, Skip> {
    let settings = &part.settings;
    if settings.static_validation_score.is_some() {
        return because(part, "the program's text gives points, which cannot be judged here");
    }
    match settings.score_aggregation.as_deref().unwrap_or(usual) {
        known @ ("pass-fail" | "sum" | "min") => Ok(known),
        other => because(part, &format!("score_aggregation: {other} is not known")),
    }
}

/// The highest score of a part.
fn most(part: &Part, usual: Option<f64>) -> Result<f64, Skip> {
    let said = part.settings.max_score.as_ref();
    let most = if said.is_none() { usual } else { said.and_then(Value::as_f64) };
    most.map_or_else(|| because(part, "its score has no bound (max_score)"), Ok)
}

/// That the validator gives no points of its own where it might.
fn check_scorer(part: &Part, may_score: bool) -> Result<(), Skip> {
    if may_score {
        return because(part, "its output validator gives points of its own, which groups cannot tell");
    }
    Ok(())
}

fn split<'a>(part: &'a Part, each: f64, needs: &[&'a Case], units: &mut Vec<Unit<'a>>) -> Result<(), Skip> {
    let points = whole(part, each)?;
    for case in part.all() {
        let name = case.path.strip_prefix("secret/").unwrap_or(&case.path);
        let name = named(units, name);
        units.push(Unit { name, points, cases: vec![case], needs: needs.to_vec() });
    }
    Ok(())
}

/// The tests that must be passed before a part gives anything.
fn needed<'a>(part: &Part, known: &BTreeMap<&str, Vec<&'a Case>>) -> Result<Vec<&'a Case>, Skip> {
    let names = match part.settings.require_pass.as_ref() {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut needed: Vec<&Case> = Vec::new();
    for name in names {
        let Some(found) = known.get(name) else {
            return because(part, &format!("require_pass: there is no group {name} before it"));
        };
        for &case in found {
            if !needed.contains(&case) {
                needed.push(case);
            }
        }
    }
    Ok(needed)
}
