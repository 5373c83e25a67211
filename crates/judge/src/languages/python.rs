//! Python 3, as CPython.

use super::{Declaration, Harness, Start, TestRunner};

/// `-s` and `-S`: no user or site packages, so that every machine judges alike (and starts faster); `-B`: no byte code. The
/// environment is ours, so `-E` is not needed; the fixed hash seed makes the order of sets the same in every run.
pub(super) const PYTHON: Declaration = Declaration {
    id: "python",
    name: "Python",
    program: "python3",
    probe: &["-I", "-c", PROBE],
    source_names: ["solution.py", "solution.py"],
    build: None,
    start: Start::Harness(Harness {
        name: "harness.py",
        text: include_str!("harness.py"),
        compiled: Some(&["-I", "-S", "-c", COMPILE]),
    }),
    tests: Some(TestRunner { files: &[("tests.py", include_str!("tests.py"))], options: &[] }),
    least_memory_kb: 32 * 1024,
    options: |_| ["-s", "-S", "-B"].map(str::to_owned).into(),
    env: &["PYTHONHASHSEED=0"],
    smoke: "def smoke(a, b):\n    return a + b\n",
};

const PROBE: &str = r#"
import json, os, sys, sysconfig
executable = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
needs = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
library = os.path.join(sys.base_prefix, "lib")
libraries = []
if os.path.realpath(library) not in ("/usr/lib", "/lib"):
    needs.add(library)
    libraries.append(library)
print(json.dumps({"version": sys.version.split()[0], "executable": executable,
                  "needs": [path for path in needs if path], "libraries": libraries}))
"#;

/// Reading the harness takes longer than running it. Its code comes as letters, one a byte, which a file of text can hold without
/// escapes and which no module is loaded to read.
const COMPILE: &str = r#"
import marshal, sys
code = marshal.dumps(compile(sys.stdin.read(), sys.argv[1], "exec", dont_inherit=True))
letters = "".join(chr(0x100 + byte) for byte in code)
first = 2 if sys.byteorder == "little" else 3
text = "import marshal\nexec(marshal.loads(%r.encode('utf-16')[%d::2]))\n" % (letters, first)
sys.stdout.buffer.write(text.encode())
"#;
