//! Java, as a JDK. The class `Main` has the main method; a function is a static method of the class `Solution`.

use super::{Build, Declaration, Start, callers};

/// Memory of the virtual machine beside its heap, in KiB.
const BESIDE_HEAP_KB: u32 = 56 * 1024;

pub(super) const JAVA: Declaration = Declaration {
    id: "java",
    name: "Java",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["Main.java", "Solution.java"],
    build: Some(Build {
        script: "set -- \"$@\" Main.java\n\
                 [ \"$2\" = program ] || { cat > JudgeMain.java; set -- \"$1\" \"$2\" Solution.java JudgeMain.java /judge/JudgeHarness.java; }\n\
                 shift 2\n\
                 \"$0\" -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -J-Xshare:auto -J-XX:-UsePerfData -encoding UTF-8 -proc:none \
                 -d out \"$@\"\n\
                 exec \"${0%/javac}/jar\" -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -J-XX:-UsePerfData --create --no-manifest \
                 --no-compress --file program.jar -C out .",
        output: "program.jar",
        file: Some(("JudgeHarness.java", callers::JAVA_HARNESS)),
        once: None,
        caller: Some(callers::java),
    }),
    start: Start::Interpreter([&["-cp", "program.jar", "Main"], &["-cp", "program.jar", "JudgeMain"]]),
    tests: None,
    least_memory_kb: 96 * 1024,
    options: |memory_kb| {
        let heap = memory_kb.saturating_sub(BESIDE_HEAP_KB).max(16 * 1024) / 1024;
        let mut options = vec![format!("-Xmx{heap}m")];
        options.extend(
            [
                "-Xss16m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                "-XX:ReservedCodeCacheSize=32m",
            ]
            .map(str::to_owned),
        );
        options
    },
    env: &[],
    smoke: "import java.util.Scanner;\n\npublic class Main {\n    public static void main(String[] args) {\n        \
            Scanner in = new Scanner(System.in);\n        System.out.println(in.nextInt() + in.nextInt());\n    }\n}\n",
};

/// Debian keeps the settings of its JDK in `/etc`.
const PROBE: &str = r#"javac=$(readlink -f "$(command -v javac)") && home=${javac%/bin/javac} && . "$home/release" &&
conf=$(readlink -f "$home/conf/security/java.security") && conf=${conf%/security/java.security} &&
printf '{"version":"%s","executable":"%s","runtime":"%s/bin/java","needs":["%s","%s"]}' "$JAVA_VERSION" "$javac" "$home" "$home" "$conf""#;
