//! Go.

use codementor_core::forms::GO as FORMS;

use super::{Does, Function, Starter, Style};

pub(super) const GO: Starter = Starter {
    id: "go",
    style: Style::Camel,
    reserved: &[
        "_",
        "break",
        "case",
        "chan",
        "const",
        "continue",
        "default",
        "defer",
        "else",
        "fallthrough",
        "for",
        "func",
        "go",
        "goto",
        "if",
        "import",
        "interface",
        "map",
        "package",
        "range",
        "return",
        "select",
        "struct",
        "switch",
        "type",
        "var",
    ],
    taken: &["init", "main"],
    function,
    does: Does::Fail,
    program: r#"package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	input, _ := io.ReadAll(os.Stdin)
	lines := strings.Split(strings.TrimRight(string(input), "\n"), "\n")

	// Write your solution here and print the results with fmt.Println.
	// What goes to standard error is shown to you and not graded:
	fmt.Fprintln(os.Stderr, "lines:", len(lines))
}
"#,
    conversation: r#"package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		// Write your solution here: every line comes by, and fmt.Println answers.
		// What goes to standard error is shown to you and not graded:
		fmt.Fprintln(os.Stderr, in.Text())
	}
}
"#,
};

fn function(function: &Function) -> Option<String> {
    let parameters = function.in_form(|name, kind| Some(format!("{name} {}", FORMS.of(kind)?)))?;
    let (title, name, returns) = (&function.title, &function.name, FORMS.of(&function.returns)?);
    Some(format!(
        "package main\n\n// {title}\nfunc {name}({parameters}) {returns} {{\n\t// Write your solution here.\n\t\
         panic(\"not written yet\")\n}}\n"
    ))
}
