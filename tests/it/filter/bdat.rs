//! Letters that come in pieces (RFC 3030), which no built-in scenario has, and binary ones: as Wireshark has them.

use mailpath::filter::Filter;

use super::selection::difference;
use super::{captured, export};
use crate::runs::{Run, run_with};

const EXPRESSIONS: [&str; 13] = [
    "smtp",
    "smtp.req",
    "smtp.rsp",
    "smtp.req.command == \"BDAT\"",
    "smtp.req.parameter contains \"LAST\"",
    "smtp.req.command == \"QUIT\"",
    "data-text-lines",
    "smtp.data.reassembled.in",
    "smtp.data.fragment",
    "smtp.eom",
    "imf",
    "imf.subject",
    "smtp.response.code == 250",
];

fn runs() -> [(&'static str, Run); 2] {
    let smtp = |user: &str, settings: &str| {
        let bare = format!("\"users\": [{{ \"name\": \"{user}\" }}], \"smtp\": {{}}");
        let full = bare.replace("{}", settings);
        (bare, full)
    };
    let chunking = smtp("alice", "{ \"chunking\": true }");
    let offered = smtp("bob", "{ \"extensions\": [\"CHUNKING\", \"BINARYMIME\"] }");
    let binary = ("\"attachments\": [".to_owned(), "\"binary\": true, \"attachments\": [".to_owned());
    let run = |first: &(String, String)| run_with("seven-bits", "1", &[(&first.0, &first.1), (&offered.0, &offered.1)]);
    [("lines", run(&chunking)), ("binary", run(&binary))]
}

#[test]
fn no_line_of_a_piece_is_a_command() {
    for (name, run) in runs() {
        let capture = captured(&run);
        let count = |filter: &str| Filter::new(filter).unwrap().select(&capture).len();
        assert_eq!(
            count("smtp.req"),
            count("smtp.req.command in {\"EHLO\", \"MAIL\", \"RCPT\", \"BDAT\", \"QUIT\"}"),
            "{name}"
        );
        assert_eq!((count("smtp.req.command == \"QUIT\""), count("smtp.eom")), (1, 0), "{name}");
        assert!(count("smtp.data.reassembled.in") >= 3, "{name}");
    }
}

#[test]
#[ignore = "needs tshark; .ci/run installs it and runs this"]
fn pieces_of_bdat_are_what_they_are_for_wireshark() {
    let mut wrong = Vec::new();
    for (name, run) in runs() {
        let run = export(name, &run);
        wrong.extend(EXPRESSIONS.iter().filter_map(|expression| difference(&run, expression)));
        std::fs::remove_file(&run.file).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
