//! Tests of the whole program. This file is their table of contents.

mod captures;
mod cli;
mod clones;
mod conformance;
mod conservation;
mod dissect;
mod filter;
mod follow;
mod golden;
mod golden_senders;
mod golden_tls;
mod golden_smtp;
mod golden_imap;
mod golden_access;
mod golden_web;
mod http_examples;
mod layers;
mod lesson;
mod lessons;
mod maps;
mod realistic;
mod record;
mod runs;
mod scenario_files;
mod scenario_mistakes;
mod scenario_mutations;
mod stops;
#[cfg(feature = "gui")]
mod window;
