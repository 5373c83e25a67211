//! Where a JavaScript program can have a fault.

use tree_sitter::Node;

use super::tables::{ARITHMETIC, ASSIGNMENT, BOOLEAN, JAVASCRIPT_CALLS, LOGICAL, RELATIONAL, Table};
use super::{Edits, Operator, is_unreachable, named_children};

/// Statements after which nothing of a block is reached.
const LEAVING: [&str; 4] = ["return_statement", "throw_statement", "break_statement", "continue_statement"];

/// Methods whose arguments are bounds.
const SLICING: [&str; 3] = ["slice", "substring", "subarray"];

/// Whether nothing in a node is worth a fault.
pub(super) fn is_barren(node: Node<'_>, source: &str) -> bool {
    let is_barren = match node.kind() {
        "comment" | "import_statement" => true,
        // A directive, or any other text that stands alone.
        "expression_statement" => node.named_child(0).is_some_and(|child| child.kind() == "string"),
        "call_expression" => is_require(node, source),
        _ => false,
    };
    // A function behind a `return` can be called all the same.
    is_barren || (node.kind() != "function_declaration" && is_unreachable(node, &LEAVING))
}

/// `require("fs")`: another name means another module, which says nothing about the tests.
fn is_require(node: Node<'_>, source: &str) -> bool {
    let arguments = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
    let function = node.child_by_field_name("function");
    matches!(arguments.as_slice(), [only] if only.kind() == "string")
        && function.is_some_and(|name| &source[name.byte_range()] == "require")
}

/// Adds the faults that begin at this node.
pub(super) fn visit(node: Node<'_>, edits: &mut Edits<'_>) {
    match node.kind() {
        "binary_expression" => {
            for (operator, table) in tables() {
                swap_operator(node, edits, operator, table);
            }
        }
        "augmented_assignment_expression" => swap_operator(node, edits, Operator::Arithmetic, ASSIGNMENT),
        "update_expression" => {
            swap_operator(node, edits, Operator::Arithmetic, &[("++", &["--"]), ("--", &["++"])]);
        }
        "unary_expression" => sign(node, edits),
        "number" => edits.number(node),
        "true" | "false" => edits.swap(node, Operator::Boolean, BOOLEAN),
        "string" | "template_string" => text(node, edits),
        "if_statement" | "while_statement" | "do_statement" | "for_statement" | "ternary_expression" => {
            if let Some(condition) = node.child_by_field_name("condition") {
                fix_condition(condition, node.kind(), edits);
            }
        }
        "return_statement" => {
            if let Some(value) = node.named_child(0).filter(|value| value.kind() != "null") {
                edits.replace(value, Operator::ReturnValue, "null");
            }
        }
        "break_statement" if !in_switch(node) => edits.replace(node, Operator::LoopControl, "continue;"),
        "continue_statement" => edits.replace(node, Operator::LoopControl, "break;"),
        "call_expression" => call(node, edits),
        "expression_statement" => statement(node, edits),
        _ => {}
    }
}

fn tables() -> [(Operator, Table); 3] {
    [(Operator::Relational, RELATIONAL), (Operator::Arithmetic, ARITHMETIC), (Operator::Logical, LOGICAL)]
}

fn swap_operator(node: Node<'_>, edits: &mut Edits<'_>, operator: Operator, table: Table) {
    // `in` is another thing here than in Python.
    if let Some(token) = node.child_by_field_name("operator").filter(|token| token.kind() != "in") {
        edits.swap(token, operator, table);
    }
}

fn sign(node: Node<'_>, edits: &mut Edits<'_>) {
    let operator = node.child_by_field_name("operator").map_or("", |token| token.kind());
    if let ("!" | "-" | "+" | "~", Some(argument)) = (operator, node.child_by_field_name("argument")) {
        edits.replace(node, Operator::Sign, edits.text(argument));
    }
}

fn text(node: Node<'_>, edits: &mut Edits<'_>) {
    let inner = named_children(node);
    if inner.iter().any(|part| part.kind() == "template_substitution") {
        return;
    }
    edits.replace(node, Operator::Text, if inner.is_empty() { "\"?\"" } else { "\"\"" });
}

/// A condition that is always the same, or the opposite. One of a loop that never ends tells little and costs much.
fn fix_condition(condition: Node<'_>, owner: &str, edits: &mut Edits<'_>) {
    // It stands in brackets, but for those of `for` and of `?`.
    let bare = if condition.kind() == "parenthesized_expression" {
        condition.named_child(0)
    } else {
        Some(condition)
    };
    let Some(bare) = bare.filter(|bare| bare.kind() != "true" && bare.kind() != "empty_statement") else {
        return;
    };
    let bare = match bare.kind() {
        // The condition of `for` is a statement with its semicolon in some versions of the grammar.
        "expression_statement" => bare.named_child(0).unwrap_or(bare),
        _ => bare,
    };
    edits.replace(bare, Operator::Condition, "false");
    if matches!(owner, "if_statement" | "ternary_expression") {
        edits.replace(bare, Operator::Condition, "true");
    }
    let operator = bare.child_by_field_name("operator").map_or("", |token| token.kind());
    let has_opposite = operator == "!" || RELATIONAL.iter().any(|(token, _)| *token == operator);
    if !has_opposite && bare.kind() != "false" {
        edits.replace(bare, Operator::Condition, format!("!({})", edits.text(bare)));
    }
}

fn in_switch(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| parent.kind().starts_with("switch"))
}

fn call(node: Node<'_>, edits: &mut Edits<'_>) {
    let Some(function) = node.child_by_field_name("function") else { return };
    let name = function.child_by_field_name("property").unwrap_or(function);
    edits.swap(name, Operator::Call, JAVASCRIPT_CALLS);
    if SLICING.contains(&edits.text(name))
        && let Some(arguments) = node.child_by_field_name("arguments")
    {
        named_children(arguments).into_iter().for_each(|bound| edits.shift(bound));
    }
}

/// A statement that does something and defines nothing: without a definition nearly every program dies at once.
fn statement(node: Node<'_>, edits: &mut Edits<'_>) {
    let removable = node.named_child(0).is_some_and(|inner| match inner.kind() {
        "call_expression" => node.parent().is_none_or(|parent| parent.kind() != "program"),
        "assignment_expression" | "augmented_assignment_expression" | "update_expression" => {
            // The parts of a `for` have an operator each.
            node.parent().is_none_or(|parent| parent.kind() != "for_statement")
        }
        _ => false,
    });
    if removable {
        edits.replace(node, Operator::Statement, ";");
    }
}
