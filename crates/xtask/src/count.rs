//! Reads the counts out of what test runners print at their end.

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Count {
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Sums up nextest's, cargo test's, vitest's and node's closing lines.
pub fn of(output: &str) -> Count {
    let mut count = Count::default();
    for line in output.lines().map(strip_ansi) {
        count.add(of_line(line.trim()));
    }
    count
}

fn of_line(line: &str) -> Count {
    let is_nextest = line.starts_with("Summary") && line.contains("tests run") || line.contains("test run:");
    let is_cargo = line.starts_with("test result:");
    let is_vitest = line.starts_with("Tests ");
    if is_nextest || is_cargo || is_vitest {
        let skipped = before(line, "skipped") + before(line, "ignored");
        return Count { passed: before(line, "passed"), failed: before(line, "failed"), skipped };
    }
    // Node prints one number a line: `# pass 12`, or `ℹ pass 12`.
    let number = |word: &str| {
        let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
        rest.strip_prefix(word)?.trim().parse().ok()
    };
    Count {
        passed: number("pass ").unwrap_or(0),
        failed: number("fail ").unwrap_or(0),
        skipped: number("skipped ").unwrap_or(0),
    }
}

/// The number that stands before a word.
fn before(line: &str, word: &str) -> u32 {
    let words: Vec<&str> =
        line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.windows(2).filter(|pair| pair[1] == word).find_map(|pair| pair[0].parse().ok()).unwrap_or(0)
}

fn strip_ansi(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut escaped = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => escaped = true,
            c if escaped => escaped = !c.is_ascii_alphabetic(),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(passed: u32, failed: u32, skipped: u32) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn closing_lines_are_understood() {
        assert_eq!(
            of("     Summary [   3.2s] 12 tests run: 11 passed, 1 failed, 2 skipped"),
            counted(11, 1, 2)
        );
        assert_eq!(of("     Summary [   3.2s] 1 test run: 1 passed, 0 skipped"), counted(1, 0, 0));
        assert_eq!(of("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured"), counted(3, 0, 1));
        assert_eq!(
            of("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m9 passed\u{1b}[39m (9)"),
            counted(9, 0, 0)
        );
        assert_eq!(of("# pass 4\n# fail 1\n# skipped 2"), counted(4, 1, 2));
        assert_eq!(of("nothing passed here"), counted(0, 0, 0));
    }
}
