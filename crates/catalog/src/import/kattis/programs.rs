//! Which language a file of a package is written in, and what has to be done to it so that the judge can run it.

/// Endings of files, and the judge's language.
const ENDINGS: [(&str, &str); 13] = [
    ("py", "python"),
    ("py3", "python"),
    ("js", "javascript"),
    ("ts", "typescript"),
    ("c", "c"),
    ("cc", "cpp"),
    ("cpp", "cpp"),
    ("cxx", "cpp"),
    ("c++", "cpp"),
    ("C", "cpp"),
    ("rs", "rust"),
    ("go", "go"),
    ("java", "java"),
];

/// The language of a file, by its name.
pub(super) fn language(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, language)| *language)
}

/// The text of a program of one file as the judge takes it, or why it cannot.
pub(super) fn adapt(name: &str, language: &str, text: String) -> Result<String, &'static str> {
    match language {
        "python" if is_python_2(&text) => Err("is written in Python 2"),
        "java" => java(name, text),
        _ => Ok(text),
    }
}

fn is_python_2(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.starts_with("#!") && line.contains("python2"))
}

/// The judge starts the class `Main`. Elsewhere a class is called as its file.
fn java(name: &str, text: String) -> Result<String, &'static str> {
    let class = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if declares(&text, "Main").is_some() {
        return Ok(text);
    }
    if text.lines().any(|line| line.trim_start().starts_with("package ")) {
        return Err("is in a package of Java");
    }
    let Some(at) = declares(&text, class) else { return Err("has no class of its file's name") };
    let (before, rest) = text.split_at(at);
    // A public class must lie in a file of its name.
    let before = before.trim_end();
    let before = before.strip_suffix("public").unwrap_or(before).trim_end();
    let main = format!(
        "class Main {{\n    public static void main(String[] args) throws Exception {{\n        {class}.main(args);\n    }}\n}}\n"
    );
    let space = if before.is_empty() { "" } else { "\n\n" };
    Ok(format!("{before}{space}{}\n\n{main}", rest.trim_end()))
}

/// Where a class is declared: the place of the word `class` before its name.
fn declares(text: &str, class: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices("class ").map(|(at, _)| at).find(|&at| {
        let name = text[at + "class ".len()..].trim_start();
        !text[..at].ends_with(is_part)
            && name.strip_prefix(class).is_some_and(|rest| !rest.starts_with(is_part))
    })
}

/// Whether a text declares a function `main`.
pub(super) fn has_main(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices("main").any(|(at, word)| {
        !text[..at].ends_with(is_part) && text[at + word.len()..].trim_start().starts_with('(')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_endings() {
        let all = ["a.py", "a.cc", "b.C", "c.c", "x.tar.go", "y", "z.kt", ".py"].map(language);
        let told =
            [Some("python"), Some("cpp"), Some("cpp"), Some("c"), Some("go"), None, None, Some("python")];
        assert_eq!(all, told);
        assert!(adapt("a.py", "python", "#!/usr/bin/env python2\nprint 1".to_owned()).is_err());
        assert_eq!(
            adapt("a.py", "python", "#!/usr/bin/python3\n".to_owned()).unwrap(),
            "#!/usr/bin/python3\n"
        );
    }

    #[test]
    fn a_class_of_java_is_started_whatever_its_name() {
        let main = "public class Main { }";
        assert_eq!(adapt("Other.java", "java", main.to_owned()).unwrap(), main);
        let text =
            "import java.util.*;\n\npublic class Ada {\n    public static void main(String[] a) {}\n}\n";
        let adapted = adapt("Ada.java", "java", text.to_owned()).unwrap();
        assert!(adapted.contains("\n\nclass Ada {") && adapted.contains("Ada.main(args)"), "{adapted}");
        assert!(!adapted.contains("public class"), "{adapted}");
        let plain = adapt("Ada.java", "java", "class Adam {}\nclass Ada{}".to_owned()).unwrap();
        assert!(plain.starts_with("class Adam {}\n\nclass Ada{}"), "{plain}");
        assert!(adapt("Ada.java", "java", "package x;\nclass Ada {}".to_owned()).is_err());
        assert!(adapt("Ada.java", "java", "interface Ada {}".to_owned()).is_err());
    }

    #[test]
    fn a_main_function_is_found() {
        assert!(has_main("int main(int argc, char** argv)") && has_main("auto main () -> int"));
        assert!(!has_main("int domain(int x)") && !has_main("remain = 1"));
    }
}
