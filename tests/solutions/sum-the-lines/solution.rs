//! A right solution.

use std::io;

fn main() {
    let input = io::read_to_string(io::stdin()).unwrap();
    let mut lines = input.lines();
    let count: usize = lines.next().unwrap().trim().parse().unwrap();
    let mut total = 0;
    for line in lines.take(count) {
        let sum: i64 = line.split_whitespace().map(|amount| amount.parse::<i64>().unwrap()).sum();
        println!("{sum}");
        total += sum;
    }
    println!("total {total}");
}
