//! The bounce: a delivery status notification (RFC 3464) in a multipart/report (RFC 6522).

use std::fmt::Write;
use std::sync::Arc;

use super::{Stamp, header_end};
use crate::smtp::{Address, Reply};

/// A recipient that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Who.
    pub recipient: Address,
    /// The server's last word, if it was a reply.
    pub reply: Option<Reply>,
    /// Why, in words.
    pub reason: String,
}

/// Writes the bounce that server `host` sends to `to` about `letter`. `date` is an RFC 5322 date.
pub fn report(host: &str, to: &Address, failed: &[Failed], letter: &[u8], stamp: &Stamp, date: &str) -> Arc<[u8]> {
    let boundary = &stamp.boundary;
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _ = out.write_fmt(text);
        out.push_str("\r\n");
    };
    line(format_args!("From: Mail Delivery System <MAILER-DAEMON@{host}>"));
    line(format_args!("To: <{to}>"));
    line(format_args!("Subject: Undelivered mail returned to sender"));
    line(format_args!("Date: {date}"));
    line(format_args!("Message-ID: <{}>", stamp.message_id));
    line(format_args!("Auto-Submitted: auto-replied"));
    line(format_args!("MIME-Version: 1.0"));
    line(format_args!("Content-Type: multipart/report; report-type=delivery-status;"));
    line(format_args!("\tboundary=\"{boundary}\""));
    line(format_args!(""));
    line(format_args!("--{boundary}"));
    line(format_args!("Content-Type: text/plain; charset=us-ascii"));
    line(format_args!(""));
    line(format_args!("This is the mail server {host}. Your mail could not be delivered to:"));
    line(format_args!(""));
    for f in failed {
        line(format_args!("<{}>: {}", f.recipient, f.reason));
    }
    line(format_args!(""));
    line(format_args!("--{boundary}"));
    line(format_args!("Content-Type: message/delivery-status"));
    line(format_args!(""));
    line(format_args!("Reporting-MTA: dns; {host}"));
    for f in failed {
        line(format_args!(""));
        line(format_args!("Final-Recipient: rfc822; {}", f.recipient));
        line(format_args!("Action: failed"));
        let status = match &f.reply {
            Some(r) if r.is_permanent() => "5.0.0",
            _ => "4.0.0",
        };
        line(format_args!("Status: {status}"));
        if let Some(reply) = &f.reply {
            line(format_args!("Diagnostic-Code: smtp; {reply}"));
        }
    }
    line(format_args!(""));
    line(format_args!("--{boundary}"));
    line(format_args!("Content-Type: text/rfc822-headers"));
    line(format_args!(""));
    let mut bytes = out.into_bytes();
    let headers = header_end(letter);
    bytes.extend_from_slice(&letter[..headers]);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    bytes.into()
}
