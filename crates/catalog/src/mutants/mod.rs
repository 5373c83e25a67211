//! Mutants of a solution: the same program with one small fault each. Good tests kill them.
//!
//! The operators are those that the literature found sufficient: relational, logical and arithmetic operators and constants (Offutt
//! et al., "An Experimental Determination of Sufficient Mutant Operators", TOSEM 1996), of the relational ones those that subsume the
//! others (Kaminski, Ammann and Offutt, JSS 2013), removed statements (Untch, SDL, 2009), and what the tools of practice add: return
//! values and conditions (PIT, Stryker), slices, ranges and loop control (mutmut, Cosmic Ray), calls with a twin (Stryker).
//!
//! Nothing is made in comments, docstrings, imports, type annotations and code that cannot be reached, and no two mutants of a file are
//! the same text: those would be equivalent, or count twice. Nothing here runs code.

mod javascript;
mod python;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use codementor_core::Language;
use serde::Serialize;
use tree_sitter::{Node, Parser};

use crate::random::Random;

/// What kind of fault a mutant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// `<` for `<=`, `==` for `!=`.
    Relational,
    /// `+` for `-`.
    Arithmetic,
    /// `and` for `or`.
    Logical,
    /// `-x` for `x`.
    Sign,
    /// A number that is one larger or smaller.
    Constant,
    /// `True` for `False`.
    Boolean,
    /// A text that is empty, or not.
    Text,
    /// A condition that is negated, or always the same.
    Condition,
    /// A statement that is gone.
    Statement,
    /// A function that returns nothing.
    ReturnValue,
    /// A range or a slice that is one longer or shorter.
    OffByOne,
    /// `break` for `continue`.
    LoopControl,
    /// A call of another function of the same kind, such as `min` for `max`.
    Call,
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relational => "relational",
            Self::Arithmetic => "arithmetic",
            Self::Logical => "logical",
            Self::Sign => "sign",
            Self::Constant => "constant",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Condition => "condition",
            Self::Statement => "statement",
            Self::ReturnValue => "return-value",
            Self::OffByOne => "off-by-one",
            Self::LoopControl => "loop-control",
            Self::Call => "call",
        })
    }
}

/// A program with one fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mutant {
    /// Of which language.
    pub language: Language,
    /// Where the fault begins, from 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What kind of fault it is.
    pub operator: Operator,
    /// The first line that differs, as it was, without the white space around it.
    pub before: String,
    /// The same line as it is now.
    pub after: String,
    #[serde(skip)]
    range: Range<usize>,
    #[serde(skip)]
    replacement: String,
}

impl Mutant {
    /// The program with the fault.
    #[must_use]
    pub fn apply(&self, source: &str) -> String {
        [&source[..self.range.start], &self.replacement, &source[self.range.end..]].concat()
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {}: `{}` for `{}`", self.line, self.column, self.operator, self.after, self.before)
    }
}

/// Languages of which mutants can be made.
pub const LANGUAGES: [&str; 2] = ["python", "javascript"];

/// What is nested more deeply is left alone: looking at what stands around a node takes longer the deeper it is.
const MAX_DEPTH: usize = 200;

