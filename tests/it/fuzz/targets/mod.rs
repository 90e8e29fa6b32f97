//! Bodies of the fuzz targets: each takes any bytes and must neither panic nor break what it asserts. They know only
//! what the library shows to everybody, so that the fuzzer (folder `fuzz`) and the suite run the same code.
//!
//! A target is listed once, in [`ALL`]: the suite runs each with seeds that are damaged in a few thousand ways, and with
//! every finding in `tests/it/fuzz/findings/NAME`.

mod access;
mod letters;
mod names;
mod packets;
mod smtp;
mod texts;
mod web;
mod wire;

/// A target.
pub struct Target {
    /// As the fuzzer calls it: `smtp_server`.
    pub name: &'static str,
    /// What is done with the bytes.
    pub run: fn(&[u8]),
    /// Input that is well on its way, for mutations to begin from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How expensive one run is: the suite runs a cheap one (1) more often than a dear one.
    pub cost: u32,
}

const fn target(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>, cost: u32) -> Target {
    Target { name, run, seeds, cost }
}

/// All targets.
pub const ALL: &[Target] = &[
    target("smtp_command", smtp::command, smtp::command_seeds, 1),
    target("smtp_reply", smtp::reply, smtp::reply_seeds, 1),
    target("smtp_address", smtp::address, smtp::address_seeds, 1),
    target("smtp_data", smtp::data, smtp::data_seeds, 1),
    target("smtp_server", smtp::server, smtp::server_seeds, 2),
    target("smtp_client", smtp::client, smtp::client_seeds, 2),
    target("imap_server", access::imap_server, access::imap_server_seeds, 8),
    target("imap_client", access::imap_client, access::imap_client_seeds, 4),
    target("pop3_server", access::pop3_server, access::pop3_server_seeds, 4),
    target("pop3_client", access::pop3_client, access::pop3_client_seeds, 2),
    target("http_server", web::server, web::server_seeds, 2),
    target("http_client", web::client, web::client_seeds, 2),
    target("dns_message", names::message, names::message_seeds, 2),
    target("dns_server", names::server, names::server_seeds, 2),
    target("dns_resolver", names::resolver, names::message_seeds, 4),
    target("letter", letters::letter, letters::letter_seeds, 4),
    target("dkim", letters::dkim, letters::dkim_seeds, 8),
    target("dkim_key", letters::dkim_key, letters::dkim_key_seeds, 4),
    target("spf", letters::spf, letters::spf_seeds, 4),
    target("dmarc", letters::dmarc, letters::dmarc_seeds, 1),
    target("filter", texts::filter, texts::filter_seeds, 4),
    target("scenario", texts::scenario, texts::scenario_seeds, 40),
    target("lesson", texts::lesson, texts::lesson_seeds, 40),
    target("frame", packets::frame, packets::frame_seeds, 4),
    target("capture", packets::capture, packets::capture_seeds, 20),
    target("datagram", packets::datagram, packets::datagram_seeds, 1),
    target("segments", packets::segments, packets::segments_seeds, 4),
    target("tls_records", packets::records, packets::records_seeds, 4),
    target("tls_session", packets::session, packets::session_seeds, 40),
];
