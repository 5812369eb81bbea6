//! Counts the lines, words and bytes of its standard input, and names the longest word.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

#[derive(Default)]
struct Count {
    lines: usize,
    words: usize,
    bytes: usize,
    longest: String,
}

impl Count {
    fn add(&mut self, line: &str) {
        self.lines += 1;
        self.bytes += line.len();
        for word in line.split_whitespace() {
            self.words += 1;
            // Of two of the same length the first stays.
            if word.chars().count() > self.longest.chars().count() {
                self.longest = word.to_owned();
            }
        }
    }
}

fn count(mut input: impl BufRead) -> io::Result<Count> {
    let mut count = Count::default();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        count.add(&line);
        line.clear();
    }
    Ok(count)
}

fn main() -> ExitCode {
    let result = count(io::stdin().lock()).and_then(|count| {
        writeln!(
            io::stdout(),
            "{} lines, {} words, {} bytes, longest: {}",
            count.lines, count.words, count.bytes, count.longest
        )
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("words: {error}");
            ExitCode::FAILURE
        }
    }
}
