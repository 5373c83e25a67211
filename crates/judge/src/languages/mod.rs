//! Languages, each one small declaration: how its toolchain is found, how a program is made of the learner's file, what of the
//! toolchain a box shows, and how a program is started.

mod c;
pub(crate) mod callers;
mod cpp;
mod find;
mod go;
mod java;
mod javascript;
mod kept;
mod python;
mod rust;
mod typescript;

use std::path::{Path, PathBuf};

use codementor_core::judging::{Entry, LanguageInfo};

use self::callers::Caller;
use self::kept::Kept;
use crate::wire::{KEPT, Root};

/// Where generated files lie in a box.
const HARNESS_FOLDER: &str = "/judge";

/// A language as it is declared.
pub(crate) struct Declaration {
    /// Its name in the API.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// A program in `PATH`.
    pub program: &'static str,
    /// Arguments that make it print a [`Probe`] as JSON.
    pub probe: &'static [&'static str],
    /// The learner's file, with a program and with a function in it.
    pub source_names: [&'static str; 2],
    /// How a program is made of it, where it is not run as it is.
    pub build: Option<Build>,
    /// How the program is started.
    pub start: Start,
    /// How files of tests are run, where the judge can.
    pub tests: Option<TestRunner>,
    /// Less memory than this does not let the program's runtime start, in KiB.
    pub least_memory_kb: u32,
    /// The runtime's options for a run with this much memory, in KiB.
    pub options: fn(u32) -> Vec<String>,
    /// Variables beside those that every language has.
    pub env: &'static [&'static str],
    /// A program that proves that the box works: of `a` and `b`, 20 and 22, it makes 42.
    pub smoke: &'static str,
}

/// How a program is made of the learner's file.
pub(crate) struct Build {
    /// For `/bin/sh`, in the work folder. `$2` is `program` or `function`; the program that calls a function comes on standard input.
    /// `$0` is the [`Probe`]'s executable and `$1` its runtime: not in the environment, which some
    /// compilers let the file read. What it prints is the compiler's message.
    pub script: &'static str,
    /// The file it makes.
    pub output: &'static str,
    /// A file that it needs: name and text.
    pub file: Option<(&'static str, &'static str)>,
    /// Makes what [`Kept`] is for, where the toolchain says that it needs that. The script above then has its folder as `$3`.
    pub once: Option<&'static str>,
    /// Writes the program that calls a function, where [`Start`] has none.
    pub caller: Option<Caller>,
}

/// How a program is started.
pub(crate) enum Start {
    /// By an interpreter with a program that loads it.
    Harness(Harness),
    /// By an interpreter with these arguments, for a program and for what calls a function.
    Interpreter([&'static [&'static str]; 2]),
    /// By itself.
    Itself,
}

/// A program that loads the learner's file.
pub(crate) struct Harness {
    /// Its file name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Arguments that make the interpreter print the same program in a form that it loads faster, of the file's path and of the text on
    /// standard input.
    pub compiled: Option<&'static [&'static str]>,
}

/// A program that runs a file of tests.
pub(crate) struct TestRunner {
    /// File names and texts; it begins with the first.
    pub files: &'static [(&'static str, &'static str)],
    /// What the interpreter needs for it.
    pub options: &'static [&'static str],
}

/// A language that is installed here.
pub(crate) struct Toolchain {
    declaration: &'static Declaration,
    /// What people are told.
    pub info: LanguageInfo,
    compiler: PathBuf,
    runtime: PathBuf,
    libraries: Vec<PathBuf>,
    /// What a box of its programs shows.
    pub root: Root,
    /// What a box of its compiler shows.
    pub build_root: Option<Root>,
    kept: Option<Kept>,
}

/// All languages the judge knows.
pub(crate) fn all() -> [&'static Declaration; 8] {
    [
        &python::PYTHON,
        &javascript::JAVASCRIPT,
        &typescript::TYPESCRIPT,
        &c::C,
        &cpp::CPP,
        &rust::RUST,
        &go::GO,
        &java::JAVA,
    ]
}

fn is_function(entry: &Entry) -> bool {
    matches!(entry, Entry::Function { .. })
}

fn generated((name, text): (&str, &str)) -> (PathBuf, String) {
    (Path::new(HARNESS_FOLDER).join(name), text.to_owned())
}

