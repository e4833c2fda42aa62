//! A library crate: generics, traits with and without objects, and thread-local data.
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

thread_local!(static SEEN: Cell<usize> = Cell::new(0));

pub trait Measure {
    fn measure(&self) -> f64;
    fn name(&self) -> String {
        String::from("something")
    }
}

impl Measure for f64 {
    fn measure(&self) -> f64 {
        *self
    }
}

impl<T: Measure, const N: usize> Measure for [T; N] {
    fn measure(&self) -> f64 {
        self.iter().map(T::measure).sum()
    }
    fn name(&self) -> String {
        format!("{} numbers", N)
    }
}

pub fn count<I>(items: I) -> BTreeMap<I::Item, usize>
where
    I: IntoIterator,
    I::Item: Ord,
{
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
        SEEN.with(|seen| seen.set(seen.get() + 1));
    }
    counts
}

pub fn seen() -> usize {
    SEEN.with(Cell::get)
}

pub fn list<T: Display, E: Debug>(results: impl Iterator<Item = Result<T, E>>) -> String {
    let shown: Vec<_> = results
        .map(|result| match result {
            Ok(value) => value.to_string(),
            Err(error) => format!("{:?}", error),
        })
        .collect();
    shown.join(", ")
}
