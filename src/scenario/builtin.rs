//! The scenarios of the folder `scenarios/`, built into the program.

use super::{Problem, Problems, Scenario, Source, parse, source::Span};
use std::sync::Arc;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../scenarios/", $name, ".json")))),*]
    };
}

/// Name and text of each, in the order in which they are shown.
pub const BUILT_IN: &[(&str, &str)] = built_in![
    "six-steps",
    "one-conversation",
    "talk-smtp",
    "push-and-pull",
    "lone-dot",
    "envelope",
    "mail-exchangers",
    "extensions",
    "starttls",
    "seven-bits",
    "submission",
    "who-holds-it",
    "disturbed",
    "server-down",
    "packet-loss",
    "imap-folders",
    "any-sender",
    "mailing-list",
    "smuggling",
    "two-devices",
    "mail-access",
    "webmail",
    "own-client",
    "arp",
];

/// A built-in scenario by its name.
///
/// # Errors
/// A name that is not among them.
pub fn load_builtin(name: &str) -> Result<Scenario, Problems> {
    match BUILT_IN.iter().find(|b| b.0 == name) {
        Some((name, text)) => parse(&format!("scenarios/{name}.json"), text),
        None => {
            let source = Arc::new(Source::new("scenario", name));
            let whole = Span { start: 0, end: name.len() };
            let problem =
                Problem::new("unknown_scenario", &source, whole, format!("there is no built-in scenario `{name}`"))
                    .label("this name")
                    .suggest(name, BUILT_IN.iter().map(|b| b.0));
            Err(Problems::new(vec![problem]))
        }
    }
}
