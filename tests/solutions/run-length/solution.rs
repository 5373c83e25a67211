//! A right solution.

pub fn run_length(text: String) -> String {
    let mut packed = String::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        let after = rest.trim_start_matches(letter);
        let run = rest.len() - after.len();
        packed.push(letter);
        if run > 1 {
            packed += &run.to_string();
        }
        rest = after;
    }
    packed
}
