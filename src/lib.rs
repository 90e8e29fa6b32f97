//! Mailpath: a teaching lab for e-mail. Mail servers, user agents, DNS, routers and TCP run in one
//! process, in simulated time, and exchange real bytes on every layer.
//!
//! # The map of the code
//! The order of the `pub mod` lines below **is** the layering: a module names only modules that stand
//! earlier (a test holds this). From the ground up:
//!
//! | layer | modules |
//! |---|---|
//! | ground | [`time`], [`rng`], [`tail`] (letters in shared memory), [`engine`] (the one contract of all protocols), [`topology`] |
//! | formats and engines, no I/O | [`packet`], [`matcher`], [`tcp`], [`tls`], [`dns`], [`smtp`], [`message`], [`imap`], [`pop3`], [`http`], [`auth`], [`raw`] (bytes as they are given) |
//! | what engines run on | [`net`]: links, switches, neighbours |
//! | the mail system | [`action`], [`mail`]: user agents, queue, transfer, delivery, store |
//! | the record | [`trace`]: entries with time, place and cause; the state at any moment; [`dissect`]: packets taken apart |
//! | where engines run | [`sim`]: hosts, routers, the world |
//! | authoring | [`scenario`]: files as typed, checked, ready; [`work`]: work for measuring |
//! | telling | [`explain`]: the record in words, and what stands where; [`chart`]: its geometry; [`filter`]: display filters; [`export`]: captures, JSON Lines |
//! | teaching | [`lesson`]: stops, questions and what is read from the record to answer them; marking |
//! | faces | [`door`]: real sockets and the simulated network; [`cli`]; the window, `gui` (feature `gui`, on by default), with a map of its own |
//!
//! # Follow one byte
//! Alice presses Send ([`action::Action::Send`]). Her user agent writes a letter ([`mail::mua`], [`message`])
//! and an SMTP client ([`smtp::client`]) hands it to [`tcp`], which cuts the stream into segments; [`packet`]
//! makes datagrams of them; links with delay, rate and loss carry them ([`net::link`]) over switches and
//! routers to the far host ([`sim`]), whose TCP puts the stream together again for the SMTP server
//! ([`smtp::server`]). The mail system takes the letter over ([`mail::server`]), puts its Received line in
//! front and the letter into its queue ([`mail::queue`]). The sending side ([`mail::mta`]) finds the next
//! server ([`mail::routing`], [`dns`]) and the way begins again, until a letter lies in a mailbox
//! ([`mail::store`]), from which Bob's mail program fetches it by [`imap`] or [`pop3`].
//!
//! # Reading order
//! [`engine`] (how every protocol is driven), then one engine of your choice ([`smtp::server`] is a good
//! first), [`sim`] (the loop in which one arriving segment is one event), [`trace`] (what is written down),
//! [`scenario`] (where a world comes from).
//!
//! # Rules that hold everywhere
//! - A run is a function of scenario and seed: no clock, no thread's luck, no order of a hash map.
//! - Nothing is pretended: every packet is bytes that an engine wrote and another one read.
//! - Bytes of a peer, files and command lines never make anything panic: they get an answer that says what
//!   was wrong, where, and what would be right.

// ground
pub mod time;
pub mod rng;
pub mod tail;
pub mod engine;
pub mod topology;

// formats and engines (no I/O)
pub mod packet;
pub mod matcher;
pub mod tcp;
pub mod tls;
pub mod dns;
pub mod smtp;
pub mod message;
pub mod imap;
pub mod pop3;
pub mod http;
pub mod auth;
pub mod raw;

// what engines run on
pub mod net;

// the mail system
pub mod action;
pub mod mail;

// the record
pub mod trace;
pub mod dissect;

// where engines run
pub mod sim;

// authoring
pub mod scenario;
pub mod work;

// telling
pub mod explain;
pub mod chart;
pub mod filter;
pub mod export;

// teaching
pub mod lesson;

// faces
pub mod door;
pub mod cli;
#[cfg(feature = "gui")]
pub mod gui;
