//! Mailpath: a teaching lab for e-mail.
//!
//! The order of the modules below is the layering: a module names only modules that stand earlier.

// ground
pub mod time;
pub mod rng;
pub mod engine;
pub mod topology;

// formats and engines (no I/O)
pub mod packet;
pub mod matcher;
pub mod tcp;
pub mod dns;
pub mod smtp;
pub mod message;
pub mod imap;
pub mod http;

// what engines run on
pub mod net;

// the mail system
pub mod action;
pub mod mail;

// the record
//X pub mod trace;

// where engines run
pub mod sim;

// authoring
pub mod scenario;

// telling
//X pub mod explain;
//X pub mod export;

// faces
//X pub mod cli;
