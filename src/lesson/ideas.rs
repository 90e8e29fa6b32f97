//! Wrong ideas that many have, by their tags (curriculum, section 1): for the learner's own profile.

/// Tags and ideas, in the order of the curriculum.
pub const IDEAS: [(&str, &str); 26] = [
    ("M01", "the user agent contacts the recipient's server or computer directly"),
    ("M02", "SMTP is also used to fetch mail"),
    ("M03", "the mail goes straight into the recipient's computer, which must be on"),
    ("M04", "the TCP handshake and the greeting of SMTP are the same thing"),
    ("M05", "the client always speaks first"),
    ("M06", "an ACK of TCP means that the mail was accepted, and 250 that it was read"),
    ("M07", "the To and From lines of the header decide the way"),
    ("M08", "SMTP checks the From address"),
    ("M09", "every recipient costs one transmission, and the far server removes Bcc"),
    ("M10", "a packet is a mail: where the packet ends, the mail ends"),
    ("M11", "a dot alone in a line cannot occur, or does no harm"),
    ("M12", "base64 is encryption"),
    ("M13", "attachments travel as files of their own"),
    ("M14", "the part behind @ is the name of the mail server, and a higher MX number is better"),
    ("M15", "routers or servers on the way keep the mail"),
    ("M16", "any error means that the mail is lost"),
    ("M17", "the recipient's server always writes the bounce"),
    ("M18", "SMTP sends lost packets again"),
    ("M19", "IMAP is POP3 under another name, and what is deleted is gone at once"),
    ("M20", "sequence number and UID are the same"),
    ("M21", "TLS on one hop protects the whole way"),
    ("M22", "SPF protects the From line that the reader sees"),
    ("M23", "a mail server is only ever a server"),
    ("M24", "HTTP and SMTP differ in their commands only"),
    ("M25", "the first Received line is that of the first hop"),
    ("M26", "CRLF and LF are the same"),
];

/// The idea of a tag.
pub fn of(tag: &str) -> Option<&'static str> {
    IDEAS.iter().find(|(known, _)| *known == tag).map(|(_, idea)| *idea)
}
