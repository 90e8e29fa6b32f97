//! Every field has the values that Wireshark finds.

use mailpath::filter::facts::each;
use mailpath::filter::{FIELDS, Field, Kind, Spec, Val};

use super::{exported, tshark};
use crate::runs;

/// Between the values of one field.
const SEPARATOR: char = '\u{1f}';

/// Fields that both have and that are compared: all but those of ours, and protocols, which have no values.
fn compared() -> Vec<&'static Spec> {
    let ours = |spec: &&Spec| spec.field.is_ours() || matches!(spec.kind, Kind::Protocol | Kind::Time);
    FIELDS.iter().filter(|spec| !ours(spec)).collect()
}

/// A value of ours as tshark writes it, brought to one form.
fn written(value: &Val) -> String {
    match value {
        Val::Label => "there".to_owned(),
        Val::Truth(truth) => u8::from(*truth).to_string(),
        Val::Number(n) | Val::Nanos(n) => n.to_string(),
        Val::Ipv4(address, _) => std::net::Ipv4Addr::from_bits(*address).to_string(),
        Val::Bytes(bytes) | Val::Protocol(bytes, _) => bytes.iter().map(|b| format!("{b:02x}")).collect(),
        Val::Text(text) => text.replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t"),
    }
}

/// A value of tshark's in the same form.
fn theirs(text: &str, kind: Kind) -> String {
    match kind {
        Kind::Label => "there".to_owned(),
        Kind::Boolean => match text {
            "True" => "1".to_owned(),
            "False" => "0".to_owned(),
            other => other.to_owned(),
        },
        Kind::Bytes | Kind::Ether => text.replace(':', ""),
        Kind::Duration => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let sign = if whole.starts_with('-') { -1 } else { 1 };
            let whole: i128 = whole.parse().expect("seconds");
            (whole * 1_000_000_000 + sign * format!("{fraction:0<9}").parse::<i128>().expect("nanoseconds")).to_string()
        }
        Kind::Text | Kind::Ipv4 => text.to_owned(),
        _ => match text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).map_or_else(|_| text.to_owned(), |n| n.to_string()),
            None => text.to_owned(),
        },
    }
}

#[test]
#[ignore = "needs tshark; .ci/run installs it and runs this"]
fn fields_have_the_values_that_tshark_finds() {
    let fields = compared();
    let asked: Vec<Field> = fields.iter().map(|spec| spec.field).collect();
    let mut arguments = vec!["-T", "fields", "-E", "separator=\u{1e}", "-E", "aggregator=\u{1f}", "-E", "occurrence=a"];
    fields.iter().for_each(|spec| arguments.extend(["-e", spec.name]));
    let mut wrong = Vec::new();
    let mut seen = vec![0usize; fields.len()];
    for run in exported(&runs::all()) {
        let table = tshark(&run.file, &arguments).unwrap();
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows.len(), run.capture.frames.len(), "{}", run.name);
        each(&run.capture, &asked, |number, facts| {
            // HELLO as the first word of a client: Wireshark takes what is no command for a piece of a mail.
            if (run.name.as_str(), number) == ("talk-smtp:goal-3", 4) {
                return;
            }
            let cells = rows[number as usize].split('\u{1e}');
            for ((place, spec), cell) in fields.iter().enumerate().zip(cells) {
                let of_theirs = cell.split(SEPARATOR).map(|text| theirs(text, spec.kind));
                let of_theirs: Vec<String> = if cell.is_empty() { Vec::new() } else { of_theirs.collect() };
                let ours: Vec<String> = facts.all(spec.field).map(|(_, value)| written(value)).collect();
                seen[place] += of_theirs.len();
                // A text of no bytes is not printed.
                if ours != of_theirs && !(of_theirs.is_empty() && ours.iter().all(String::is_empty)) {
                    wrong.push(format!("{} {}: {}: {ours:?}, tshark {of_theirs:?}", run.name, number + 1, spec.name));
                }
            }
        });
        std::fs::remove_file(&run.file).unwrap();
    }
    let all = wrong.len();
    if let Ok(path) = std::env::var("WRONG") {
        std::fs::write(path, wrong.join("\n")).unwrap();
    }
    wrong.truncate(12);
    assert!(all == 0, "{all} differences:\n{}", wrong.join("\n"));
    let never: Vec<&str> = fields.iter().zip(&seen).filter(|(_, n)| **n == 0).map(|(spec, _)| spec.name).collect();
    assert!(seen.iter().filter(|n| **n > 0).count() > 200, "not seen in any capture: {never:?}");
}
