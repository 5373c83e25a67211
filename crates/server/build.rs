//! Notes the commit for `build_info` and rebuilds when the page changes.

use std::path::Path;
use std::process::Command;

fn main() {
    let page = Path::new("../../web/build");
    println!("cargo:rerun-if-changed={}", page.display());
    println!("cargo:rerun-if-changed=../../.git/HEAD");
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=CODEMENTOR_COMMIT={}", commit.trim());
}