impl Toolchain {
    /// The learner's file name.
    pub(crate) fn source_name<'a>(&self, entry: &'a Entry) -> &'a str {
        match entry {
            Entry::Tests(suite) => &suite.solution,
            Entry::Program | Entry::Function { .. } => {
                self.declaration.source_names[usize::from(is_function(entry))]
            }
        }
    }

    /// Makes what its compiler needs once, where it needs something.
    ///
    /// # Errors
    /// In words, when it cannot be made.
    pub(crate) async fn make_once(&self) -> Result<(), String> {
        match &self.kept {
            Some(kept) => kept.make().await,
            None => Ok(()),
        }
    }

    /// How files of tests are run.
    pub(crate) fn tests(&self) -> Option<&'static TestRunner> {
        self.declaration.tests.as_ref()
    }

    /// The program that calls what is entered, where one has to be written; `None` when it cannot be called.
    pub(crate) fn caller(&self, entry: &Entry) -> Option<String> {
        let (build, Entry::Function { name, types }) = (self.build(), entry) else {
            return Some(String::new());
        };
        match self.declaration.start {
            Start::Harness(..) => Some(String::new()),
            Start::Interpreter(_) | Start::Itself => build?.caller?(name, types.as_ref()?),
        }
    }

    /// How a program is made of it, where it is not run as it is.
    pub(crate) fn build(&self) -> Option<&'static Build> {
        self.declaration.build.as_ref()
    }

    /// What is run is the program itself, not a file for an interpreter.
    pub(crate) fn starts_itself(&self) -> bool {
        matches!(self.declaration.start, Start::Itself)
    }

    /// Whether a function is called without its types.
    pub(crate) fn is_dynamic(&self) -> bool {
        matches!(self.declaration.start, Start::Harness(..))
    }

    /// A program that proves that the box works.
    pub(crate) fn smoke(&self) -> &'static str {
        self.declaration.smoke
    }

    /// Memory of a run, in KiB: what was asked for, but enough to start.
    pub(crate) fn memory_kb(&self, asked: u32) -> u32 {
        asked.max(self.declaration.least_memory_kb)
    }

    /// Program and arguments of a run; `arguments` are the learner's program's own.
    pub(crate) fn argv(&self, entry: &Entry, memory_kb: u32, arguments: &[String]) -> Vec<String> {
        let mut argv = vec![match self.declaration.start {
            Start::Itself => "solution".to_owned(),
            Start::Harness(..) | Start::Interpreter(_) => self.runtime.to_string_lossy().into_owned(),
        }];
        argv.extend((self.declaration.options)(memory_kb));
        let harness = |name| Path::new(HARNESS_FOLDER).join(name).to_string_lossy().into_owned();
        match (&self.declaration.start, entry, &self.declaration.tests) {
            (_, Entry::Tests(_), Some(runner)) => {
                argv.extend(runner.options.iter().map(|&option| option.to_owned()));
                argv.extend(runner.files.first().map(|(name, _)| harness(name)));
            }
            (Start::Itself, ..) => {}
            (Start::Interpreter(fixed), ..) => {
                argv.extend(
                    fixed[usize::from(is_function(entry))].iter().map(|&argument| argument.to_owned()),
                );
            }
            (Start::Harness(one), Entry::Function { name: function, .. }, _) => {
                argv.extend([harness(&one.name), "function".to_owned(), function.clone()]);
            }
            (Start::Harness(one), ..) => argv.extend([harness(&one.name), "program".to_owned()]),
        }
        argv.extend_from_slice(arguments);
        argv
    }

    /// Program and arguments of the compiler.
    pub(crate) fn build_argv(&self, build: &Build, entry: &Entry) -> Vec<String> {
        let mut argv: Vec<String> = ["/bin/sh", "-eu", "-c", build.script].map(str::to_owned).into();
        argv.extend([&self.compiler, &self.runtime].map(|path| path.to_string_lossy().into_owned()));
        argv.push(if is_function(entry) { "function" } else { "program" }.to_owned());
        argv.extend(self.kept.as_ref().map(|_| KEPT.to_owned()));
        argv
    }

    /// The whole environment of a run or of the compiler. Nothing of the server's is in it.
    pub(crate) fn env(&self) -> Vec<String> {
        let mut env: Vec<String> =
            ["PATH=/usr/bin", "HOME=/box", "TMPDIR=/tmp", "LANG=C.UTF-8", "TZ=UTC"].map(str::to_owned).into();
        env.extend(self.declaration.env.iter().map(|&variable| variable.to_owned()));
        if !self.libraries.is_empty() {
            let folders: Vec<_> = self.libraries.iter().map(|folder| folder.to_string_lossy()).collect();
            env.push(format!("LD_LIBRARY_PATH={}", folders.join(":")));
        }
        env
    }
}
