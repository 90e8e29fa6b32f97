//! Mailpath: a teaching lab for e-mail.
//!
//! The order of the modules below is the layering: a module names only modules that stand earlier.

// ground
pub mod engine;
pub mod rng;
pub mod time;

// formats and engines (no I/O)
pub mod dns;
pub mod http;
pub mod imap;
pub mod matcher;
pub mod message;
pub mod packet;
pub mod smtp;
pub mod tcp;

// the mail system
pub mod action;
pub mod mail;

// the record
pub mod trace;

// where engines run
pub mod net;
pub mod sim;

// authoring
pub mod scenario;

// telling
pub mod explain;
pub mod export;

// faces
pub mod cli;
