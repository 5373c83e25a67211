//! `codementor import kattis`: packages with everything that authors put into them, judged in the real sandbox, offered, handed in to,
//! and brought in again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs;
use std::path::{Path, PathBuf};

use codementor_protocol::challenge::ChallengeDetail;
use codementor_protocol::common::Verdict;
use codementor_tests::import::{self, row};
use codementor_tests::program::Ended;
use codementor_tests::server::Server;
use codementor_tests::{eventually, judge_works};

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A package in a folder of packages.
struct Package(PathBuf);

impl Package {
    fn new(folder: &Path, name: &str, yaml: &str) -> Self {
        let root = folder.join("packages").join(name);
        write(&root, "problem.yaml", yaml);
        let statement = if yaml.contains("2025-09") { "statement" } else { "problem_statement" };
        write(&root, &format!("{statement}/problem.en.tex"), "Double $n$, where $0 \\le n \\leq 10^{9}$.");
        Self(root)
    }

    fn file(self, path: &str, text: &str) -> Self {
        write(&self.0, path, text);
        self
    }

    /// Tests that double a number.
    fn doubles(self, folder: &str, numbers: &[u32]) -> Self {
        numbers.iter().fold(self, |package, number| {
            package
                .file(&format!("data/{folder}/{number}.in"), &format!("{number}\n"))
                .file(&format!("data/{folder}/{number}.ans"), &format!("{}\n", number * 2))
        })
    }
}

const ADA: &str = "print(2 * int(input()))\n";
const PLUS: &str = "print(2 + int(input()))\n";
const CPP: &str =
    "#include <iostream>\nint main() { long long n; std::cin >> n; std::cout << 2 * n << std::endl; }\n";

/// What everybody has who writes validators in C++: a header of their own with the convention in it.
const HEADER: &str = r#"#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
inline std::ifstream judge_in, judge_ans;
inline std::string feedback_dir;
inline void init(int argc, char **argv) {
  if (argc < 4) std::exit(1);
  judge_in.open(argv[1]);
  judge_ans.open(argv[2]);
  feedback_dir = argv[3];
}
[[noreturn]] void accept();
[[noreturn]] void wrong(const std::string &why);
"#;
const ENDS: &str = r#"#include "validate.h"
void accept() { std::exit(42); }
void wrong(const std::string &why) {
  std::ofstream(feedback_dir + "judgemessage.txt") << "for the staff: " << why;
  std::ofstream(feedback_dir + "teammessage.txt") << why;
  std::exit(43);
}
"#;
/// Any two numbers with the right sum; the option says how large they may be.
const SUM: &str = r#"#include "validate.h"
int main(int argc, char **argv) {
  init(argc, argv);
  if (argc != 6 || std::string(argv[4]) != "most") return 1;
  long long wanted, most = std::atoll(argv[5]), a, b;
  judge_ans >> wanted;
  std::string more;
  if (!(std::cin >> a >> b) || std::cin >> more) wrong("two numbers are wanted");
  if (a > most || b > most) wrong("a number is too large");
  if (a + b != wanted) wrong("the sum is wrong");
  accept();
}
"#;
const GUESS: &str = r#"
import sys
secret = int(open(sys.argv[2]).read())
for turn in range(10):
    line = sys.stdin.readline()
    if not line:
        sys.exit(43)
    guess = int(line)
    if guess == secret:
        print("correct", flush=True)
        sys.exit(42)
    print("higher" if guess < secret else "lower", flush=True)
open(sys.argv[3] + "teammessage.txt", "w").write("too many guesses")
sys.exit(43)
"#;
const GUESSER: &str = r#"#include <iostream>
#include <string>
int main() {
  int low = 1, high = 1000;
  std::string said;
  while (said != "correct") {
    int middle = (low + high) / 2;
    std::cout << middle << std::endl;
    if (!(std::cin >> said)) return 0;
    if (said == "higher") low = middle + 1; else high = middle - 1;
  }
}
"#;

fn doubling(folder: &Path, name: &str) -> Package {
    let yaml = "name: Double it\nauthor: Ada\nlicense: cc by-sa\nlimits: {time_limit: 1}\n";
    Package::new(folder, name, yaml)
        .doubles("sample", &[1, 2])
        .doubles("secret", &[3, 4])
        .doubles("secret/large", &[500, 600])
        .file("submissions/accepted/ada.py", ADA)
        .file("submissions/accepted/ada.cc", CPP)
        .file("submissions/wrong_answer/plus.py", PLUS)
        .file("submissions/run_time_error/fails.py", "raise SystemExit(1)\n")
        .file("submissions/time_limit_exceeded/waits.py", "while True:\n    pass\n")
        // Wrong first, and too slow later: the legacy version allows it.
        .file(
            "submissions/time_limit_exceeded/later.py",
            "n = int(input())\nwhile n > 400:\n    pass\nprint(0)\n",
        )
}

