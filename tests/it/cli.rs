//! The program as its user starts it: what it prints, and its exit status.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn mailpath(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailpath")).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Where a display cannot be taken away by the environment, a window would open.
#[test]
#[cfg(all(feature = "gui", unix, not(target_os = "macos")))]
fn without_a_display_one_sentence_names_the_text_mode() {
    for arguments in [&[][..], &["packet-loss:2"], &["--renderer", "gl"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailpath"));
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
            command.env_remove(variable);
        }
        let done = command.args(arguments).output().unwrap();
        assert_eq!(done.status.code(), Some(1));
        let said = err(&done);
        assert!(said.contains("mailpath run six-steps") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn a_scenario_for_the_window_is_judged_before_it_opens() {
    let done = mailpath(&["no-such-scenario"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(err(&done).contains("no built-in scenario of that name"), "{}", err(&done));
}

#[test]
fn the_story_of_the_six_steps() {
    let done = mailpath(&["run", "six-steps"]);
    let text = out(&done);
    assert!(done.status.success() && !text.contains('\u{1b}'), "plain in a pipe");
    for number in 1..=6 {
        assert!(text.contains(&format!("\nStep {number}: ")), "{text}");
    }
    for words in ["C: MAIL FROM:<alice@a.example>", "S: 354", "queue: the letter waits", "reads \"hello\"", "closure"] {
        assert!(text.contains(words), "{words}");
    }
    assert_eq!(text, out(&mailpath(&["run", "six-steps"])), "the same every time");
}

#[test]
fn json_lines_have_the_promised_fields_and_end_where_told() {
    let done = mailpath(&["run", "six-steps", "--format", "jsonl", "--until", "65ms"]);
    assert!(done.status.success());
    let mut last = 0;
    for (id, line) in out(&done).lines().enumerate() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["id"], id);
        for field in ["time_ns", "place", "cause", "kind", "fields"] {
            assert!(entry.get(field).is_some(), "{line}");
        }
        last = entry["time_ns"].as_u64().unwrap();
    }
    assert_eq!(last, 65_000_000);
}

#[test]
fn a_summary_counts_at_every_level() {
    for record in ["all", "milestones", "counters"] {
        let text = out(&mailpath(&["run", "six-steps", "--format", "summary", "--record", record]));
        let value = |row: &str| text.lines().find(|l| l.starts_with(row)).unwrap().split_whitespace().last().unwrap();
        assert_eq!((value("letters put"), value("TCP connections")), ("1", "3"), "{record}");
    }
}

#[test]
fn an_export_is_a_capture() {
    let path = file("cli-six-steps.pcapng");
    let name = path.to_str().unwrap();
    for more in [&[][..], &["--at", "mail.a"], &["--at", "r-a--r-b"], &["--every-link"]] {
        let arguments = [&["export", "six-steps", "--pcapng", name], more].concat();
        assert!(mailpath(&arguments).status.success(), "{more:?}");
        assert!(fs::read(&path).unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
    }
    let wrong = mailpath(&["export", "six-steps", "--pcapng", name, "--at", "mail.aa"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("Did you mean mail.a?"), "{}", err(&wrong));
    fs::remove_file(&path).unwrap();
}

#[test]
fn bad_input_has_status_2_and_says_where() {
    let path = file("cli-bad.json");
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/six-steps.json")).unwrap();
    fs::write(&path, text.replacen("\"smtp\": \"mail.a\"", "\"smtp\": \"mail.x\"", 1)).unwrap();
    let name = path.to_str().unwrap();
    for command in ["check", "run"] {
        let done = mailpath(&[command, name]);
        assert_eq!(done.status.code(), Some(2), "{command}");
        assert!(err(&done).contains("mail.x") && err(&done).contains("did you mean"), "{}", err(&done));
    }
    fs::remove_file(&path).unwrap();
    let missing = mailpath(&["run", "six-stepz"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("Did you mean six-steps?"), "{}", err(&missing));
    assert_eq!(mailpath(&["run", "packet-loss:99"]).status.code(), Some(2));
    assert_eq!(mailpath(&["run"]).status.code(), Some(2));
    assert_eq!(mailpath(&["run", "six-steps", "--until", "soon"]).status.code(), Some(2));
    assert_eq!(mailpath(&["load", "--hosts", "1"]).status.code(), Some(2));
}

#[test]
fn the_built_in_scenarios_are_listed_and_good() {
    let list = out(&mailpath(&["scenarios"]));
    let mut files = Vec::new();
    for line in list.lines() {
        let name = line.split_whitespace().next().unwrap();
        files.push(format!("{}/scenarios/{name}.json", env!("CARGO_MANIFEST_DIR")));
    }
    assert_eq!(files.len(), 24);
    let mut arguments = vec!["check"];
    arguments.extend(files.iter().map(String::as_str));
    assert!(mailpath(&arguments).status.success());
}

#[test]
fn the_schema_is_json() {
    let schema: serde_json::Value = serde_json::from_str(&out(&mailpath(&["schema", "scenario"]))).unwrap();
    assert!(schema.get("properties").is_some() || schema.get("$ref").is_some());
}

#[test]
fn a_small_load_prints_its_line() {
    let path = file("cli-load.pcapng");
    let name = path.to_str().unwrap();
    let done = mailpath(&["load", "--hosts", "4", "--mails", "2", "--pcapng", name]);
    let line = out(&done);
    assert!(done.status.success(), "{}", err(&done));
    for part in ["run_s=", "setup_s=", " ok=4 ", "segments=", "entries=0 ", "peak_kB="] {
        assert!(line.contains(part), "{line}");
    }
    assert!(fs::metadata(&path).unwrap().len() > 40_000, "the trunk carried four letters of 10 kB");
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_load_that_is_repeated_does_the_same_work_again() {
    let done = mailpath(&["load", "--hosts", "4", "--mails", "2", "--record", "all", "--repeat", "3"]);
    let printed = out(&done);
    let counted = |line: &str| line.split("ok=").nth(1).and_then(|l| l.split(" peak").next()).map(str::to_owned);
    let lines: Vec<_> = printed.lines().map(counted).collect();
    assert_eq!(lines.len(), 3, "{printed}");
    assert!(lines[0].as_ref().is_some_and(|line| line.starts_with("4 segments=")), "{printed}");
    assert_eq!((&lines[1], &lines[2]), (&lines[0], &lines[0]), "{printed}");
    assert_eq!(mailpath(&["load", "--repeat", "0"]).status.code(), Some(2));
}

#[test]
fn a_filter_chooses_packets_and_events() {
    let list = out(&mailpath(&["run", "packet-loss:1", "--filter", "tcp.analysis.retransmission"]));
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.ends_with("2 of 22 packets\n"), "{list}");
    let list = out(&mailpath(&["run", "six-steps", "--filter", "queue || mailbox.user == \"bob\""]));
    for kind in ["queue.enter", "queue.attempt", "queue.leave", "mailbox.store"] {
        assert!(list.contains(kind), "{kind}: {list}");
    }
    assert!(list.contains("0 of 53 packets"), "{list}");
    let lines = out(&mailpath(&["run", "six-steps", "--format", "jsonl", "--filter", "smtp.req.command == \"DATA\""]));
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.lines().all(|line| line.contains("\"kind\":\"frame.sent\"")));
}

#[test]
fn a_filtered_capture_has_the_packets_that_the_filter_selects() {
    let size = |path: &PathBuf| fs::metadata(path).unwrap().len();
    let (whole, part) = (file("whole.pcapng"), file("part.pcapng"));
    let export = |path: &PathBuf, more: &[&str]| {
        let mut arguments = vec!["export", "six-steps", "--pcapng", path.to_str().unwrap()];
        arguments.extend(more);
        out(&mailpath(&arguments))
    };
    assert!(export(&whole, &[]).contains("53 packets"));
    let told = export(&part, &["--filter", "smtp && !smtp.rsp"]);
    assert!(told.contains("12 packets"), "{told}");
    assert!(size(&part) < size(&whole));
}

#[test]
fn a_wrong_filter_is_shown_with_its_place() {
    let wrong = mailpath(&["run", "six-steps", "--filter", "tcp.port = 25"]);
    assert_eq!(wrong.status.code(), Some(2));
    let told = err(&wrong);
    assert!(told.contains("tcp.port = 25\n         ^\n") && told.contains("Equal is =="), "{told}");
    assert_eq!(mailpath(&["run", "six-steps", "--filter", "tcp", "--format", "summary"]).status.code(), Some(2));
}

#[test]
fn the_fields_are_listed() {
    let all = out(&mailpath(&["fields"]));
    assert!(all.lines().count() > 300);
    let some = out(&mailpath(&["fields", "tcp.analysis"]));
    assert!(some.lines().all(|line| line.starts_with("tcp.analysis")), "{some}");
    assert!(err(&mailpath(&["fields", "tpc"])).contains("no field begins so"));
}
