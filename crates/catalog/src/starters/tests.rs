//! What learners begin with, as text; the black-box tests compile it.

use codementor_core::challenge::Parameter;

use super::*;

fn builtin(id: &str) -> Challenge {
    let found = crate::builtin().unwrap().into_iter().find(|challenge| challenge.id.as_str() == id);
    found.unwrap()
}

fn language(id: &str) -> Language {
    id.parse().unwrap()
}

/// A challenge with one function, offered anew.
fn with(name: &str, parameters: &[(&str, &str)], returns: &str) -> Challenge {
    let mut challenge = builtin("pair-sum");
    challenge.starters.clear();
    let parameter = |(name, kind): &(&str, &str)| Parameter { name: (*name).into(), kind: (*kind).into() };
    challenge.kind = Kind::Function(Signature {
        names: [(Language::python(), name.to_owned())].into(),
        parameters: parameters.iter().map(parameter).collect(),
        returns: returns.to_owned(),
    });
    add(&mut challenge);
    challenge
}

fn starter(challenge: &Challenge, id: &str) -> String {
    challenge.starters.get(&language(id)).unwrap_or_else(|| panic!("none in {id}")).clone()
}

#[test]
fn functions_begin_as_the_language_has_them() {
    let challenge = builtin("pair-sum");
    let written: Vec<&str> = challenge.languages().map(Language::as_str).collect();
    assert_eq!(written, ["javascript", "python", "c", "cpp", "go", "java", "rust", "typescript"]);
    for (id, line) in [
        (
            "c",
            "long long *pair_sum(long long *numbers, size_t numbers_size, long long target, size_t *return_size) {",
        ),
        ("cpp", "std::vector<long long> pair_sum(const std::vector<long long> &numbers, long long target) {"),
        ("go", "func pairSum(numbers []int, target int) []int {"),
        ("java", "    public static long[] pairSum(long[] numbers, long target) {"),
        ("rust", "pub fn pair_sum(numbers: Vec<i64>, target: i64) -> Vec<i64> {"),
        ("typescript", "function pairSum(numbers: number[], target: number): number[] {"),
    ] {
        let starter = starter(&challenge, id);
        assert!(starter.lines().any(|other| other == line), "{starter}");
    }
    let Kind::Function(signature) = &challenge.kind else { panic!("a function") };
    assert_eq!(signature.names[&language("go")], "pairSum");
}

#[test]
fn what_has_no_form_in_a_language_is_not_offered_in_it() {
    let offered = |parameter: &str, returns: &str| {
        let challenge = with("f", &[("x", parameter)], returns);
        challenge.starters.keys().map(|language| language.as_str().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(offered("int?", "string[][]"), "c cpp go java rust typescript");
    assert_eq!(offered("int", "map<string, int>"), "cpp go java rust typescript");
    assert_eq!(offered("any[]", "int"), "go java typescript");
    assert_eq!(offered("int[][][]", "int"), "cpp go java rust typescript");
}

#[test]
fn names_are_free_in_each_language() {
    let challenge = with("abs", &[("type", "int[]"), ("type_size", "int"), ("func", "int")], "int[]");
    let first = |id: &str, word: &str| {
        let starter = starter(&challenge, id);
        starter.lines().find(|line| line.contains(word)).unwrap().to_owned()
    };
    assert_eq!(
        first("c", "abs"),
        "long long *abs_(long long *type, size_t type_size_, long long type_size, long long func, size_t *return_size) {"
    );
    assert_eq!(first("rust", "fn "), "pub fn abs(type_: Vec<i64>, type_size: i64, func: i64) -> Vec<i64> {");
    assert_eq!(first("go", "func "), "func abs(type_ []int, type_size int, func_ int) []int {");
    let none = with("f", &[], "int");
    assert!(starter(&none, "c").contains("long long f(void) {"));
    assert!(starter(&none, "java").contains("public static long f() {"));
}

#[test]
fn a_title_is_no_code() {
    let mut challenge = with("f", &[("x", "map<string, any>")], "any[]");
    challenge.solutions.remove(&Language::javascript());
    challenge.title = "A */ \\u000a \\\nx".to_owned();
    challenge.starters.clear();
    add(&mut challenge);
    for (language, starter) in &challenge.starters {
        let told = starter.lines().filter(|line| line.contains("u000a")).collect::<Vec<_>>();
        assert!(told.len() == 1 && told[0].contains("A * / u000a x"), "{language}: {starter}");
    }
    assert!(starter(&challenge, "java").contains("List<Object> f(Map<String, Object> x)"));
}

#[test]
fn nothing_is_offered_where_it_might_be_right_at_once() {
    let mut challenge = builtin("pair-sum");
    let answers = challenge.tests.clone();
    for test in &mut challenge.tests {
        test.expected = Expected::Value(serde_json::json!([]));
    }
    challenge.starters.clear();
    add(&mut challenge);
    assert!(challenge.starters.is_empty(), "an empty list is right everywhere");
    challenge.tests = answers;
    challenge.task = Task::Refactor;
    add(&mut challenge);
    assert!(challenge.starters.is_empty(), "there is nothing to be written better");
}
