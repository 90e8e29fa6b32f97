//! IMAP4rev1 (RFC 3501): client and server as engines without I/O.

pub mod client;