fn sums(folder: &Path, name: &str) -> Package {
    Package::new(
        folder,
        name,
        "name: Sums\nvalidation: custom\nvalidator_flags: most 1000\nlimits: {time_limit: 1}\n",
    )
    .doubles("sample", &[2])
    .doubles("secret", &[30])
    .file("output_validators/sums/validate.h", HEADER)
    .file("output_validators/sums/validate.cc", ENDS)
    .file("output_validators/sums/main.cpp", SUM)
    .file("submissions/accepted/sums.py", "n = int(input())\nprint(n, n)\n")
    .file("submissions/wrong_answer/large.py", "n = int(input())\nprint(2 * n + 5000, -5000)\n")
}

fn guessing(folder: &Path, name: &str) -> Package {
    let yaml =
        "problem_format_version: 2025-09\nname: Guess\ntype: interactive\nuuid: x\nlimits: {time_limit: 1}\n";
    let package = Package::new(folder, name, yaml).file("output_validator/guess.py", GUESS);
    let package = [17, 500, 999].into_iter().fold(package, |package, secret| {
        package
            .file(&format!("data/secret/{secret}.in"), "\n")
            .file(&format!("data/secret/{secret}.ans"), &format!("{secret}\n"))
    });
    package
        .file("data/sample/1.interaction", ">5\n<higher\n>6\n<correct\n")
        .file("submissions/accepted/guess.cpp", GUESSER)
        .file("submissions/wrong_answer/silent.py", "pass\n")
        .file("submissions/wrong_answer/stubborn.py", "while True:\n    print(1, flush=True)\n    input()\n")
        .file("submissions/brute_force/all.py", "for n in range(1, 1001):\n    print(n, flush=True)\n    if input() == 'correct':\n        break\n")
        .file(
            "submissions/submissions.yaml",
            "brute_force:\n  permitted: [AC, WA]\n  required: [WA]\n",
        )
}

fn points(folder: &Path, name: &str) -> Package {
    let yaml =
        "problem_format_version: 2025-09\nname: Points\ntype: scoring\nuuid: x\nlimits: {time_limit: 1}\n";
    Package::new(folder, name, yaml)
        .doubles("sample", &[1])
        .doubles("secret/small", &[2, 3])
        .doubles("secret/large", &[40_000, 50_000])
        .file("data/secret/small/test_group.yaml", "max_score: 30\n")
        .file("data/secret/large/test_group.yaml", "max_score: 70\n")
        .file("submissions/accepted/ada.py", ADA)
        .file("submissions/rejected/small.py", "n = int(input())\nprint(2 * n if n < 100 else 0)\n")
}

async fn bring(folder: &Path, data: &Path, name: &str) -> Ended {
    import::import("kattis", folder, data, &[name, "--verify"]).await
}

#[tokio::test]
async fn packages_come_with_all_that_authors_put_into_them() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (folder, data) = (server.folder().to_owned(), server.data());
    doubling(&folder, "double").file("attachments/notes.txt", "x");
    sums(&folder, "sums");
    guessing(&folder, "guess");
    points(&folder, "points");
    // As small as a package may be, and only in a language that most authors use.
    Package::new(&folder, "hello", "name: Hello\nlicense: public domain\n")
        .doubles("sample", &[1])
        .doubles("secret", &[2])
        .file("submissions/accepted/hello.cc", CPP);

    let ended = bring(&folder, &data, "packages").await;
    assert!(ended.status.success(), "{}", ended.text());
    for name in ["double", "sums", "guess", "points", "hello"] {
        let (status, why) = row(&ended, &format!("kattis-{name}"));
        assert!(status == "imported" && why.contains("published"), "{}", ended.text());
    }
    assert!(row(&ended, "kattis-double").1.contains("attachments are left out"), "{}", ended.text());
    assert!(row(&ended, "kattis-hello").1.contains("verified with C++"), "{}", ended.text());

    let client = server.client();
    let offered = async |id: &str| {
        let path = format!("/api/challenges/{id}");
        eventually("the server offers it", async || {
            let answer = client.get(&path).await;
            (answer.status == 200).then(|| answer.json::<ChallengeDetail>())
        })
        .await
    };
    let double = offered("kattis-double").await;
    assert_eq!((double.license.as_str(), double.authors), ("CC-BY-SA-4.0", vec!["Ada".to_owned()]));
    assert_eq!(double.statement, "Double `n`, where `0 ≤ n ≤ 10^9`.");
    assert_eq!(double.examples.len(), 2);
    let groups: Vec<_> =
        offered("kattis-points").await.groups.into_iter().map(|group| (group.name, group.points)).collect();
    assert_eq!(groups, [("large".to_owned(), 70), ("small".to_owned(), 30)]);
    assert!(offered("kattis-guess").await.statement.contains(">5\n<higher"));
    assert_eq!(offered("kattis-hello").await.examples.len(), 1);

    let ada = server.guest("Ada").await;
    assert_eq!(ada.submit("kattis-double", "python", "print(int(input()) * 2)\n").await.xp_awarded, 25);
    assert_eq!(ada.submit("kattis-hello", "cpp", CPP).await.xp_awarded, 25);
    assert_eq!(ada.submit("kattis-guess", "cpp", GUESSER).await.xp_awarded, 25);
    let some =
        ada.submit("kattis-points", "python", "n = int(input())\nprint(2 * n if n < 100 else 0)\n").await;
    assert_eq!((some.verdict, some.score), (Some(Verdict::WrongAnswer), Some(30)));
    // What the validator says to a team is told with a test that is shown; what it says to the staff is not.
    let wrong = ada.submit("kattis-sums", "python", "print(1, 1)\n").await;
    let told = wrong.tests.iter().find_map(|test| test.message.as_deref());
    assert_eq!((wrong.verdict, told), (Some(Verdict::WrongAnswer), Some("the sum is wrong")));
}

