//! A right solution.

pub fn second_largest(values: Vec<i64>) -> Option<i64> {
    let largest = *values.iter().max()?;
    values.into_iter().filter(|value| *value < largest).max()
}
