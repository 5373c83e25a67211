//! The committed description of the API is the one the code makes.

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");

#[test]
fn the_committed_description_is_current() {
    let made = codementor_server::http::description().unwrap() + "\n";
    if std::env::var_os("CODEMENTOR_WRITE_OPENAPI").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let kept = std::fs::read_to_string(PATH).unwrap();
    assert!(kept == made, "web/openapi.json is not what the code says; run `cargo xtask codegen`");
}
