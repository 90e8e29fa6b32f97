//! Final delivery: out of the transport, into a mailbox (RFC 5321 section 4.4, RFC 5598 section 4.3.3).
//!
//! The envelope ends here. Its sender is kept as one line on top of the letter, `Return-Path:`, written once, by
//! the server that delivers.

use crate::smtp::ReversePath;

/// `Return-Path: <alice@a.example>` with its CRLF.
pub fn return_path(from: &ReversePath) -> String {
    format!("Return-Path: {from}\r\n")
}
