//! The terms that the window underlines, each in two lines and with the RFC that defines it.

use std::ops::Range;

/// A term and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gloss {
    /// The term, as it stands in sentences.
    pub term: &'static str,
    /// What it means, in two lines.
    pub text: &'static str,
    /// Where it is defined: `RFC 5321, section 3.3`.
    pub rfc: &'static str,
}

const fn term(term: &'static str, text: &'static str, rfc: &'static str) -> Gloss {
    Gloss { term, text, rfc }
}

/// All terms, longer ones before those that stand in them.
pub const TERMS: &[Gloss] = &[
    term(
        "user agent",
        "The program with which a person writes and reads mail: the mail reader.\nGmail and Outlook are user agents.",
        "RFC 5598, section 4.2.1",
    ),
    term(
        "mail server",
        "The machine with the mailboxes of its users and a queue of outgoing mail.\nIt is a client when it sends and a server when it receives.",
        "RFC 5598, section 4.3",
    ),
    term(
        "name server",
        "A machine that answers questions of DNS: which address has this name,\nwhich server takes mail for this domain?",
        "RFC 1034, section 2.4",
    ),
    term(
        "queue",
        "Mail on its way out waits here on the sending mail server's disk\nuntil another server has taken it, with a new try from time to time.",
        "RFC 5321, section 4.5.4",
    ),
    term(
        "mailbox",
        "Where a user's mail lies on his own mail server.\nIt fills whether his computer is on or not.",
        "RFC 5321, section 2.3.11",
    ),
    term(
        "envelope",
        "MAIL FROM and RCPT TO: what the mail servers go by.\nThe header's From and To are part of the mail and decide nothing on the way.",
        "RFC 5321, section 2.3.1",
    ),
    term(
        "Header",
        "The first lines of a mail: From, To, Subject, Date.\nAn empty line ends them.",
        "RFC 5322, section 2.2",
    ),
    term(
        "header",
        "The first lines of a mail: From, To, Subject, Date.\nAn empty line ends them.",
        "RFC 5322, section 2.2",
    ),
    term(
        "body",
        "What is written in the mail, behind the empty line.\nIn SMTP it is 7-bit ASCII.",
        "RFC 5322, section 2.3",
    ),
    term(
        "bounce",
        "A mail from a server to the sender: your mail could not be delivered.\nIts own envelope has an empty sender, so that no bounce bounces.",
        "RFC 3464",
    ),
    term(
        "CRLF.CRLF",
        "Carriage return, line feed, a dot, carriage return, line feed:\na line with a dot alone ends the mail.",
        "RFC 5321, section 4.1.1.4",
    ),
    term(
        "SMTP",
        "Simple Mail Transfer Protocol: pushes mail from a client to a server,\nin ASCII commands and replies with a status code and a phrase.",
        "RFC 5321",
    ),
    term(
        "IMAP",
        "Internet Message Access Protocol, a mail access protocol: the reader pulls.\nThe mail stays stored on the server.",
        "RFC 3501",
    ),
    term(
        "POP3",
        "Post Office Protocol, version 3, a mail access protocol: the reader fetches.\nWhat is deleted is removed after QUIT only.",
        "RFC 1939",
    ),
    term("HTTP", "Hypertext Transfer Protocol: the client pulls,\neach object in a response of its own.", "RFC 9110"),
    term(
        "DNS",
        "Domain Name System: turns names into addresses,\nand tells which server takes a domain's mail.",
        "RFC 1035",
    ),
    term(
        "TCP handshake",
        "SYN, SYN-ACK, ACK: three packets after which both ends know\nthat the other one is there. No word of SMTP has been said yet.",
        "RFC 9293, section 3.5",
    ),
    term(
        "TCP",
        "Transmission Control Protocol: carries bytes in both directions\nreliably and in order; what is lost is sent again.",
        "RFC 9293",
    ),
    term(
        "SYN-ACK",
        "The second packet of a TCP connection: the server agrees\nand asks for the other direction.",
        "RFC 9293, section 3.5",
    ),
    term("SYN", "The first packet of a TCP connection:\nthe client asks for it.", "RFC 9293, section 3.5"),
    term(
        "ACK",
        "An acknowledgement of TCP: bytes up to here have arrived.\nIt says nothing about what a program does with them.",
        "RFC 9293, section 3.4",
    ),
    term(
        "FIN",
        "The last packet of one direction of a TCP connection:\nnothing more will be sent.",
        "RFC 9293, section 3.6",
    ),
    term(
        "RST",
        "TCP breaks a connection off, or refuses it:\nnothing listens on that port.",
        "RFC 9293, section 3.5.2",
    ),
    term(
        "port",
        "The number of a program on a machine.\nA mail server listens on port 25 for SMTP.",
        "RFC 9293, section 3.1",
    ),
    term(
        "greeting",
        "220, the first words of an SMTP session: the server says that it is ready.\nSMTP handshaking begins with it.",
        "RFC 5321, section 4.2",
    ),
    term(
        "EHLO",
        "The client says who it is\nand asks what the server can do beyond plain SMTP.",
        "RFC 5321, section 4.1.1.1",
    ),
    term("HELO", "The client says who it is,\nin the old form.", "RFC 5321, section 4.1.1.1"),
    term(
        "MAIL FROM",
        "Begins a mail: the sender of the envelope,\nto whom a bounce would go.",
        "RFC 5321, section 4.1.1.2",
    ),
    term(
        "RCPT TO",
        "One recipient of the envelope.\nThe server takes or refuses each by itself.",
        "RFC 5321, section 4.1.1.3",
    ),
    term(
        "DATA",
        "The mail itself comes next, header and body.\nThe transfer phase begins.",
        "RFC 5321, section 4.1.1.4",
    ),
    term("RSET", "Forget the envelope so far.\nThe connection stays open.", "RFC 5321, section 4.1.1.5"),
    term(
        "QUIT",
        "The client says goodbye; the server answers 221 and closes.\nThe closure phase begins.",
        "RFC 5321, section 4.1.1.10",
    ),
    term(
        "LOGIN",
        "The reader says who he is, with a password.\nOnly then he sees his mailbox.",
        "RFC 3501, section 6.2.3",
    ),
    term(
        "SELECT",
        "Opens a folder of the mailbox.\nThe server tells how many mails lie in it.",
        "RFC 3501, section 6.3.1",
    ),
    term(
        "FETCH",
        "Asks for mails or parts of them.\nThe server sends a copy and keeps the original.",
        "RFC 3501, section 6.4.5",
    ),
    term("EXPUNGE", "Removes all mails marked as deleted.\nThe others move up in number.", "RFC 3501, section 6.4.3"),
    term(
        "STORE",
        "Changes the flags of mails: seen, answered, deleted.\nDeleted is a mark; nothing is removed yet.",
        "RFC 3501, section 6.4.6",
    ),
    term("LOGOUT", "The reader says goodbye;\nthe server answers BYE and closes.", "RFC 3501, section 6.1.3"),
    term(
        "Content-Length",
        "A header field of HTTP: so many bytes of content follow.\nSMTP has a dot on its own line instead.",
        "RFC 9110, section 8.6",
    ),
    term(
        "ARP",
        "Address Resolution Protocol: who on this LAN has this IP address?\nThe answer is an Ethernet address.",
        "RFC 826",
    ),
    term("router", "Forwards packets by their IP address, hop by hop.\nIt reads no mail.", "RFC 1812"),
];

/// What a term means; capital and small letters count.
pub fn gloss(term: &str) -> Option<&'static Gloss> {
    TERMS.iter().find(|g| g.term == term)
}

/// Where terms stand in a text, as ranges of bytes in order; no two overlap.
pub fn terms_in(text: &str) -> Vec<(Range<usize>, &'static Gloss)> {
    let mut found: Vec<(Range<usize>, &'static Gloss)> = Vec::new();
    let joins = |c: char| c.is_alphanumeric() || c == '-';
    for gloss in TERMS {
        for (start, _) in text.match_indices(gloss.term) {
            let end = start + gloss.term.len();
            let alone = !text[..start].ends_with(joins) && !text[end..].starts_with(joins);
            if alone && found.iter().all(|(range, _)| end <= range.start || range.end <= start) {
                found.push((start..end, gloss));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}
