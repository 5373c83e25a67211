//! The signature of a function: types from the list, and names that every language can use.

use codementor_core::Language;
use codementor_core::challenge::Signature;
use codementor_core::value_type::ValueType;

use crate::starters;

/// Checks types, and names in these languages.
///
/// # Errors
/// Names what is wrong.
pub(crate) fn check<'a>(
    signature: &Signature,
    languages: impl Iterator<Item = &'a Language>,
) -> Result<(), String> {
    let types = signature.parameters.iter().map(|parameter| &parameter.kind).chain([&signature.returns]);
    for kind in types {
        kind.parse::<ValueType>().map_err(|error| format!("challenge.toml: {error}"))?;
    }
    for language in languages {
        let name =
            signature.names.get(language).ok_or_else(|| format!("challenge.toml: no name for {language}"))?;
        let parameters = signature.parameters.iter().map(|parameter| &parameter.name);
        for name in parameters.chain([name]) {
            check_name(name, language)?;
        }
    }
    // Those, too, of languages in which the author wrote nothing else.
    for (language, name) in &signature.names {
        check_name(name, language)?;
        if starters::is_taken(name, language) {
            return Err(format!("challenge.toml: {name} cannot be the name of a function in {language}"));
        }
    }
    Ok(())
}

fn check_name(name: &str, language: &Language) -> Result<(), String> {
    let head = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_identifier = name.starts_with(head) && name.chars().all(|c| head(c) || c.is_ascii_digit());
    if !is_identifier {
        return Err(format!("challenge.toml: {name} is no identifier"));
    }
    if starters::is_reserved(name, language) {
        return Err(format!("challenge.toml: {name} is a reserved word of {language}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_and_not_reserved() {
        let check = |name, language: Language| check_name(name, &language).is_ok();
        assert!(check("pair_sum", Language::python()) && check("pairSum2", Language::javascript()));
        assert!(check("function", Language::python()) && check("def", Language::javascript()));
        assert!(!check("lambda", Language::python()) && !check("function", Language::javascript()));
        for name in ["", "2x", "a-b", "é", "a b"] {
            assert!(!check(name, Language::python()), "{name}");
        }
    }
}
