//! Rooms over a real journal: one truth for all, kept before it is told, and the same after every kind of end.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

mod basics;
mod chaos;
mod client;
mod clients;
mod endings;
mod events;
mod faulty;
#[path = "../frames/mod.rs"]
mod frames;
mod limits;
mod listener;
mod parts;
mod requests;
mod school;
#[path = "../seeds/mod.rs"]
mod seeds;
mod storage;
