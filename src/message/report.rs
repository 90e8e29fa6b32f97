//! What a sender is told: a delivery status notification (RFC 3464) in a multipart/report (RFC 6522). Mostly it is a
//! bounce; of a delay or of success a sender hears who has asked for it (RFC 3461).

use std::fmt::Write;
use std::sync::Arc;

use super::{Stamp, header_end};
use crate::smtp::options::{Ret, from_xtext};
use crate::smtp::{Address, Options, Reply, Status};
use crate::time::Instant;

/// What became of a mail (RFC 3464 section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It could not be delivered.
    Failed,
    /// It could not be delivered yet; it is tried again until then.
    Delayed(Instant),
    /// It lies in the mailbox.
    Delivered,
    /// It went on to a server that will say no more of it, because it does not know how.
    Relayed,
}

impl Fate {
    /// As in the field Action.
    pub const fn name(self) -> &'static str {
        match self {
            Fate::Failed => "failed",
            Fate::Delayed(_) => "delayed",
            Fate::Delivered => "delivered",
            Fate::Relayed => "relayed",
        }
    }

    const fn subject(self) -> &'static str {
        match self {
            Fate::Failed => "Undelivered mail returned to sender",
            Fate::Delayed(_) => "Delayed mail (still being tried)",
            Fate::Delivered | Fate::Relayed => "Successful mail delivery report",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Fate::Failed => "Your mail could not be delivered to:",
            Fate::Delayed(_) => "Your mail could not be delivered yet, and is tried again, to:",
            Fate::Delivered => "Your mail was delivered to:",
            Fate::Relayed => "Your mail was handed to a server that sends no reports, for:",
        }
    }
}

/// A recipient that was given up, or of whom there is something else to report.
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
    /// Of whom: those who do not get the letter, if it is a bounce.
    pub failed: &'a [Failed],
    /// What has become of it.
    pub fate: Fate,
    /// Until when it is tried, as an RFC 5322 date, if it is delayed.
    pub until: &'a str,
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
        let Report { host, to, failed, fate, until, letter: _, options, stamp, date } = self;
        let boundary = &stamp.boundary;
        let mut out = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| {
            // Writing to a String cannot fail.
            let _ = out.write_fmt(text);
            out.push_str("\r\n");
        };
        line(format_args!("From: Mail Delivery System <MAILER-DAEMON@{host}>"));
        line(format_args!("To: <{to}>"));
        line(format_args!("Subject: {}", fate.subject()));
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
        line(format_args!("This is the mail server {host}. {}", fate.sentence()));
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
            line(format_args!("Action: {}", fate.name()));
            line(format_args!("Status: {}", f.status(*fate)));
            if let Some(reply) = &f.reply {
                line(format_args!("Diagnostic-Code: smtp; {reply}"));
            }
            if let Fate::Delayed(_) = fate {
                line(format_args!("Will-Retry-Until: {}", until));
            }
        }
        line(format_args!(""));
        line(format_args!("--{boundary}"));
        let whole = self.is_whole();
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

    /// What of the letter is quoted: its header, unless the sender asked for all of it and did not get it delivered
    /// (RFC 3461 section 4.3); of a binary letter no more than the header, for a report is lines.
    fn quoted(&self) -> &[u8] {
        if self.is_whole() { self.letter } else { &self.letter[..header_end(self.letter)] }
    }

    fn is_whole(&self) -> bool {
        self.fate == Fate::Failed && self.options.ret == Some(Ret::Full) && !self.options.is_binary()
    }
}

impl Failed {
    /// RFC 3464 section 2.3.4: the server's own enhanced status code if it said one; else what is known.
    fn status(&self, fate: Fate) -> Status {
        let said = self.reply.as_ref().and_then(|r| Status::of(r).or(Status::undefined(r.code)));
        // Without a reply the reason may begin with one: it was this server that found out.
        let own = || Status::split(&self.reason).0;
        let good = matches!(fate, Fate::Delivered | Fate::Relayed);
        let class = if good { 2 } else { 4 };
        said.filter(|s| (s.class == 2) == good).or_else(own).unwrap_or(Status { class, subject: 0, detail: 0 })
    }
}
