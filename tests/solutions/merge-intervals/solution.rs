//! A right solution.

pub fn merge_intervals(mut intervals: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    intervals.sort();
    let mut merged: Vec<Vec<i64>> = Vec::new();
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if interval[0] <= last[1] => last[1] = last[1].max(interval[1]),
            _ => merged.push(interval),
        }
    }
    merged
}
