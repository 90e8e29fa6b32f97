//! The README's picture of the text mode is what the program prints today: `docs/six-steps.svg` is written by this test.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

const WIDE: usize = 912;
const LEFT: usize = 20;
const FIRST: usize = 30;
/// From line to line.
const LINE: usize = 17;

/// Colour and weight of a line, by what it tells. Told from each other by words, too: `C:`, `S:`, `Step`.
fn ink(line: &str) -> (&'static str, &'static str) {
    // Time and place stand in front, in columns of fixed width.
    let told = line.get(24..).unwrap_or(line).trim_start();
    match told {
        _ if line.starts_with("Step ") => ("#0b3d91", "bold"),
        _ if told.starts_with("C: ") => ("#00618a", "normal"),
        _ if told.starts_with("S: ") => ("#1b6e3c", "normal"),
        _ if told.starts_with("SMTP ") && told.contains("(RFC 5321: ") => ("#7a2a8c", "bold"),
        _ if told.contains("TCP connection ") => ("#3d4f73", "normal"),
        _ if ["writes ", "queue: ", "mailbox of ", "takes ", "reads "].iter().any(|w| told.contains(w)) => {
            ("#8a5a00", "normal")
        }
        _ => ("#1c1c1c", "normal"),
    }
}

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The output as a picture.
fn picture(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    let high = FIRST + LINE * (lines.len() - 1) + 27;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDE}\" height=\"{high}\" viewBox=\"0 0 {WIDE} {high}\" \
         role=\"img\" aria-label=\"Output of mailpath run six-steps\">\n\
         <rect width=\"{WIDE}\" height=\"{high}\" rx=\"8\" fill=\"#fbfaf7\" stroke=\"#d8d4c8\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"13\" \
         xml:space=\"preserve\">\n"
    );
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let (fill, weight) = ink(line);
        let y = FIRST + LINE * n;
        let line = escaped(line);
        writeln!(svg, "<text x=\"{LEFT}\" y=\"{y}\" fill=\"{fill}\" font-weight=\"{weight}\">{line}</text>").unwrap();
    }
    svg + "</g></svg>\n"
}

#[test]
fn the_picture_of_the_text_mode_is_what_it_prints() {
    let done = Command::new(env!("CARGO_BIN_EXE_mailpath")).args(["run", "six-steps"]).output().unwrap();
    let output = String::from_utf8(done.stdout).unwrap();
    let fits = |line: &str| 8 * line.chars().count() + LEFT <= WIDE;
    assert!(output.lines().all(fits), "a line is wider than the picture");
    let svg = picture(&output);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/six-steps.svg");
    if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
        fs::write(&path, &svg).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == svg, "{} is out of date: run with INSTA_UPDATE=always", path.display());
}
