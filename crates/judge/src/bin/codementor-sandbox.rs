//! The sandbox launcher alone, for the tests of this crate. The product ships it as a hidden subcommand of the server.

fn main() {
    codementor_judge::launcher_main()
}
