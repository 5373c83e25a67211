//! Sessions as they were: every change of the text, who made it and when.

pub mod splice;
