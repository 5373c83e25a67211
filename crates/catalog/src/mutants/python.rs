//! Where a Python program can have a fault.

use tree_sitter::Node;

use super::tables::{ARITHMETIC, ASSIGNMENT, BOOLEAN, LOGICAL, PYTHON_CALLS, RELATIONAL};
use super::{Edits, Operator, children, is_unreachable, named_children};

/// Statements after which nothing of a block is reached.
const LEAVING: [&str; 4] = ["return_statement", "raise_statement", "break_statement", "continue_statement"];

/// Whether nothing in a node is worth a fault.
pub(super) fn is_barren(node: Node<'_>, _source: &str) -> bool {
    let is_barren = match node.kind() {
        "comment" | "type" | "import_statement" | "import_from_statement" | "future_import_statement" => true,
        // A docstring, or any other text that stands alone.
        "expression_statement" => node.named_child(0).is_some_and(|child| child.kind() == "string"),
        _ => false,
    };
    is_barren || is_unreachable(node, &LEAVING)
}

/// Adds the faults that begin at this node.
pub(super) fn visit(node: Node<'_>, edits: &mut Edits<'_>) {
    match node.kind() {
        "comparison_operator" => {
            children(node).into_iter().for_each(|token| edits.swap(token, Operator::Relational, RELATIONAL));
        }
        "binary_operator" => swap_operator(node, edits, Operator::Arithmetic),
        "augmented_assignment" => swap_operator(node, edits, Operator::Arithmetic),
        "boolean_operator" => swap_operator(node, edits, Operator::Logical),
        "not_operator" | "unary_operator" => {
            if let Some(argument) = node.child_by_field_name("argument") {
                edits.replace(node, Operator::Sign, edits.text(argument));
            }
        }
        "integer" | "float" => edits.number(node),
        "true" | "false" => edits.swap(node, Operator::Boolean, BOOLEAN),
        "string" => text(node, edits),
        "if_statement" | "elif_clause" | "while_statement" => {
            if let Some(condition) = node.child_by_field_name("condition") {
                fixed_condition(condition, node.kind() == "while_statement", edits);
                negate(condition, edits);
            }
        }
        "conditional_expression" => named_children(node).get(1).into_iter().for_each(|n| negate(*n, edits)),
        "if_clause" => named_children(node).first().into_iter().for_each(|n| negate(*n, edits)),
        "return_statement" => {
            if let Some(value) = node.named_child(0).filter(|value| value.kind() != "none") {
                edits.replace(value, Operator::ReturnValue, "None");
            }
        }
        "break_statement" => edits.replace(node, Operator::LoopControl, "continue"),
        "continue_statement" => edits.replace(node, Operator::LoopControl, "break"),
        "slice" => named_children(node).into_iter().for_each(|bound| edits.shift(bound)),
        "call" => call(node, edits),
        "expression_statement" => statement(node, edits),
        _ => {}
    }
}

fn swap_operator(node: Node<'_>, edits: &mut Edits<'_>, operator: Operator) {
    let Some(token) = node.child_by_field_name("operator") else { return };
    let table = match node.kind() {
        "boolean_operator" => LOGICAL,
        "augmented_assignment" => ASSIGNMENT,
        _ => ARITHMETIC,
    };
    edits.swap(token, operator, table);
}

fn text(node: Node<'_>, edits: &mut Edits<'_>) {
    let inner = named_children(node);
    if inner.iter().any(|part| part.kind() == "interpolation") {
        return;
    }
    let is_empty = !inner.iter().any(|part| part.kind() == "string_content");
    edits.replace(node, Operator::Text, if is_empty { "\"?\"" } else { "\"\"" });
}

/// A condition that is always the same. One of a loop that never ends tells little and costs much.
fn fixed_condition(condition: Node<'_>, is_loop: bool, edits: &mut Edits<'_>) {
    // The guard of a program's start is no condition of the solution.
    if edits.text(condition).contains("__name__") || ["true", "false"].contains(&condition.kind()) {
        return;
    }
    edits.replace(condition, Operator::Condition, "False");
    if !is_loop {
        edits.replace(condition, Operator::Condition, "True");
    }
}

/// The opposite, where no relational operator and no `not` has one already.
fn negate(condition: Node<'_>, edits: &mut Edits<'_>) {
    if !["comparison_operator", "not_operator", "true", "false"].contains(&condition.kind()) {
        edits.replace(condition, Operator::Condition, format!("not ({})", edits.text(condition)));
    }
}

fn call(node: Node<'_>, edits: &mut Edits<'_>) {
    let Some(function) = node.child_by_field_name("function") else { return };
    let name = function.child_by_field_name("attribute").unwrap_or(function);
    edits.swap(name, Operator::Call, PYTHON_CALLS);
    if edits.text(function) == "range"
        && let Some(arguments) = node.child_by_field_name("arguments")
    {
        named_children(arguments).into_iter().take(2).for_each(|bound| edits.shift(bound));
    }
}

/// A statement that does something and defines nothing new: without a definition nearly every program dies at once, which tells nothing
/// about the tests.
fn statement(node: Node<'_>, edits: &mut Edits<'_>) {
    let Some(inner) = node.named_child(0) else { return };
    let removable = match inner.kind() {
        "call" => node.parent().is_none_or(|parent| parent.kind() != "module"),
        "augmented_assignment" => true,
        "assignment" => {
            let target = inner.child_by_field_name("left").map_or("", |left| left.kind());
            matches!(target, "subscript" | "attribute") || is_nested(node)
        }
        _ => false,
    };
    if removable {
        edits.replace(node, Operator::Statement, "pass");
    }
}

/// Whether a statement stands in a loop or a branch.
fn is_nested(node: Node<'_>) -> bool {
    let owner = node.parent().filter(|block| block.kind() == "block").and_then(|block| block.parent());
    owner.is_some_and(|owner| !["function_definition", "class_definition"].contains(&owner.kind()))
}
