//! What a box costs: the same interpreters started bare and through the judge, one after the other, and the tests of one job.
//!
//! `cargo bench -p codementor-judge` prints the median and the 95th percentile of each in milliseconds. Both are taken in turn, so that
//! other load on the machine meets both alike.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codementor_core::Language;
use codementor_core::judging::{Checker, Entry, Expected, Input, Job, JobTest, Limits, StopPolicy};
use codementor_core::ports::Judge;
use codementor_judge::{JudgeOptions, LocalJudge};

const ROUNDS: usize = 60;
/// Boxes at once, and bare processes at once.
const PARALLEL: usize = 2;

/// A small program of each language, and how it is built and started without a judge, in a folder of its own.
const PROGRAMS: [(&str, &str, &str, &str, &str); 8] = [
    ("python", "solution.py", "print(input())\n", "true", "python3 -I -S solution.py"),
    ("javascript", "solution.js", SCRIPT, "true", "node --max-old-space-size=88 solution.js"),
    ("typescript", "solution.js", SCRIPT, "true", "node --max-old-space-size=88 solution.js"),
    (
        "c",
        "solution.c",
        "#include <stdio.h>\nint main(void) { char t[99]; puts(fgets(t, 99, stdin)); }\n",
        "gcc -O2 solution.c -o program",
        "./program",
    ),
    (
        "cpp",
        "solution.cpp",
        "#include <iostream>\nint main() { std::string t; std::getline(std::cin, t); std::cout << t << '\\n'; }\n",
        "g++ -O2 solution.cpp -o program",
        "./program",
    ),
    (
        "rust",
        "solution.rs",
        "fn main() { let mut t = String::new(); std::io::stdin().read_line(&mut t).unwrap(); print!(\"{t}\"); }\n",
        "rustc -C opt-level=2 solution.rs -o program",
        "./program",
    ),
    (
        "go",
        "solution.go",
        "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar t string\n\tfmt.Scan(&t)\n\tfmt.Println(t)\n}\n",
        "GO111MODULE=off GOCACHE=$PWD/cache go build -o program solution.go",
        "./program",
    ),
    (
        "java",
        "Main.java",
        "public class Main { public static void main(String[] a) throws Exception { System.out.println((char) System.in.read()); } }\n",
        "javac -d out Main.java && jar --create --no-manifest --no-compress --file program.jar -C out .",
        "java -Xss16m -XX:+UseSerialGC -XX:-UsePerfData -cp program.jar Main",
    ),
];

const SCRIPT: &str = "console.log(require('fs').readFileSync(0, 'utf8').trim());\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure())
}

async fn measure() -> Result<(), Box<dyn std::error::Error>> {
    let work = tempfile::tempdir()?;
    let program = [env!("CARGO_BIN_EXE_codementor-sandbox")];
    let judge = LocalJudge::start(JudgeOptions::new(program, work.path(), PARALLEL)).await;
    judge.available()?;
    for (id, file, source, build, start) in PROGRAMS {
        let Some(language) = judge.languages().into_iter().find(|known| known.id.as_str() == id) else {
            println!("{id:12} is not installed");
            continue;
        };
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join(file), source)?;
        let script = Bare::new(folder.path(), start)?;
        let built = Command::new("sh").args(["-c", build]).current_dir(folder.path()).status()?;
        assert!(built.success(), "{id} does not build");
        let (mut bare, mut boxed) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            script.run()?;
            bare.push(begun.elapsed());
            // In a box each program is compiled once: the first round is left out below.
            let begun = Instant::now();
            let judgement = judge.judge(&job(&language.id, source, 1), None).await?;
            boxed.push(begun.elapsed());
            assert_eq!(judgement.verdict.as_str(), "accepted", "{id} {judgement:?}");
        }
        boxed.remove(0);
        println!("{id:12} {:8} bare {}   in a box {}", language.version, told(&mut bare), told(&mut boxed));
    }
    let folder = tempfile::tempdir()?;
    let (id, file, source, _, start) = PROGRAMS[0];
    std::fs::write(folder.path().join(file), source)?;
    let script = Bare::new(folder.path(), start)?;
    for tests in [10, 100] {
        let (mut bare, mut judged) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS / 6 {
            let begun = Instant::now();
            std::thread::scope(|scope| {
                for _ in 0..PARALLEL {
                    scope.spawn(|| (0..tests / PARALLEL).for_each(|_| script.run().unwrap_or(())));
                }
            });
            bare.push(begun.elapsed());
            let begun = Instant::now();
            judge.judge(&job(&id.parse()?, source, tests), None).await?;
            judged.push(begun.elapsed());
        }
        println!(
            "{id}, {tests} tests: bare, {PARALLEL} at once {}   judged {}",
            told(&mut bare),
            told(&mut judged)
        );
    }
    Ok(())
}

/// A program without a judge.
struct Bare<'a> {
    folder: &'a Path,
    program: PathBuf,
    arguments: Vec<&'a str>,
}

impl<'a> Bare<'a> {
    fn new(folder: &'a Path, start: &'a str) -> Result<Self, Box<dyn std::error::Error>> {
        let mut words = start.split(' ');
        let program = match words.next().unwrap_or_default() {
            shim @ ("python3" | "node") => real_path(shim)?.into(),
            own if own.starts_with("./") => folder.join(own),
            other => other.into(),
        };
        Ok(Self { folder, program, arguments: words.collect() })
    }

    fn run(&self) -> std::io::Result<()> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(self.folder)
            // As in a box: what this machine tells its programs by variables costs some of them a lot.
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8")])
            .stdin(Stdio::piped())
            // As in a box: somebody reads what it prints. Where nobody does, Node.js does not load its streams.
            .stdout(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(b"x\n")?;
        }
        let output = child.wait_with_output()?;
        if output.stdout.trim_ascii() == b"x" {
            Ok(())
        } else {
            Err(std::io::Error::other("it did not print x"))
        }
    }
}

/// The interpreter itself, without a shim before it.
fn real_path(program: &str) -> Result<String, Box<dyn std::error::Error>> {
    let ask: &[&str] = match program {
        "node" => &["-p", "process.execPath"],
        _ => &["-c", "import os, sys; print(os.path.realpath(sys.executable))"],
    };
    let output = Command::new(program).args(ask).output()?;
    let path = String::from_utf8(output.stdout)?.trim().to_owned();
    assert!(Path::new(&path).is_file());
    Ok(path)
}

fn job(language: &Language, source: &str, tests: usize) -> Job {
    let test =
        JobTest { input: Input::Stdin("x\n".to_owned()), expected: Some(Expected::Stdout("x\n".to_owned())) };
    Job {
        language: language.clone(),
        source: source.to_owned(),
        entry: Entry::Program,
        tests: vec![test; tests],
        limits: Limits::default(),
        checker: Checker::Lines,
        stop: StopPolicy::Never,
    }
}

/// The median and the 95th percentile.
fn told(times: &mut [Duration]) -> String {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1_000.0;
    format!("p50 {:6.1} p95 {:6.1} ms", at(0.5), at(0.95))
}
