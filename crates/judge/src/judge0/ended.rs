//! How a run on a Judge0 server ended, in the words of our own sandbox, so that one grader grades both.

use codementor_core::Language;
use codementor_core::judging::Limits;

use super::api::{Answer, bytes};
use crate::run::{OUTPUT_LIMIT, Ran};
use crate::wire::{End, Kill, RunReply};

/// What became of a run.
#[derive(Debug)]
pub(super) enum Ended {
    Ran(Ran),
    /// The source does not compile; what the compiler said.
    NotCompiled(String),
    /// The server failed.
    Broken(String),
}

/// What was asked of the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub language: &'a Language,
    pub limits: Limits,
    /// What stands before a function's answer.
    pub marker: Option<&'a str>,
}

/// Judge0's statuses: <https://ce.judge0.com/#statuses-and-languages-status-get>.
pub(super) fn ended(run: Run<'_>, answer: &Answer) -> Ended {
    let nonsense = || Ended::Broken("its output is not in base64".to_owned());
    let text = |text: &Option<String>| {
        bytes(text.as_deref()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let (Some(mut stdout), Some(mut stderr)) =
        (bytes(answer.stdout.as_deref()), bytes(answer.stderr.as_deref()))
    else {
        return nonsense();
    };
    let (Some(message), Some(compiled)) = (text(&answer.message), text(&answer.compile_output)) else {
        return nonsense();
    };
    let end = match answer.status.id {
        3 | 4 => End::Exited(0),
        5 => End::Killed(if is_wall(&message) { Kill::Wall } else { Kill::Cpu }),
        6 => return Ended::NotCompiled(said(&compiled, &message)),
        7 => End::Signalled(libc::SIGSEGV),
        8 => End::Signalled(libc::SIGXFSZ),
        9 => End::Signalled(libc::SIGFPE),
        10 => End::Signalled(libc::SIGABRT),
        11 => End::Exited(code(answer.exit_code).filter(|code| *code != 0).unwrap_or(1)),
        12 => code(answer.exit_signal).filter(|signal| *signal > 0).map_or(
            End::Exited(code(answer.exit_code).filter(|code| *code != 0).unwrap_or(1)),
            End::Signalled,
        ),
        13 | 14 => return Ended::Broken(said(&message, &compiled)),
        other => return Ended::Broken(format!("it tells an unknown status {other}")),
    };
    if let Some(said) = syntax_error(run, &end, &stderr) {
        return Ended::NotCompiled(said);
    }
    let memory_kb = answer.memory.0 as u64;
    let is_loud = answer.status.id == 8 || answer.verdict.as_deref() == Some("output_limit_exceeded");
    let overflow = is_loud || stdout.len() > OUTPUT_LIMIT || stderr.len() > OUTPUT_LIMIT;
    let end = if is_out_of_memory(run, answer, &end, &stderr) { End::Killed(Kill::Memory) } else { end };
    stdout.truncate(OUTPUT_LIMIT);
    stderr.truncate(OUTPUT_LIMIT);
    let result = run.marker.and_then(|marker| split_answer(&mut stdout, marker)).unwrap_or_default();
    let reply = RunReply { end, cpu_us: (answer.time.0 * 1e6) as u64, memory_kb };
    Ended::Ran(Ran { reply, stdout, stderr, result, overflow })
}

fn code(code: Option<i64>) -> Option<i32> {
    code.and_then(|code| i32::try_from(code).ok())
}

fn said(first: &str, second: &str) -> String {
    let text = if first.trim().is_empty() { second } else { first };
    if text.trim().is_empty() { "it does not say why".to_owned() } else { text.to_owned() }
}

/// Isolate says `Time limit exceeded (wall clock)`, our own server `ran for more than 4.5 s`.
fn is_wall(message: &str) -> bool {
    message.contains("wall") || message.starts_with("ran for")
}

/// Takes the answer that stands behind the last marker.
fn split_answer(stdout: &mut Vec<u8>, marker: &str) -> Option<Vec<u8>> {
    let mark = format!("\n{marker}").into_bytes();
    let at = stdout.windows(mark.len()).rposition(|window| window == mark)?;
    let answer = stdout.split_off(at);
    Some(answer[mark.len()..].trim_ascii().to_vec())
}

/// Judge0 has no such verdict: recognised by what is used, and by what runtimes say.
fn is_out_of_memory(run: Run<'_>, answer: &Answer, end: &End, stderr: &[u8]) -> bool {
    if let Some(verdict) = &answer.verdict {
        return verdict == "memory_limit_exceeded";
    }
    if matches!(end, End::Exited(0) | End::Killed(_)) {
        return false;
    }
    let stderr = String::from_utf8_lossy(stderr);
    let told = match run.language.as_str() {
        "python" => stderr.trim_end().ends_with("MemoryError"),
        "cpp" => stderr.contains("std::bad_alloc"),
        "go" => stderr.contains("out of memory"),
        "rust" => stderr.contains("memory allocation of"),
        _ => false,
    };
    let limit = f64::from(run.limits.memory_kb);
    told || (*end == End::Signalled(libc::SIGKILL) && answer.memory.0 >= limit * 0.95)
}

/// Judge0 runs interpreters without a compiler before them: a program that does not parse is a program that failed.
fn syntax_error(run: Run<'_>, end: &End, stderr: &[u8]) -> Option<String> {
    if *end != End::Exited(1) || run.marker.is_some() {
        return None;
    }
    let stderr = String::from_utf8_lossy(stderr);
    let is_one = match run.language.as_str() {
        // A program that runs and fails has a traceback.
        "python" => {
            let names = ["SyntaxError: ", "IndentationError: ", "TabError: "];
            stderr.starts_with("  File \"")
                && stderr.lines().any(|line| names.iter().any(|name| line.starts_with(name)))
        }
        // What fails while it is read has none of its own lines in its stack.
        "javascript" => {
            let mut lines = stderr.lines().skip_while(|line| !line.starts_with("SyntaxError: "));
            lines.next().is_some()
                && stderr.lines().next().is_some_and(|first| first.contains("script.js:"))
                && lines.all(|line| !line.contains("script.js"))
        }
        _ => false,
    };
    is_one.then(|| stderr.into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::api::{Number, Status, packed};
    use super::*;

    fn answer(id: u32) -> Answer {
        Answer { status: Status { id }, time: Number(0.5), memory: Number(9_000.0), ..Answer::default() }
    }

    fn run<'a>(language: &'a Language, marker: Option<&'a str>) -> Run<'a> {
        Run { language, limits: Limits::default(), marker }
    }

    fn end(language: &str, answer: &Answer) -> End {
        let language = language.parse().unwrap();
        match ended(run(&language, None), answer) {
            Ended::Ran(ran) => ran.reply.end,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_status_is_an_end() {
        let signal = |number| End::Signalled(number);
        let nzec = Answer { exit_code: Some(3), ..answer(11) };
        let other = Answer { exit_signal: Some(13), ..answer(12) };
        let wall = Answer { message: Some(packed("Time limit exceeded (wall clock)")), ..answer(5) };
        for (told, wanted) in [
            (&answer(3), End::Exited(0)),
            (&answer(4), End::Exited(0)),
            (&answer(5), End::Killed(Kill::Cpu)),
            (&wall, End::Killed(Kill::Wall)),
            (&answer(7), signal(11)),
            (&answer(9), signal(8)),
            (&answer(10), signal(6)),
            (&nzec, End::Exited(3)),
            (&answer(11), End::Exited(1)),
            (&other, signal(13)),
            (&answer(12), End::Exited(1)),
        ] {
            assert_eq!(end("c", told), wanted, "{told:?}");
        }
        let python = "python".parse().unwrap();
        assert!(matches!(ended(run(&python, None), &answer(6)), Ended::NotCompiled(_)));
        for broken in
            [answer(13), answer(14), answer(15), Answer { stdout: Some("!".to_owned()), ..answer(3) }]
        {
            assert!(matches!(ended(run(&python, None), &broken), Ended::Broken(_)), "{broken:?}");
        }
    }

    #[test]
    fn too_much_memory_is_recognised() {
        let says = |id, text| Answer { stderr: Some(packed(text)), ..answer(id) };
        let memory = End::Killed(Kill::Memory);
        assert_eq!(end("python", &says(11, "Traceback\nMemoryError\n")), memory);
        assert_eq!(end("cpp", &says(10, "terminate called … 'std::bad_alloc'")), memory);
        let killed = Answer { exit_signal: Some(9), memory: Number(128.0 * 1024.0), ..answer(12) };
        assert_eq!(end("c", &killed), memory);
        assert_eq!(end("c", &Answer { memory: Number(5.0), ..killed }), End::Signalled(9));
        let own = Answer { verdict: Some("memory_limit_exceeded".to_owned()), ..answer(12) };
        assert_eq!(end("c", &own), memory);
    }

    #[test]
    fn an_answer_stands_behind_its_own_marker_only() {
        let language = "python".parse().unwrap();
        let text = "shown\nanswer-other{\"value\":1}\nanswer-mine{\"value\":2}\n";
        let told = Answer { stdout: Some(packed(text)), ..answer(3) };
        let split = |marker| match ended(run(&language, Some(marker)), &told) {
            Ended::Ran(ran) => (ran.stdout, ran.result),
            other => panic!("{other:?}"),
        };
        let (stdout, result) = split("answer-mine");
        assert_eq!(result, b"{\"value\":2}");
        assert_eq!(stdout, b"shown\nanswer-other{\"value\":1}");
        assert_eq!(split("answer-none"), (text.as_bytes().to_vec(), Vec::new()));
    }

    #[test]
    fn a_program_that_does_not_parse_is_not_compiled() {
        let says = |text| Answer { stderr: Some(packed(text)), ..answer(11) };
        let is_one = |language: &str, text| {
            let language = language.parse().unwrap();
            matches!(ended(run(&language, None), &says(text)), Ended::NotCompiled(_))
        };
        assert!(is_one(
            "python",
            "  File \"script.py\", line 1\n    (\n    ^\nSyntaxError: '(' was never closed\n"
        ));
        assert!(!is_one(
            "python",
            "Traceback (most recent call last):\n  File \"script.py\"\nSyntaxError: x\n"
        ));
        let node =
            "/box/script.js:1\n(;\n ^\n\nSyntaxError: Unexpected token ';'\n    at wrapSafe (internal:1:1)\n";
        assert!(is_one("javascript", node));
        assert!(!is_one("javascript", &format!("{node}    at Object.<anonymous> (/box/script.js:3:1)\n")));
    }
}
