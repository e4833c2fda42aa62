// Counts the words that it reads, with Rust's standard library.
use std::collections::BTreeMap;
use std::io::{self, Read};

fn main() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    if text.is_empty() {
        text.push_str("to link or not to link");
    }
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    for (word, count) in &counts {
        println!("{count:4} {word}");
    }
    println!("{} words, linked in this page", counts.values().sum::<i32>());
    Ok(())
}
