//! Random numbers of randomised tests, and how many cases they try.

#![allow(dead_code, reason = "each program of tests takes what it needs")]

use rand::SeedableRng;
use rand::rngs::StdRng;

/// The seed of a randomised test, printed so that it can be run again: `CODEMENTOR_TEST_SEED`, or a new one.
pub fn seed() -> u64 {
    let seed = std::env::var("CODEMENTOR_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(rand::random);
    println!("CODEMENTOR_TEST_SEED={seed}");
    seed
}

/// Random numbers of a printed seed.
pub fn seeded() -> StdRng {
    StdRng::seed_from_u64(seed())
}

/// How many cases are tried: `CODEMENTOR_FUZZ_CASES`, or a number that takes a moment.
pub fn cases(usual: u64) -> u64 {
    std::env::var("CODEMENTOR_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
