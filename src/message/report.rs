//! The bounce: a delivery status notification (RFC 3464) in a multipart/report (RFC 6522).

use std::fmt::Write;
use std::sync::Arc;

use super::{Stamp, header_end};
use crate::smtp::options::{Ret, from_xtext};
use crate::smtp::{Address, Options, Reply, Status};

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

/// A bounce in the making.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The server that writes it.
    pub host: &'a str,
    /// Who is told.
    pub to: &'a Address,
    /// Who does not get the letter.
    pub failed: &'a [Failed],
    /// The letter.
    pub letter: &'a [u8],
    /// The sender's wishes (RFC 3461).
    pub options: &'a Options,
    /// Message-ID and boundary.
    pub stamp: &'a Stamp,
    /// An RFC 5322 date.
    pub date: &'a str,
}

impl Report<'_> {
    /// Writes it.
    pub fn write(&self) -> Arc<[u8]> {
        let Report { host, to, failed, letter: _, options, stamp, date } = self;
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
        let quoted = self.quoted();
        if !quoted.is_ascii() {
            line(format_args!("Content-Transfer-Encoding: 8bit"));
        }
        line(format_args!(""));
        line(format_args!("--{boundary}"));
        line(format_args!("Content-Type: text/plain; charset=us-ascii"));
        line(format_args!(""));
        line(format_args!("This is the mail server {host}. Your mail could not be delivered to:"));
        line(format_args!(""));
        for f in *failed {
            line(format_args!("<{}>: {}", f.recipient, f.reason));
        }
        line(format_args!(""));
        line(format_args!("--{boundary}"));
        line(format_args!("Content-Type: message/delivery-status"));
        line(format_args!(""));
        if let Some(envid) = &options.envid {
            line(format_args!("Original-Envelope-Id: {}", from_xtext(envid)));
        }
        line(format_args!("Reporting-MTA: dns; {host}"));
        for f in *failed {
            line(format_args!(""));
            let wish = options.recipients.get(&f.recipient);
            if let Some((kind, address)) = wish.and_then(|w| w.orcpt.as_deref()).and_then(|o| o.split_once(';')) {
                line(format_args!("Original-Recipient: {kind}; {}", from_xtext(address)));
            }
            line(format_args!("Final-Recipient: rfc822; {}", f.recipient));
            line(format_args!("Action: failed"));
            line(format_args!("Status: {}", f.status()));
            if let Some(reply) = &f.reply {
                line(format_args!("Diagnostic-Code: smtp; {reply}"));
            }
        }
        line(format_args!(""));
        line(format_args!("--{boundary}"));
        let whole = options.ret == Some(Ret::Full);
        line(format_args!("Content-Type: {}", if whole { "message/rfc822" } else { "text/rfc822-headers" }));
        if !quoted.is_ascii() {
            line(format_args!("Content-Transfer-Encoding: 8bit"));
        }
        line(format_args!(""));
        let mut bytes = out.into_bytes();
        bytes.extend_from_slice(quoted);
        bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        bytes.into()
    }

    /// What of the letter is quoted: its header, unless the sender asked for all of it (RFC 3461 section 4.3).
    fn quoted(&self) -> &[u8] {
        match self.options.ret {
            Some(Ret::Full) => self.letter,
            _ => &self.letter[..header_end(self.letter)],
        }
    }
}

impl Failed {
    /// RFC 3464 section 2.3.4: the server's own enhanced status code if it said one; else what is known.
    fn status(&self) -> Status {
        let said = self.reply.as_ref().and_then(|r| Status::of(r).or(Status::undefined(r.code)));
        // Without a reply the reason may begin with one: it was this server that found out.
        let own = || Status::split(&self.reason).0;
        said.filter(|s| s.class != 2).or_else(own).unwrap_or(Status { class: 4, subject: 0, detail: 0 })
    }
}
