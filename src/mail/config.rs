//! Settings of mail servers and user agents (curriculum: protocol profile).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::time::Duration;

/// A mail server's settings (curriculum: protocol profile).
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Domains whose mailboxes are here, lower case.
    pub domains: Vec<String>,
    /// Users with mailboxes.
    pub users: Vec<User>,
    /// Other names of users: `postmaster` -> `alice`.
    pub aliases: BTreeMap<String, String>,
    /// Networks whose hosts may send to foreign domains through this server.
    pub relay_for: Vec<(Ipv4Addr, u8)>,
    /// Port of the SMTP service, if it has one (25).
    pub smtp_port: Option<u16>,
    /// Port of the IMAP service, if it has one (143).
    pub imap_port: Option<u16>,
    /// Port of the POP3 service, if it has one (110).
    pub pop3_port: Option<u16>,
    /// Its greeting has a timestamp, so that clients can log in with APOP.
    pub apop: bool,
    /// Greets with EHLO (true) or HELO when it is the client.
    pub ehlo: bool,
    /// Exact `MAIL FROM:<...>` required.
    pub strict_syntax: bool,
    /// Doubles leading dots when it is the client; off is a fault.
    pub dot_stuffing: bool,
    /// Lines of the reply to EHLO: `SIZE 10240`, `PIPELINING`.
    pub extensions: Vec<String>,
    /// Says MAIL, RCPT and DATA together when it is the client of a server that offers PIPELINING.
    pub pipelining: bool,
    /// Largest letter that is taken, in bytes.
    pub largest: Option<usize>,
    /// Several queued mails for one server share one connection.
    pub reuse_connection: bool,
    /// Waiting time of a mail that has just come in before it is tried.
    pub pickup_delay: Duration,
    /// Waiting time after each attempt, counted from its start; the last one repeats.
    pub retry: Vec<Duration>,
    /// When a mail that could not be delivered is returned.
    pub expire: Duration,
    /// Mails that are in mailboxes when the run begins.
    pub stored: Vec<StoredMail>,
    /// Folders besides INBOX: (user, folder).
    pub folders: Vec<(String, String)>,
}

impl Default for MailServer {
    /// The profile of the course: no user, no service, the retry times of RFC 5321 section 4.5.4.1.
    fn default() -> Self {
        MailServer {
            domains: Vec::new(),
            users: Vec::new(),
            aliases: BTreeMap::new(),
            relay_for: Vec::new(),
            smtp_port: None,
            imap_port: None,
            pop3_port: None,
            apop: false,
            ehlo: true,
            strict_syntax: true,
            dot_stuffing: true,
            extensions: Vec::new(),
            pipelining: false,
            largest: None,
            reuse_connection: true,
            pickup_delay: Duration::from_secs(1),
            retry: vec![Duration::from_secs(1800), Duration::from_secs(7200)],
            expire: Duration::from_secs(5 * 86_400),
            stored: Vec::new(),
            folders: Vec::new(),
        }
    }
}

/// A user of a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Local part and login name.
    pub name: String,
    /// A teaching value.
    pub password: String,
}

/// A mail that lies in a mailbox from the start.
#[derive(Clone, Debug)]
pub struct StoredMail {
    /// Whose.
    pub user: String,
    /// `INBOX` or another folder.
    pub folder: String,
    /// Its UID; `None`: the next free one.
    pub uid: Option<u32>,
    /// The letter.
    pub bytes: Arc<[u8]>,
}

/// An account of a mail program.
#[derive(Clone, Debug)]
pub struct UserAgent {
    /// `alice@a.example`.
    pub address: String,
    /// Name shown in From, if any.
    pub display_name: Option<String>,
    /// Login name at the server.
    pub user: String,
    /// A teaching value.
    pub password: String,
    /// Name of the server to which it sends (a host's full name), and its port.
    pub smtp: Option<(String, u16)>,
    /// Name of the server from which it reads, and its port.
    pub imap: Option<(String, u16)>,
    /// Name of the server from which it fetches by POP3, and its port.
    pub pop3: Option<(String, u16)>,
    /// Greets with EHLO (true) or HELO.
    pub ehlo: bool,
    /// Doubles leading dots; off is a fault.
    pub dot_stuffing: bool,
}
