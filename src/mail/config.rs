//! Settings of mail servers and user agents (curriculum: protocol profile).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::auth::dkim;
use crate::engine::TlsPolicy;
use crate::imap::Extension;
use crate::smtp::Address;
use crate::smtp::client::Login;
use crate::smtp::server::Verify;
use crate::smtp::{LineEnds, StartTls};
use crate::time::Duration;

/// What a server does with a letter of eight bits whose next server takes seven (RFC 6152 section 3), and with a binary
/// one whose next server takes lines (RFC 3030 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EightBit {
    /// Encodes its parts anew.
    #[default]
    Encode,
    /// Returns it to the sender.
    Return,
}

/// The submission service (RFC 6409).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionService {
    /// 587.
    pub port: u16,
    /// Lines of the reply to EHLO: `AUTH PLAIN`.
    pub extensions: Vec<String>,
    /// MAIL without login is refused with 530.
    pub login_required: bool,
}

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
    /// The submission service, if it has one.
    pub submission: Option<SubmissionService>,
    /// Port of the IMAP service, if it has one (143).
    pub imap_port: Option<u16>,
    /// TLS of the SMTP service.
    pub smtp_tls: ServiceTls,
    /// TLS of the IMAP service: `Required` and `Unavailable` are `Offered` there, which takes no login without it.
    pub imap_tls: ServiceTls,
    /// What its services show.
    pub certificate: Certificate,
    /// What it does about TLS when it is the client.
    pub client_tls: TlsPolicy,
    /// What the IMAP service offers beyond RFC 3501.
    pub imap_extensions: Vec<Extension>,
    /// Port of the POP3 service, if it has one (110).
    pub pop3_port: Option<u16>,
    /// TLS of the POP3 service, as of IMAP: by STLS (RFC 2595 section 4).
    pub pop3_tls: ServiceTls,
    /// Its greeting has a timestamp, so that clients can log in with APOP.
    pub apop: bool,
    /// Greets with EHLO (true) or HELO when it is the client.
    pub ehlo: bool,
    /// Exact `MAIL FROM:<...>` required.
    pub strict_syntax: bool,
    /// Doubles leading dots when it is the client; off is a fault.
    pub dot_stuffing: bool,
    /// What its SMTP services take for the end of a line.
    pub line_ends: LineEnds,
    /// What becomes of a bare LF in a letter when it is the client: `Lenient` passes it on.
    pub client_line_ends: LineEnds,
    /// Lines of the reply to EHLO: `SIZE 10240`, `PIPELINING`.
    pub extensions: Vec<String>,
    /// Says MAIL, RCPT and DATA together when it is the client of a server that offers PIPELINING.
    pub pipelining: bool,
    /// Greylisting: a first attempt of an unknown host, sender and recipient gets 451, and so does each that comes
    /// earlier than so long after the first.
    pub greylist: Option<Duration>,
    /// What becomes of a letter of eight bits where only seven are taken, and of a binary one where only lines are.
    pub eight_bit: EightBit,
    /// Sends every letter with BDAT when it is the client of a server that offers CHUNKING; binary ones go so in any case.
    pub chunking: bool,
    /// What VRFY is answered with.
    pub verify: Verify,
    /// EXPN is answered.
    pub expand: bool,
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
    /// What is checked of mail from hosts outside of `relay_for`.
    pub checks: Checks,
    /// MAIL is refused when SPF says `fail`; else that is only written down.
    pub reject_spf_fail: bool,
    /// Signs mail of its domain that goes to other servers.
    pub dkim: Option<Arc<dkim::Signer>>,
    /// Mailing lists of its first domain.
    pub lists: Vec<MailingList>,
    /// Whose the envelope of a forwarded letter is.
    pub forward_sender: ForwardSender,
    /// Other servers' domains for which it takes mail from everybody, to hand it on.
    pub backup_for: Vec<String>,
    /// It sends mail of everybody to everybody.
    pub open_relay: bool,
    /// Asks DNS for the names of its clients' addresses before it greets.
    pub looks_up_peer: bool,
    /// Room for mail on the disk in bytes, besides what is there from the start; `None`: no limit.
    pub disk_free: Option<u64>,
    /// When it looks whether there is room on the disk.
    pub disk_check: DiskCheck,
    /// What it says of a mailbox without room.
    pub over_quota: OverQuota,
    /// After so long in the queue a sender who wished it is told of the delay (RFC 3461 section 4.1).
    pub delay_notice: Duration,
    /// Domains whose mail goes to a certain host, whatever DNS says.
    pub routes: Vec<FixedRoute>,
}

/// When a server looks whether its disk has room, besides the end of data, where it must.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiskCheck {
    /// At MAIL.
    #[default]
    Mail,
    /// At RCPT.
    Rcpt,
    /// When the letter is there, and not before.
    EndOfData,
}

/// What a server says of a mailbox without room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverQuota {
    /// 452: the letter stays in the other server's queue, until somebody has cleared up.
    #[default]
    Defer,
    /// 552: it goes back to its sender.
    Refuse,
}

/// Whose name stands in MAIL when a letter is forwarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardSender {
    /// The writer's, as it was: SPF of the writer's domain does not know the forwarding server.
    #[default]
    Kept,
    /// The address that is forwarded.
    Own,
}