/// Every mutant of a program, in the order of the text. None for a language that has no operators, and none of a program with a
/// syntax error.
#[must_use]
pub fn mutants(language: &Language, source: &str) -> Vec<Mutant> {
    let (grammar, visit, is_barren): (_, Visit, fn(Node<'_>, &str) -> bool) = match language.as_str() {
        "python" => (tree_sitter_python::LANGUAGE.into(), python::visit, python::is_barren),
        "javascript" => (tree_sitter_javascript::LANGUAGE.into(), javascript::visit, javascript::is_barren),
        _ => return Vec::new(),
    };
    let mut parser = Parser::new();
    let tree = match parser.set_language(&grammar) {
        Ok(()) => parser.parse(source, None),
        Err(_) => None,
    };
    let Some(tree) = tree.filter(|tree| !tree.root_node().has_error()) else { return Vec::new() };
    let mut edits = Edits { source, made: Vec::new() };
    let mut stack = vec![(tree.root_node(), 0)];
    while let Some((node, depth)) = stack.pop() {
        if depth > MAX_DEPTH || is_barren(node, source) {
            continue;
        }
        visit(node, &mut edits);
        stack.extend(children(node).into_iter().map(|child| (child, depth + 1)));
    }
    finish(language, source, edits.made)
}

type Visit = fn(Node<'_>, &mut Edits<'_>);

fn finish(language: &Language, source: &str, mut made: Vec<Edit>) -> Vec<Mutant> {
    made.sort_by_key(|edit| (edit.range.start, edit.range.end, edit.operator));
    let mut texts = BTreeSet::from([source.to_owned()]);
    let mutants = made.into_iter().map(|edit| mutant(language, source, edit));
    mutants.filter(|mutant| texts.insert(mutant.apply(source))).collect()
}

fn mutant(language: &Language, source: &str, Edit { operator, range, after: replacement }: Edit) -> Mutant {
    let start = source[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let mut mutant = Mutant {
        language: language.clone(),
        line: source[..range.start].matches('\n').count() + 1,
        column: source[start..range.start].chars().count() + 1,
        operator,
        before: String::new(),
        after: String::new(),
        range,
        replacement,
    };
    let changed = mutant.apply(source);
    let line =
        |text: &str| text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("").trim().to_owned();
    (mutant.before, mutant.after) = (line(source), line(&changed));
    mutant
}

/// At most `limit` of the mutants, chosen by the seed, as many as possible of each operator; in the order of the text.
#[must_use]
pub fn sample(mutants: Vec<Mutant>, seed: u64, limit: usize) -> Vec<Mutant> {
    if mutants.len() <= limit {
        return mutants;
    }
    let mut random = Random::new(seed);
    let mut by_operator: BTreeMap<Operator, Vec<Mutant>> = BTreeMap::new();
    for mutant in mutants {
        by_operator.entry(mutant.operator).or_default().push(mutant);
    }
    let mut groups: Vec<Vec<Mutant>> = by_operator.into_values().collect();
    // Also who comes first is chance: with a small limit not every operator has its turn.
    random.shuffle(&mut groups);
    groups.iter_mut().for_each(|group| random.shuffle(group));
    let mut chosen = Vec::with_capacity(limit);
    while chosen.len() < limit {
        for group in &mut groups {
            chosen.extend(group.pop());
        }
    }
    chosen.truncate(limit);
    chosen.sort_by_key(|mutant| (mutant.range.start, mutant.range.end, mutant.operator));
    chosen
}

/// A change of a text.
struct Edit {
    operator: Operator,
    range: Range<usize>,
    after: String,
}

/// Collects the changes of one program.
struct Edits<'a> {
    source: &'a str,
    made: Vec<Edit>,
}

impl<'a> Edits<'a> {
    fn text(&self, node: Node<'_>) -> &'a str {
        &self.source[node.byte_range()]
    }

    fn replace(&mut self, node: Node<'_>, operator: Operator, after: impl Into<String>) {
        self.made.push(Edit { operator, range: node.byte_range(), after: after.into() });
    }

    /// Replaces a token by each of its entries in a table.
    fn swap(&mut self, token: Node<'_>, operator: Operator, table: &[(&str, &[&str])]) {
        let text = self.text(token);
        for (_, others) in table.iter().filter(|(word, _)| *word == text) {
            others.iter().for_each(|other| self.replace(token, operator, *other));
        }
    }

    /// A decimal number, and its neighbours.
    fn number(&mut self, node: Node<'_>) {
        let text = self.text(node);
        if let Ok(number) = text.parse::<i64>() {
            for other in [number.checked_add(1), number.checked_sub(1)].into_iter().flatten() {
                // A lone minus could meet another one.
                let shown = if other < 0 { format!("({other})") } else { other.to_string() };
                self.replace(node, Operator::Constant, shown);
            }
        } else if text.parse::<f64>().is_ok() {
            self.replace(node, Operator::Constant, format!("({text} + 1)"));
        }
    }

    /// A bound that is one higher, or lower. Literal numbers have neighbours of their own.
    fn shift(&mut self, node: Node<'_>) {
        let text = self.text(node);
        if text.trim_start_matches(['-', '+']).parse::<f64>().is_err() {
            self.replace(node, Operator::OffByOne, format!("({text}) + 1"));
            self.replace(node, Operator::OffByOne, format!("({text}) - 1"));
        }
    }
}

fn children<'a>(node: Node<'a>) -> Vec<Node<'a>> {
    node.children(&mut node.walk()).collect()
}

fn named_children<'a>(node: Node<'a>) -> Vec<Node<'a>> {
    node.named_children(&mut node.walk()).collect()
}

/// Whether a statement stands behind one that leaves the block.
fn is_unreachable(node: Node<'_>, leaving: &[&str]) -> bool {
    let mut before = node.prev_named_sibling();
    while let Some(sibling) = before {
        if leaving.contains(&sibling.kind()) {
            return true;
        }
        before = sibling.prev_named_sibling();
    }
    false
}

#[cfg(test)]
mod tests;
