//! A program for WASI: arguments, files, collections, a destructor, a function of C, and two ways to end early.
use std::io::{self, BufRead, Write};
use words::Measure;

extern "C" {
    fn twice(value: i32) -> i32;
}

struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        println!("farewell");
    }
}

fn main() -> io::Result<()> {
    let _farewell = Farewell;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let lines = io::stdin().lock().lines().collect::<io::Result<Vec<_>>>()?;
    println!("{:?}", words::count(lines.iter().flat_map(|line| line.split_whitespace())));
    println!("{}", words::list(args.iter().map(|arg| arg.parse::<i32>())));

    let measures: [Box<dyn Measure>; 2] = [Box::new(1.5), Box::new([0.25, 4.0, 1e300])];
    for measure in &measures {
        println!("{}: {:e}", measure.name(), measure.measure());
    }
    println!("{} seen, twice 21 is {}", words::seen(), unsafe { twice(21) });

    std::fs::write("/data/note.txt", "written")?;
    println!("{}", std::fs::read_to_string("/data/note.txt")?);
    match args.first().map(String::as_str) {
        Some("panic") => panic!("{} arguments", args.len()),
        Some("exit") => std::process::exit(7),
        _ => io::stdout().flush(),
    }
}
