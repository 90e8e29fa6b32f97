//! Mailpath: a teaching lab for e-mail.
//!
//! The order of the modules below is the layering: a module names only modules that stand earlier.

// ground
pub mod engine;
pub mod rng;
pub mod time;
pub mod topology;

// formats and engines (no I/O)
//X pub mod dns;
//X pub mod http;
//X pub mod imap;
pub mod matcher;
pub mod message;
pub mod packet;
pub mod smtp;
//X pub mod tcp;

// the mail system
//X pub mod action;
//X pub mod mail;

// the record
//X pub mod trace;

// where engines run
pub mod net;
//X pub mod sim;

// authoring
//X pub mod scenario;

// telling
//X pub mod explain;
//X pub mod export;

// faces
//X pub mod cli;
