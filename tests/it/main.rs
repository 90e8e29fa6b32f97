//! Tests of the whole program. This file is their table of contents.

mod captures;
mod cli;
mod clones;
mod follow;
mod golden;
mod layers;
mod record;
mod runs;
mod scenario_files;
mod scenario_mistakes;
mod scenario_mutations;
