//! Packages with output validators of their own.

use codementor_core::judging::CheckerProgram;

use super::*;

const CUSTOM: &str = "name: Any\nvalidation: custom\nvalidator_flags: limit 7\n";

fn program(challenge: &Challenge) -> &CheckerProgram {
    match &challenge.checker {
        Checker::Program(program) | Checker::Interactive(program) => program,
        other => panic!("{other:?}"),
    }
}

fn custom() -> Made {
    Made::new(Version::Legacy).with("problem.yaml", CUSTOM)
}

#[test]
fn a_program_of_several_files_comes_with_all_of_them() {
    let made = custom()
        .with(
            "output_validators/any/validate.cc",
            "#include \"validate.h\"\nint main(int argc, char** argv) {}\n",
        )
        .with("output_validators/any/validate.h", "void accept();\n")
        .with("output_validators/any/accept.cc", "void accept() {}\n")
        .with("output_validators/any/README.txt", "how to\n");
    let challenge = made.challenge();
    let checker = program(&challenge);
    assert_eq!((checker.language.as_str(), checker.arguments.join(" ").as_str()), ("cpp", "limit 7"));
    assert!(checker.source.contains("int main"));
    let names: Vec<_> = checker.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["accept.cc", "validate.h"]);
}

#[test]
fn a_single_file_is_a_program_in_both_versions() {
    let made = custom().with("output_validators/check.py", "import sys\nsys.exit(42)\n");
    assert_eq!(program(&made.challenge()).language.as_str(), "python");
    let made = Made::new(Version::V2025)
        .with("output_validator/check.java", "class check { public static void main(String[] a) {} }")
        .with("data/secret/test_group.yaml", "output_validator_args: [x, 1]\n")
        .with("data/sample/test_group.yaml", "output_validator_args: [x, 1]\n");
    let challenge = made.challenge();
    assert_eq!(program(&challenge).arguments, ["x", "1"]);
    assert!(program(&challenge).source.contains("class Main"));
    let made = Made::new(Version::V2025)
        .with("output_validator/__main__.py", "import helper\n")
        .with("output_validator/__init__.py", "")
        .with("output_validator/helper.py", "x = 1\n");
    assert_eq!(program(&made.challenge()).source, "import helper\n");
}

#[test]
fn an_interactive_problem_shows_its_conversations() {
    let made = Made::new(Version::Legacy)
        .with("problem.yaml", "name: Guess\nvalidation: custom interactive\n")
        .with("output_validators/v.py", "x = 1\n")
        .with("data/sample/1.interaction", ">5\n<lower\n");
    let challenge = made.challenge();
    assert!(matches!(challenge.checker, Checker::Interactive(_)));
    assert!(challenge.statement.ends_with("````text\n>5\n<lower\n````"), "{}", challenge.statement);
    let made = Made::new(Version::V2025)
        .with("problem.yaml", "problem_format_version: 2025-09\nname: X\ntype: interactive\n")
        .with("output_validator/v.py", "x = 1\n");
    assert!(matches!(made.challenge().checker, Checker::Interactive(_)));
    assert!(made.without("output_validator").skip().contains("needs one"));
}

#[test]
fn what_is_no_program_here_says_why() {
    for (files, says) in [
        (&[("a.py", ""), ("b.py", "")][..], "2 output validators"),
        (&[("a/x.py", ""), ("b.py", "")], "2 output validators"),
        (&[("v/build", "make"), ("v/v.cc", "")], "script"),
        (&[("v.kt", "fun main() {}")], "no program in a language"),
        (&[("v/v.kt", "fun main() {}")], "no program in a language"),
        (&[("v/a.c", ""), ("v/b.cc", "")], "several languages"),
        (&[("v/a.cc", "int a;"), ("v/b.cc", "int b;")], "which file is the program"),
        (&[("v/a.cc", "int main() {}"), ("v/solution.cc", "")], "needed for its main file"),
        (&[("v.py", "#!/usr/bin/python2\n")], "Python 2"),
    ] {
        let made = files
            .iter()
            .fold(custom(), |made, (path, text)| made.with(&format!("output_validators/{path}"), text));
        assert!(made.skip().contains(says), "{files:?}: {}", made.skip());
    }
    let mut made = custom();
    for at in 0..8 {
        made = made.with(&format!("output_validators/v/{at}.h"), "");
    }
    assert!(made.with("output_validators/v/a.cc", "int main() {}").skip().contains("more than 7 files"));
    // Without need of it, it may be what it likes.
    let made = Made::new(Version::Legacy).with("output_validators/v.kt", "x");
    assert!(made.found().notes.iter().any(|note| note.contains("is not used")), "{:?}", made.found());
}