#[tokio::test]
async fn a_package_comes_again_and_its_word_is_checked_each_time() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (folder, data) = (server.folder().to_owned(), server.data());
    let package = doubling(&folder, "double");
    let first = bring(&folder, &data, "packages/double").await;
    assert!(first.status.success() && row(&first, "kattis-double").0 == "imported", "{}", first.text());
    let again = bring(&folder, &data, "packages/double").await;
    let (status, why) = row(&again, "kattis-double");
    assert!(again.status.success() && status == "unchanged" && why.contains("published"), "{}", again.text());

    // A submission is no part of the challenge, and its promise is looked at all the same.
    let package = package.file("submissions/wrong_answer/right.py", ADA.replace("2 *", "1 * 2 *").as_str());
    let liar = bring(&folder, &data, "packages/double").await;
    let (status, why) = row(&liar, "kattis-double");
    assert!(!liar.status.success() && status == "failed", "{}", liar.text());
    assert!(
        why.contains("submissions/wrong_answer/right.py") && why.contains("stays on offer"),
        "{}",
        liar.text()
    );
    fs::remove_file(package.0.join("submissions/wrong_answer/right.py")).unwrap();

    let package = package.doubles("secret", &[7]);
    let updated = bring(&folder, &data, "packages/double").await;
    assert!(updated.status.success() && row(&updated, "kattis-double").0 == "updated", "{}", updated.text());
    let package = package.file("data/secret/7.ans", "13\n");
    let wrong = bring(&folder, &data, "packages/double").await;
    let (status, why) = row(&wrong, "kattis-double");
    assert!(!wrong.status.success() && status == "failed" && why.contains("secret/7"), "{}", wrong.text());
    drop(package);
}

#[tokio::test]
async fn what_is_wrong_with_a_package_is_told_and_hurts_no_other() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (folder, data) = (server.folder().to_owned(), server.data());
    doubling(&folder, "double");
    doubling(&folder, "slow").file("submissions/time_limit_exceeded/fast.py", ADA);
    doubling(&folder, "fails").file("submissions/accepted/broken.cc", "int main() { return }\n");
    sums(&folder, "rude").file("output_validators/sums/main.cpp", "int main() { return 0; }\n");
    sums(&folder, "uncompiled").file("output_validators/sums/main.cpp", "int main() { return }\n");
    doubling(&folder, "yaml").file("problem.yaml", "name: [\n");
    doubling(&folder, "pdf").file("x", "");
    fs::rename(
        folder.join("packages/pdf/problem_statement/problem.en.tex"),
        folder.join("packages/pdf/problem_statement/problem.en.pdf"),
    )
    .unwrap();
    doubling(&folder, "passes")
        .file("problem.yaml", "problem_format_version: 2025-09\nname: X\ntype: multi-pass\n");
    doubling(&folder, "Bad\u{1b}[2J Name");

    let ended = bring(&folder, &data, "packages").await;
    assert!(!ended.status.success(), "{}", ended.text());
    for (name, wanted, says) in [
        ("double", "imported", "published"),
        ("slow", "failed", "submissions/time_limit_exceeded/fast.py"),
        ("fails", "failed", "submissions/accepted/broken.cc"),
        ("rude", "failed", "exit code 0"),
        ("uncompiled", "failed", "does not compile"),
        ("yaml", "skipped", "problem.yaml"),
        ("pdf", "skipped", "PDF only"),
        ("passes", "skipped", "multi-pass"),
    ] {
        let (status, why) = row(&ended, &format!("kattis-{name}"));
        assert!(status == wanted && why.contains(says), "{name}: {}", ended.text());
    }
    assert!(!ended.stdout.contains('\u{1b}'), "{:?}", ended.stdout);
    assert!(
        ended.stdout.contains("1 imported, 0 updated, 0 unchanged, 4 skipped, 4 failed"),
        "{}",
        ended.text()
    );
}