/// A mailing list (RFC 5321 section 3.9.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailingList {
    /// Local part of its address.
    pub name: String,
    /// Who gets what is written to it.
    pub members: Vec<Address>,
    /// The user who gets what is written to `owner-NAME` and `NAME-request`: reports of failures above all.
    pub owner: String,
    /// What is put below each letter; lines end with LF.
    pub footer: Option<String>,
}

/// The mail of a domain goes to this host: nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedRoute {
    /// The domain, lower case.
    pub domain: String,
    /// Full name of the host.
    pub host: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The port.
    pub port: u16,
    /// It is a door: whoever stands behind it has a certificate that nobody in this network can judge, so TLS is not
    /// asked for unless it is required.
    pub door: bool,
}

/// What a server checks about the senders of mail that comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checks {
    /// Nothing: SMTP as it is (RFC 5321 section 7.1).
    #[default]
    None,
    /// SPF (RFC 7208), at MAIL.
    Spf,
    /// SPF at MAIL, DKIM (RFC 6376) and DMARC (RFC 7489) at the end of data.
    Dmarc,
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
            submission: None,
            imap_port: None,
            smtp_tls: ServiceTls::Never,
            imap_tls: ServiceTls::Never,
            certificate: Certificate::default(),
            client_tls: TlsPolicy::default(),
            imap_extensions: vec![Extension::LiteralPlus],
            pop3_port: None,
            pop3_tls: ServiceTls::Never,
            apop: false,
            ehlo: true,
            strict_syntax: true,
            dot_stuffing: true,
            line_ends: LineEnds::default(),
            client_line_ends: LineEnds::default(),
            extensions: Vec::new(),
            pipelining: false,
            greylist: None,
            eight_bit: EightBit::default(),
            chunking: false,
            verify: Verify::default(),
            expand: false,
            largest: None,
            reuse_connection: true,
            pickup_delay: Duration::from_secs(1),
            retry: vec![Duration::from_secs(1800), Duration::from_secs(7200)],
            expire: Duration::from_secs(5 * 86_400),
            stored: Vec::new(),
            folders: Vec::new(),
            checks: Checks::None,
            reject_spf_fail: false,
            dkim: None,
            lists: Vec::new(),
            forward_sender: ForwardSender::default(),
            backup_for: Vec::new(),
            open_relay: false,
            looks_up_peer: false,
            disk_free: None,
            disk_check: DiskCheck::default(),
            over_quota: OverQuota::default(),
            delay_notice: Duration::from_secs(4 * 3600),
            routes: Vec::new(),
        }
    }
}

/// Whether a service has TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ServiceTls {
    /// No.
    #[default]
    Never,
    /// By STARTTLS.
    Offered,
    /// By STARTTLS, and without it nothing.
    Required,
    /// STARTTLS is offered and fails.
    Unavailable,
    /// From the first byte (RFC 8314): ports 465, 993 and 995.
    FromStart,
}

impl ServiceTls {
    /// What is offered in the dialogue.
    pub const fn starttls(self) -> Option<StartTls> {
        match self {
            ServiceTls::Never | ServiceTls::FromStart => None,
            ServiceTls::Offered => Some(StartTls::Offered),
            ServiceTls::Required => Some(StartTls::Required),
            ServiceTls::Unavailable => Some(StartTls::Unavailable),
        }
    }
}

/// How a mail program wants TLS of one of its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientTls {
    /// By STARTTLS, or not.
    Policy(TlsPolicy),
    /// From the first byte.
    FromStart,
}

impl ClientTls {
    /// What it does about STARTTLS.
    pub const fn policy(self) -> TlsPolicy {
        match self {
            ClientTls::Policy(policy) => policy,
            ClientTls::FromStart => TlsPolicy::Never,
        }
    }
}

/// What a server shows to prove that it is who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The name in it; `None`: the host's own full name.
    pub name: Option<String>,
    /// Other names and addresses in it.
    pub also: Vec<String>,
    /// It is signed by an authority that nobody knows.
    pub unknown_authority: bool,
}

/// A user of a mail server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Local part and login name.
    pub name: String,
    /// A teaching value.
    pub password: String,
    /// Room in the mailbox in bytes; `None`: no limit.
    pub quota: Option<u64>,
    /// Where mail for this user goes on to.
    pub forward: Vec<Address>,
    /// What is forwarded is put into the mailbox too.
    pub keep_copy: bool,
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
    /// TLS when it sends.
    pub smtp_tls: ClientTls,
    /// TLS when it reads.
    pub imap_tls: ClientTls,
    /// TLS when it fetches.
    pub pop3_tls: ClientTls,
    /// Name of the server from which it fetches by POP3, and its port.
    pub pop3: Option<(String, u16)>,
    /// Greets with EHLO (true) or HELO.
    pub ehlo: bool,
    /// Doubles leading dots; off is a fault.
    pub dot_stuffing: bool,
    /// What becomes of a bare LF in a letter: `Lenient` sends it as it is.
    pub line_ends: LineEnds,
    /// Logs in to send, with this name and password.
    pub login: Option<Login>,
}
