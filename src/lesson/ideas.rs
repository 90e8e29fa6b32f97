//! Wrong ideas that answers show (curriculum, section 1). A lesson names them by their tags, so that a learner and a
//! class can see which of them they hold.

/// Tags and what they stand for, in one sentence each.
pub const IDEAS: &[(&str, &str)] = &[
    ("M01", "the user agent contacts the recipient's server, or his computer, directly"),
    ("M02", "SMTP is used to fetch mail too"),
    ("M03", "mail goes straight into the recipient's computer, which must be on"),
    ("M04", "the TCP handshake and the SMTP greeting are the same thing"),
    ("M05", "the client always speaks first"),
    ("M06", "a TCP ACK means that the mail was accepted, or 250 means that it was read"),
    ("M07", "To and From in the header decide the route: envelope and header are one"),
    ("M08", "SMTP checks the From address"),
    ("M09", "every recipient costs a transmission, or the far server takes Bcc away"),
    ("M10", "a packet is a mail: where a packet ends, the mail ends"),
    ("M11", "a lone dot in the text cannot be, or does no harm, or is the user's business"),
    ("M12", "base64 is encryption"),
    ("M13", "attachments travel as separate files"),
    ("M14", "what stands behind the @ is the mail server, or a higher MX number is better"),
    ("M15", "routers or other servers store the mail on its way"),
    ("M16", "any error means that the mail is lost and must be sent again by its user"),
    ("M17", "the recipient's server always writes the bounce"),
    ("M18", "SMTP sends lost packets again, or TCP sends mails again"),
    ("M19", "IMAP is POP3 with another name: what is deleted is gone everywhere at once"),
    ("M20", "sequence number and UID are the same"),
    ("M21", "TLS on one hop protects the whole way"),
    ("M22", "SPF protects the From line that the reader sees"),
    ("M23", "a mail server is only a server and never a client"),
    ("M24", "HTTP and SMTP differ only in their commands"),
    ("M25", "the topmost Received line is the first hop"),
    ("M26", "CRLF and LF are the same"),
];

/// What a tag stands for.
pub fn of(tag: &str) -> Option<&'static str> {
    IDEAS.iter().find(|(known, _)| *known == tag).map(|(_, text)| *text)
}
