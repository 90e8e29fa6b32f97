//! Lessons in a terminal: `mailpath lesson`, `grade`, `check`, as their user starts them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mailpath::lesson::Session;
use mailpath::lesson::results::Results;

use super::learner::{Plan, answers, typed};
use super::lesson;

fn mailpath(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailpath"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has ended before it read everything is no fault of the test.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// What a learner types who knows everything (or makes the planned mistakes), from the first prompt to the last.
fn keys(id: &str, seed: Option<u64>, plan: impl Fn(&str) -> Plan) -> String {
    let mut session = Session::new(lesson(id), seed, "en").unwrap();
    let mut lines = String::new();
    let zero = std::time::Duration::ZERO;
    let prove = |session: &mut Session, n: usize, lines: &mut String| {
        let outcome = session.outcome(n).unwrap().unwrap();
        if session.lesson.questions[n].prove.is_empty() || outcome.parts.is_empty() {
            return;
        }
        let (_, entry) = outcome.proof.unwrap();
        let proofs = session.proofs(n);
        let at = proofs.iter().position(|(a, _)| *a == mailpath::lesson::answer::Answer::Event(entry.0)).unwrap();
        lines.push_str(&format!("{}\n", mailpath::lesson::answer::letter(at)));
        assert_eq!(session.prove(n, entry), Ok(true));
    };
    loop {
        if let mailpath::lesson::plan::Halt::Reveal(n) = session.moment().halt {
            prove(&mut session, n, &mut lines);
        }
        while let Some(n) = session.open() {
            let planned = plan(&session.lesson.questions[n].id);
            if planned == Plan::Skip {
                lines.push_str("skip\n");
                session.skip(zero).unwrap();
                continue;
            }
            let given = answers(&session, n, &planned);
            for (part, answer) in given.iter().enumerate() {
                lines.push_str(&format!("{}\n", typed(&session.asking(n, part), answer)));
            }
            session.lock(n, given, zero).unwrap();
            let checked = session.outcome(n).unwrap();
            if let Some(outcome) = checked {
                prove(&mut session, n, &mut lines);
                if !outcome.right {
                    lines.push('\n');
                }
            }
        }
        if session.forward(zero).is_err() {
            return lines;
        }
    }
}

#[test]
fn each_lesson_is_taken_in_a_terminal_with_full_marks() {
    for (id, seed) in
        [("L01", None), ("L02", None), ("L10", None), ("L01", Some(5)), ("L02", Some(9)), ("L10", Some(3))]
    {
        let path = file(&format!("right-{id}-{}.json", seed.unwrap_or(0)));
        let number = seed.map(|s| s.to_string());
        let mut arguments = vec!["lesson", id, "--name", "Ada", "--results", path.to_str().unwrap()];
        if let Some(number) = &number {
            arguments.extend(["--seed", number]);
        }
        let done = mailpath(&arguments, &keys(id, seed, |_| Plan::Right));
        let said = text(&done.stdout);
        assert!(done.status.success(), "{}", text(&done.stderr));
        assert!(said.contains("6 of 6 right, 6 attempted, 0 skipped"), "{said}");
        assert!(!said.contains("not as it happened") && !said.contains("Not that one"), "{said}");
        let results = Results::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((results.marks.right, results.learner.as_str(), results.seed), (6, "Ada", seed));
        let graded = mailpath(&["grade", path.to_str().unwrap()], "");
        assert!(graded.status.success(), "{}", text(&graded.stdout));
    }
}

/// The whole text of a lesson with two mistakes and a skipped question, as it is printed.
#[test]
fn a_lesson_reads_well() {
    let plan = |id: &str| match id {
        "1.1" => Plan::Choose(String::new(), "two".to_owned()),
        "1.3" => Plan::Choose(String::new(), "none".to_owned()),
        "1.4" => Plan::Skip,
        _ => Plan::Right,
    };
    let done = mailpath(&["lesson", "L01"], &keys("L01", None, plan));
    insta::assert_snapshot!("lesson_l01", text(&done.stdout));
}

/// Nothing that answers a question is printed before it is locked: the words of a rule, or a feedback, come behind.
#[test]
fn nothing_is_told_before_it_is_locked() {
    for id in ["L01", "L02", "L10"] {
        let lesson = lesson(id);
        let texts = lesson.texts("en");
        let all = keys(id, None, |_| Plan::Right);
        let lines: Vec<&str> = all.lines().collect();
        // Left after each line that is typed: what is on the screen then.
        for typed in 0..lines.len() {
            let input = lines[..typed].join("\n") + "\n";
            let done = mailpath(&["lesson", id], if typed == 0 { "" } else { &input });
            let said = text(&done.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
            let locked = said.matches("Locked.").count() + said.matches(" (check)").count();
            for question in lesson.questions.iter() {
                let rule = texts.question(&question.id).unwrap().rule.as_ref().unwrap().value.clone();
                let rule = rule.split_whitespace().collect::<Vec<_>>().join(" ").replace(['*', '`'], "");
                if said.contains(&rule) {
                    let shown = said.find(&rule).unwrap();
                    let asked = said.find(&format!("Question {} (", question.id)).unwrap();
                    let told = said.find(&format!("Question {}: ", question.id)).unwrap();
                    assert!(asked < told && told < shown && locked > 0, "{id} {}", question.id);
                }
            }
        }
    }
}

#[test]
fn a_wrong_word_is_told_what_is_expected_and_nothing_is_lost() {
    let done = mailpath(&["lesson", "L01"], "three\n3,00\n-\n3\nleave\n");
    let said = text(&done.stdout);
    assert_eq!(said.matches("is not a number: write digits").count(), 3, "{said}");
    assert!(
        said.contains("Locked.") && said.contains("0 of 6 right, 1 attempted")
            || said.contains("1 of 6 right, 1 attempted"),
        "{said}"
    );
    let done = mailpath(&["lesson", "L17"], "");
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("Did you mean L07?"), "{}", text(&done.stderr));
}

#[test]
fn a_changed_results_file_is_found_out_by_grade() {
    let (good, bad, none) = (file("good.json"), file("bad.json"), file("none.json"));
    let plan = |id: &str| if id == "2.5" { Plan::Choose(String::new(), "rcpt".to_owned()) } else { Plan::Right };
    let keys = keys("L02", Some(12), plan);
    let arguments = ["lesson", "L02", "--seed", "12", "--name", "=cmd()", "--results", good.to_str().unwrap()];
    assert!(mailpath(&arguments, &keys).status.success());
    let written = fs::read_to_string(&good).unwrap();
    fs::write(&bad, written.replacen("\"right\": false", "\"right\": true", 1)).unwrap();
    fs::write(&none, "{}").unwrap();
    let table = file("table.csv");
    let names = [&good, &bad, &none].map(|p| p.to_str().unwrap());
    let done = mailpath(&["grade", names[0], names[1], names[2], "--csv", table.to_str().unwrap()], "");
    let said = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains("5 of 6 right") && said.contains("the file was changed after it was written"), "{said}");
    assert!(said.contains("question 2.5: the file says right with M06, the replay says wrong with M06"), "{said}");
    assert!(said.contains("this is no results file: line 1, column 2"), "{said}");
    assert!(text(&done.stderr).contains("2 files are not as the replay has them"));
    let rows = fs::read_to_string(&table).unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows.len(), 4);
    assert!(rows[1].contains("'=cmd(),L02,1,12,replayed,6,5,6,0,") && rows[1].contains("M06"), "{}", rows[1]);
    assert!(rows[2].contains(",doubtful,") && rows[3].contains(",unreadable,"), "{rows:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// A teacher copies a lesson, changes its words and its numbers, and `check` says whether it holds.
#[test]
fn a_copied_lesson_is_checked_and_taken() {
    let own = file("own-lesson");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/L02"), &own);
    let done = mailpath(&["check", own.to_str().unwrap()], "");
    assert!(done.status.success() && text(&done.stdout).contains("no mistakes"), "{}", text(&done.stderr));
    let structure = own.join("lesson.json");
    let text_of = fs::read_to_string(&structure).unwrap();
    fs::write(&structure, text_of.replacen("\"golden\": 700", "\"golden\": 650", 1)).unwrap();
    let done = mailpath(&["check", structure.to_str().unwrap()], "");
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains("the record says 700") && said.contains("lesson.json:1"), "{said}");
}
