//! From typed to ready: the only judge of what a scenario means. It goes on after a mistake and leaves
//! out what depends on something that was already told.

mod actions;
mod faults;
mod imap;
mod letter;
mod pop3;
mod mail;
mod names;
mod network;
mod packets;
mod programs;
mod raw;
mod services;
mod signing;
mod story;
mod web;

use std::sync::Arc;

use super::problem::Problem;
use super::source::{At, Source, Span};
use super::story::Story;
use super::typed::{Action, File};
use super::words::Name;
use crate::rng::Seed;
use crate::sim::Setup;
use crate::topology::NodeId;

use network::Net;

/// What all parts of the check share.
struct Check {
    source: Arc<Source>,
    problems: Vec<Problem>,
    seed: Seed,
}

impl Check {
    fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.source, span, message)
    }

    /// Once: settings that all hosts share are judged for each of them.
    fn tell(&mut self, problem: Problem) {
        if !self.problems.iter().any(|p| p.same(&problem)) {
            self.problems.push(problem);
        }
    }

    /// The host of this name; tells what is wrong with it.
    fn host(&mut self, net: &Net, name: &At<Name>) -> Option<NodeId> {
        let id = self.node(net, name, "host")?;
        if net.is_host(id) {
            return Some(id);
        }
        let problem = self
            .problem("wrong_role", name.span, format!("`{}` is a {}, not a host", name.0, net.role(id)))
            .label("a host belongs here")
            .suggest(&name.0, net.host_names());
        self.tell(problem);
        None
    }

    /// The node of this name.
    fn node(&mut self, net: &Net, name: &At<Name>, role: &str) -> Option<NodeId> {
        if let Some(id) = net.find(&name.0) {
            return Some(id);
        }
        // A host whose own definition could not be read may be the one that is meant.
        if !net.names_incomplete {
            let known = if role == "host" { net.host_names() } else { net.names() };
            let problem = self
                .problem("unknown_name", name.span, format!("there is no {role} `{}`", name.0))
                .label("does not exist")
                .suggest(&name.0, known);
            self.tell(problem);
        }
        None
    }
}

/// Judges a file, and the actions that a run adds.
pub(super) fn check(
    source: &Arc<Source>,
    file: &File,
    more: &[At<Action>],
    title: String,
    problems: Vec<Problem>,
) -> (Option<(Setup, Story)>, Vec<Problem>) {
    let seed = Seed::new(file.seed.get().map_or(1, |s| s.0));
    let mut check = Check { source: source.clone(), problems, seed };
    let net = network::build(&mut check, file);
    let mut programs = programs::programs(&mut check, file, &net);
    network::routes(&mut check, &net, &programs.talks);
    let actions = actions::actions(&mut check, file, more, &net, &programs);
    let story = story::story(&mut check, file, &net);
    if !check.problems.is_empty() {
        return (None, check.problems);
    }
    let setup = Setup {
        name: title,
        clock: file.clock.or_default(),
        calendar: file.start.or_default(),
        seed,
        arp: file.arp.or_default(),
        nodes: net.nodes(&mut programs.hosts),
        links: net.ready_links(),
        actions,
    };
    (Some((setup, story)), Vec::new())
}
