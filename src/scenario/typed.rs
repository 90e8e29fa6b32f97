//! A scenario as typed, format 1. One list of fields for each object: the types, the reader and the JSON
//! Schema are all made from it, so that they cannot disagree.

use std::net::Ipv4Addr;

use schemars::SchemaGenerator;

use super::json::Json;
use super::read::{Field, FieldInfo, Int, List, Map, Network, Rate, Read, Reader, Share};
use super::schema::{Describe, object_schema};
use super::source::Span;
use super::words::{
    AccessTls, Authority, BareLf, Body, Domain, Greet, LARGEST, Mailbox, Name, PacketKind, Pause, RecordType, Scalar,
    Sender,
};
use crate::action::{Look, Service};
use crate::engine::TlsPolicy;
use crate::mail::config::{Checks, ClientTls, DiskCheck, EightBit, ForwardSender, OverQuota, ServiceTls};
use crate::packet::TcpFlags;
use crate::sim::{Arp, Clock};
use crate::smtp::LineEnds;
use crate::smtp::auth::Mechanism;
use crate::smtp::options::Ret;
use crate::smtp::server::Verify;
use crate::time::{Calendar, Duration};
use crate::topology::Medium;

/// A TCP or UDP port.
pub type Port = Int<1, 65_535>;
/// A count from 1.
pub type Count = Int<1, 1_000_000_000>;

/// What is listed about an object of the format.
#[derive(Clone, Copy, Debug)]
pub struct ObjectInfo {
    /// Name of its type.
    pub name: &'static str,
    /// "a host", as messages call it.
    pub what: &'static str,
    /// Its fields.
    pub fields: &'static [FieldInfo],
}

macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}
macro_rules! is_required {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}
pub(crate) use {is_required, key};

/// Objects of a file format: from one list of fields come the type, its reader and its schema.
macro_rules! objects {
    ($(
        $(#[doc = $about:literal])*
        $what:literal $name:ident {
            $( $(#[doc = $doc:literal])* $need:ident $field:ident $(as $key:literal)? : $type:ty, )*
        }
    )*) => {
        $(
            $(#[doc = $about])*
            #[derive(Clone, Debug)]
            pub struct $name {
                /// Its opening brace.
                pub span: Span,
                $( $(#[doc = $doc])* pub $field: Field<$type>, )*
            }

            impl $name {
                /// What is listed about it.
                pub const INFO: ObjectInfo = ObjectInfo {
                    name: stringify!($name),
                    what: $what,
                    fields: &[$( FieldInfo {
                        name: key!($field $($key)?),
                        required: is_required!($need),
                        doc: concat!($($doc),*),
                    } ),*],
                };
            }

            impl Read for $name {
                fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
                    let members = reader.object(json, $what, Self::INFO.fields)?;
                    Some($name {
                        span: json.span.first(),
                        $( $field: members.take(key!($field $($key)?), reader), )*
                    })
                }
            }

            impl Describe for $name {
                fn name() -> Option<&'static str> {
                    Some(stringify!($name))
                }
                fn describe(generator: &mut SchemaGenerator) -> schemars::Schema {
                    let fields = [$( <$type as Describe>::place(generator) ),*];
                    object_schema(concat!($($about),*), Self::INFO.fields, fields)
                }
            }
        )*

        /// Every object of the format.
        pub const OBJECTS: &[ObjectInfo] = &[$($name::INFO),*];
    };
}
pub(crate) use objects;

objects! {
    /// A whole scenario file.
    "a scenario" File {
        /// Version of this format: 1.
        required format: Int<0, { u64::MAX }>,
        /// Its name, as on the command line: "six-steps".
        required name: Name,
        /// One line for lists and window titles.
        required title: String,
        /// What it shows and what to watch.
        optional description: String,
        /// "exact": propagation delay only, every time can be worked out on paper (default). "realistic": rates and queues count too.
        optional clock: Clock,
        /// Root of all luck (loss, sequence numbers, ports, generated files); default 1.
        optional seed: Int<0, { u64::MAX }>,
        /// Date and time in UTC at which the run begins; default "2025-03-03T09:00:00Z".
        optional start: Calendar,
        /// "prefilled": hardware addresses are known, the first packet is the SYN (default). "asked": hosts ask for them.
        optional arp: Arp,
        /// How hosts turn names into addresses; by default a table of all hosts and mail domains.
        optional names: Names,
        /// TCP settings of all hosts; a host's own come first.
        optional tcp: Tcp,
        /// Computers with programs on them.
        required hosts: List<Host>,
        /// Names of switches; they join the hosts of a LAN.
        optional switches: List<Name>,
        /// Routers; they join LANs and do not read mail.
        optional routers: List<Router>,
        /// Links between hosts, switches and routers.
        required links: List<Link>,
        /// What happens, in order of time.
        optional actions: List<Action>,
        /// What came in from outside of the simulated network, in order of time. A recording has one of them on each line behind the scenario.
        optional recorded: List<Action>,
        /// The same scenario with other settings; each is addressed as NAME:RUN.
        optional runs: List<Run>,
        /// The named steps of the scenario, each with the events at which it begins and is done.
        optional story: List<Step>,
    }

    /// How hosts turn names into addresses: `table` or `dns`.
    "names" Names {
        /// Names and their addresses besides those of all hosts and mail domains; asks nobody, takes no time.
        optional table: Map<Ipv4Addr>,
        /// The host with the DNS server that everybody asks.
        optional dns: Name,
    }

    /// TCP settings.
    "the TCP settings" Tcp {
        /// Retransmission timeout before the first measurement; default "1 s".
        optional rto_initial: Duration,
        /// Lower bound of the retransmission timeout; default "1 s".
        optional rto_min: Duration,
        /// Upper bound of the retransmission timeout; default "60 s".
        optional rto_max: Duration,
        /// Timeout with which data starts after a lost SYN; default "3 s".
        optional rto_after_lost_syn: Duration,
        /// How often a SYN is sent again; default 3 (0, 1, 3, 7 s, given up at 15 s).
        optional syn_retries: Int<0, 20>,
        /// Initial congestion window in segments; default 10.
        optional initial_window: Int<1, 1000>,
        /// How long an acknowledgement may wait for company, or "off"; default "40 ms".
        optional delayed_ack: Pause,
        /// Nagle's algorithm; default false.
        optional nagle: bool,
        /// Largest segment that is taken in, in bytes; default 1460.
        optional mss: Int<16, 1460>,
        /// Selective acknowledgements; default false.
        optional sack: bool,
        /// Bytes that may be written and not yet acknowledged; default 65535.
        optional send_buffer: Int<1, 16_777_216>,
        /// Largest receive window in bytes; default 65535.
        optional receive_buffer: Int<1, 65_535>,
        /// How long TIME-WAIT lasts; default "60 s".
        optional time_wait: Duration,
        /// A connection whose data nobody acknowledges for so long is given up; default "900 s".
        optional give_up: Duration,
    }

    /// A computer and its programs.
    "a host" Host {
        /// Short name, unique in the scenario: "mail.a".
        required name: Name,
        /// Its address and the prefix length of its network: "192.0.2.25/25".
        required address: Network,
        /// Its full name; default: its name with ".example" behind it.
        optional fqdn: Domain,
        /// The router to which packets for other networks go; default: the router on its LAN.
        optional gateway: Ipv4Addr,
        /// Switched off at the start; default false.
        optional off: bool,
        /// TCP settings of this host.
        optional tcp: Tcp,
        /// A mail server.
        optional mail_server: MailServer,
        /// Accounts of the mail program on this computer.
        optional user_agents: List<UserAgent>,
        /// A web server.
        optional web_server: WebServer,
        /// A DNS server.
        optional dns_server: DnsServer,
        /// Behind this host real programs may be (`mailpath serve`).
        optional door: Door,
    }

    /// A door to programs outside of the simulated network.
    "a door" Door {
        /// Ports at which it takes connections for programs outside.
        optional listens: List<Port>,
    }

    /// A router.
    "a router" Router {
        /// Short name, unique in the scenario: "r-a".
        required name: Name,
        /// Its address on each of its links, by the name of the neighbour: { "sw-a": "192.0.2.1/25" }.
        required addresses: Map<Network>,
    }

    /// A link between two nodes.
    "a link" Link {
        /// The node at one end.
        required from: Name,
        /// The node at the other end.
        required to: Name,
        /// Its name; default: the names of its ends with "--" between them.
        optional name: Name,
        /// Propagation delay, one way; default "0 ms".
        optional delay: Duration,
        /// Bits per second on the realistic clock; by default sending takes no time.
        optional rate: Rate,
        /// Packets that may wait in each direction before the next is dropped; default 100.
        optional queue: Int<0, 1_000_000>,
        /// Share of packets that are lost by chance; default "0 %".
        optional loss: Share,
        /// "ethernet" or "ip"; default: "ip" between two routers, else "ethernet".
        optional medium: Medium,
    }

    /// A mail server: queue, mailboxes and the services that are named.
    "a mail server" MailServer {
        /// Domains whose mailboxes are here.
        optional domains: List<Domain>,
        /// Users with mailboxes.
        optional users: List<User>,
        /// Other names of users: { "postmaster": "alice" }.
        optional aliases: Map<Name>,
        /// Networks whose hosts may send to foreign domains through it; default: its own LAN.
        optional relay_for: List<Network>,
        /// It sends mail from everybody to everybody: a fault; default false.
        optional open_relay: bool,
        /// Domains of other servers for which it takes mail, to hand it on to them: what a second MX is for.
        optional backup_for: List<Domain>,
        /// Mailing lists of its first domain.
        optional lists: List<MailingList>,
        /// Whose sender stands on the envelope of what is forwarded: "kept" (default: the writer's) or "own" (the address that is forwarded).
        optional forward_sender: ForwardSender,
        /// Room for mail on its disk in bytes, besides what is there from the start; default: no limit.
        optional disk_free: Int<0, { u64::MAX }>,
        /// When it looks whether its disk has room: at "MAIL" (default), "RCPT" or "." (the end of data, where it always must).
        optional disk_check: DiskCheck,
        /// What it says of a mailbox that is over its quota: "defer" (452, default) or "refuse" (552).
        optional over_quota: OverQuota,
        /// The SMTP service and the manners of its client side; no service if not written.
        optional smtp: Smtp,
        /// The submission service, where users hand in their mail; none if not written.
        optional submission: Submission,
        /// The IMAP service; none if not written.
        optional imap: Imap,
        /// What its services show when they are asked for TLS.
        optional certificate: Certificate,
        /// The POP3 service; none if not written.
        optional pop3: Pop3,
        /// The queue.
        optional queue: Queue,
    }

    /// A mailing list: what is written to it goes to its members, from owner-NAME.
    "a mailing list" MailingList {
        /// The part of its address in front of the @.
        required name: Name,
        /// Who gets what is written to it.
        required members: List<Mailbox>,
        /// The user who gets mail to owner-NAME (failures above all) and NAME-request; default: the server's first user.
        optional owner: Name,
        /// What is put below every letter of plain text: a text or a list of lines; default nothing.
        optional footer: Body,
    }

    /// Settings of SMTP.
    "the SMTP service" Smtp {
        /// Default 25; 465 with TLS from the start.
        optional port: Port,
        /// TLS: by STARTTLS "offered", "required" or "unavailable" (it is offered and fails), or "from-start" (port 465); default: none.
        optional tls: ServiceTls,
        /// As a client: STARTTLS "if-offered" (default; not at a door), "required" or "never".
        optional client_tls: TlsPolicy,
        /// The word with which it greets as a client: "EHLO" (default) or "HELO".
        optional greet: Greet,
        /// `MAIL FROM:<...>` must be written exactly so; default true.
        optional strict_syntax: bool,
        /// Doubles dots at the start of lines as a client; default true, false is a fault.
        optional dot_stuffing: bool,
        /// A line feed without carriage return in what comes in: "strict" (default: no line end), "lenient" (a line end, and so `LF . CR LF` ends the data), "refuse" (the letter gets 554), or "normalise" (CR LF is stored, and only CR LF . CR LF ends the data).
        optional bare_lf: LineEnds,
        /// The same in what goes out: "strict" (default: CR LF is sent for it), or "lenient" (it is sent as it is).
        optional client_bare_lf: BareLf,
        /// What the reply to EHLO offers: "PIPELINING", "SIZE 10240", "8BITMIME", "CHUNKING", "BINARYMIME" (only together with CHUNKING), "AUTH PLAIN" ...; default nothing.
        optional extensions: List<String>,
        /// Says MAIL, RCPT and DATA together as a client, if the server offers PIPELINING; default false.
        optional pipelining: bool,
        /// Greylisting: who is not known gets 451 until so long after the first attempt; default none.
        optional greylist: Duration,
        /// Largest mail that is taken, in bytes; default 10485760.
        optional largest: Int<1, LARGEST>,
        /// Several mails for one server share one connection; default true.
        optional reuse_connection: bool,
        /// A mail of eight bits for a server that takes seven, or a binary one for one that takes lines: "encode" its parts anew (default), or "return" it.
        optional eight_bit: EightBit,
        /// Sends every letter with BDAT as a client, if the server offers CHUNKING; default false: binary ones only.
        optional chunking: bool,
        /// VRFY: "answer" (default), or "vague": 252 to everything.
        optional vrfy: Verify,
        /// EXPN is answered; default false.
        optional expn: bool,
        /// What is checked of mail from hosts outside of `relay_for`: "none" (default), "spf", or "dmarc" (SPF, DKIM and DMARC). Needs names by DNS.
        optional checks: Checks,
        /// MAIL is refused when SPF says "fail"; default true with "spf", false with "dmarc", which waits for the letter.
        optional reject_spf_fail: bool,
        /// Mail of its domain that goes to other servers is signed.
        optional dkim: Dkim,
        /// Asks DNS for the name of each client's address before it greets, for its Received line; default false. Needs names by DNS.
        optional look_up_clients: bool,
        /// Domains whose mail goes to a certain host, whatever DNS says: { "real.example": "door:2526" }; the port is 25 if none is written. To a door TLS is spoken only if it is required: nobody here can judge the certificate of a real server.
        optional routes: Map<String>,
    }

    /// Signing with DKIM.
    "the DKIM signing" Dkim {
        /// The domain that signs; default: the server's first domain.
        optional domain: Domain,
        /// The name of the key: it is published at SELECTOR._domainkey.DOMAIN.
        required selector: Domain,
        /// The private key: an RSA key in PEM, or the 32 bytes of an Ed25519 key in base64; default: an Ed25519 key made from the seed.
        optional key: String,
        /// "relaxed/relaxed" (default), "simple/simple", "relaxed/simple" or "simple/relaxed": header and body.
        optional canonicalization: String,
        /// Header fields that are signed; one that stands twice cannot be added later. Default: From, From, To, Cc, Subject, Date, Message-ID, MIME-Version, Content-Type.
        optional headers: List<String>,
        /// How long a signature is good; default: for ever.
        optional lifetime: Duration,
    }

    /// The submission service (RFC 6409).
    "the submission service" Submission {
        /// Default 587.
        optional port: Port,
        /// What the reply to EHLO offers; default ["AUTH PLAIN"].
        optional extensions: List<String>,
        /// MAIL without login is refused with 530; default true.
        optional login_required: bool,
    }

    /// Settings of IMAP.
    "the IMAP service" Imap {
        /// Default 143; 993 with TLS from the start.
        optional port: Port,
        /// TLS: by STARTTLS "offered" (no LOGIN without it), or "from-start"; default: none.
        optional tls: AccessTls,
        /// What CAPABILITY tells: "IDLE", "MOVE", "UIDPLUS"; default "LITERAL+".
        optional extensions: List<String>,
    }

    /// What a server shows to prove that it is who it is; made from the seed.
    "a certificate" Certificate {
        /// The name in it; default: the host's own full name. Another one is a fault.
        optional name: Domain,
        /// Other names and addresses in it, for programs outside that know the server by them: ["localhost", "127.0.0.1"].
        optional also: List<String>,
        /// Who signed it: "known" (default) or "unknown", which is a fault.
        optional authority: Authority,
    }

    /// Settings of POP3.
    "the POP3 service" Pop3 {
        /// Default 110; 995 with TLS from the start.
        optional port: Port,
        /// TLS: by STLS "offered" (no login without it), or "from-start"; default: none.
        optional tls: AccessTls,
        /// The greeting has a timestamp, and clients log in with a digest (APOP) instead of the password; default false.
        optional apop: bool,
    }

    /// Settings of a mail server's queue.
    "the queue" Queue {
        /// How long a new mail waits before it is tried; default "1 s".
        optional pickup_delay: Duration,
        /// Waiting times between the starts of attempts; the last one repeats. Default ["30 min", "2 h"].
        optional retry: List<Duration>,
        /// When a mail is returned that could not be delivered; default "5 d".
        optional expire: Duration,
        /// After which time a failed attempt is reported to a sender who wished to hear of a DELAY; default "4 h".
        optional delay_notice: Duration,
    }

    /// A user with a mailbox.
    "a user" User {
        /// Login name, and the part of the address in front of the @.
        required name: Name,
        /// A teaching value; default "secret".
        optional password: String,
        /// Room in the mailbox in bytes; default: no limit.
        optional quota: Int<0, { u64::MAX }>,
        /// Mail for this user goes on to these addresses.
        optional forward: List<Mailbox>,
        /// What is forwarded is put into the mailbox too; default false.
        optional keep_copy: bool,
        /// Folders besides INBOX.
        optional folders: List<String>,
        /// Mails that are there when the run begins.
        optional mail: List<StoredMail>,
    }

    /// A mail in a mailbox from the start.
    "a stored mail" StoredMail {
        /// Default "INBOX".
        optional folder: String,
        /// Its UID; default: the next free one.
        optional uid: Int<1, 4_294_967_295>,
        /// Who wrote it.
        required from: Mailbox,
        /// To whom; default: the user.
        optional to: List<Mailbox>,
        /// Its subject.
        optional subject: String,
        /// Its text: a text, a list of lines, { "bytes": 2000 }, or { "raw": "..." } for text whose line ends nobody mends.
        optional text: Body,
        /// Its files.
        optional attachments: List<Attachment>,
    }

    /// An account of a mail program.
    "a user agent" UserAgent {
        /// The user's mail address.
        required address: Mailbox,
        /// The name shown in From.
        optional name: String,
        /// Login name; default: the part of the address in front of the @.
        optional user: Name,
        /// Password; default: the user's.
        optional password: String,
        /// The host to which it sends.
        optional smtp: Name,
        /// Default: the port of that host's submission service if it has one, else of its SMTP service.
        optional smtp_port: Port,
        /// TLS when it sends: STARTTLS "if-offered", "required" or "never", or "from-start"; default: as the server has it.
        optional smtp_tls: ClientTls,
        /// Logs in to send: "PLAIN", "LOGIN" or "CRAM-MD5"; default: no login.
        optional login: Mechanism,
        /// The host from which it reads.
        optional imap: Name,
        /// Default: the port of that host's IMAP service.
        optional imap_port: Port,
        /// TLS when it reads: STARTTLS "if-offered", "required" or "never", or "from-start"; default: as the server has it.
        optional imap_tls: ClientTls,
        /// The host from which it fetches by POP3.
        optional pop3: Name,
        /// Default: the port of that host's POP3 service.
        optional pop3_port: Port,
        /// TLS when it fetches: STLS "if-offered", "required" or "never", or "from-start"; default: as the server has it.
        optional pop3_tls: ClientTls,
        /// The word with which it greets: "EHLO" (default) or "HELO".
        optional greet: Greet,
        /// Doubles dots at the start of lines; default true, false is a fault.
        optional dot_stuffing: bool,
        /// A line feed without carriage return in a letter: "strict" (default: CR LF is sent for it), or "lenient" (it is sent as it is).
        optional bare_lf: BareLf,
    }

    /// A web server.
    "a web server" WebServer {
        /// Default 80.
        optional port: Port,
        /// Keeps connections open between requests; default true.
        optional keep_alive: bool,
        /// Sends contents in chunks of at most so many bytes, without telling their length in front; default: no chunks.
        optional chunk: Int<1, LARGEST>,
        /// Tells ETag and Last-Modified of its objects, so that browsers can ask whether their copies are still good; default false.
        optional validators: bool,
        /// What can be fetched.
        optional objects: List<WebObject>,
        /// Pages on which users read and write mail.
        optional webmail: WebmailPages,
    }

    /// Pages on which users read and write mail: the mail program of people who have only a browser.
    "the webmail" WebmailPages {
        /// Who can log in: each account is a mail program's, with the servers to which it sends and from which it reads.
        required accounts: List<UserAgent>,
    }

    /// Something that a web server has: `text` or `bytes`; or `moved_to`, where it is now.
    "a web object" WebObject {
        /// Its path: "/image1.png".
        required path: String,
        /// Its media type: "image/png"; needed unless it has moved.
        optional kind as "type": String,
        /// Its text: a text, a list of lines, { "bytes": 2000 }, or { "raw": "..." } for text whose line ends nobody mends.
        optional text: Body,
        /// So many bytes of every value, made from the seed and the file's name.
        optional bytes: Int<0, LARGEST>,
        /// The path at which it is now: the server answers 301.
        optional moved_to: String,
    }

    /// A DNS server.
    "a DNS server" DnsServer {
        /// Zones that it answers for.
        required zones: List<Zone>,
        /// Names that it has trouble with, and all below them: it answers SERVFAIL.
        optional failing: List<Domain>,
        /// Names about which, and about all below them, it says nothing.
        optional silent: List<Domain>,
    }

    /// A zone of DNS.
    "a zone" Zone {
        /// The domain: "b.example".
        required origin: Domain,
        /// Time to live of its records in seconds; default 3600.
        optional ttl: Int<0, 2_147_483_647>,
        /// Its records; the SOA is made from the origin.
        required records: List<Record>,
    }

    /// A record of DNS.
    "a record" Record {
        /// Its name: "@" for the zone itself, "mail" (in the zone), or a full name that ends in the zone's.
        required name: String,
        /// "A", "MX", "NS", "CNAME", "PTR" or "TXT".
        required kind as "type": RecordType,
        /// Time to live in seconds; default: the zone's.
        optional ttl: Int<0, 2_147_483_647>,
        /// The address (A).
        optional address: Ipv4Addr,
        /// The preference (MX): lower is tried first.
        optional preference: Int<0, 65_535>,
        /// The full name (MX, NS, CNAME, PTR); "." with preference 0: no mail at all.
        optional host: String,
        /// The text (TXT).
        optional text: String,
        /// The host whose public DKIM key is the text (TXT).
        optional dkim: Name,
    }

    /// Something that happens: a time and one deed.
    "an action" Action {
        /// When, counted from the start.
        required at: Duration,
        /// A user writes a mail and presses Send.
        optional send: Send,
        /// A mail is in a server's queue and is due.
        optional queue: QueueMail,
        /// A user agent opens an IMAP connection.
        optional read: ReadMail,
        /// A device brings its copy of a folder up to date.
        optional sync: SyncCopy,
        /// A user changes a device's copy of a folder, without a connection.
        optional offline: OfflineCopy,
        /// A user agent fetches the mail by POP3.
        optional fetch: FetchMail,
        /// A browser fetches objects.
        optional browse: Browse,
        /// Somebody reads or writes mail in a browser.
        optional webmail: WebmailVisit,
        /// Somebody types at a mail server, each line when the answer to the one before has come.
        optional console: Console,
        /// Bytes as they are: a connection is opened, written to, closed or reset.
        optional raw: Raw,
        /// This host is switched off.
        optional off: Name,
        /// This host is switched on.
        optional on: Name,
        /// A program ends: its port refuses connections.
        optional stop: HostService,
        /// A program starts.
        optional start: HostService,
        /// A link loses everything.
        optional cut: Cut,
        /// A cut link works again: its name.
        optional mend: String,
        /// A man in the middle deletes STARTTLS from what servers offer in reply to EHLO: the link.
        optional strip_starttls: String,
        /// Packets are lost.
        optional drop: Packets,
        /// Packets arrive later (`by`): what is behind them may overtake them.
        optional delay: Packets,
        /// Packets arrive twice.
        optional duplicate: Packets,
        /// A bit of packets is turned on the way: the receiver's checksum finds it.
        optional corrupt: Packets,
        /// Packets are overtaken by the next one on the link.
        optional reorder: Packets,
        /// A link has another delay, rate, loss or queue from now on.
        optional change: Change,
        /// An SMTP server refuses a command, hangs up at it, or takes its time.
        optional force: Force,
        /// The disk of a mail server has another amount of room from now on.
        optional disk: Disk,
    }

    /// Writing a mail.
    "send" Send {
        /// The computer.
        required host: Name,
        /// The account, by its address; needed if the computer has more than one.
        optional account: Mailbox,
        /// What stands in From; default: the account's name and address.
        optional from: Mailbox,
        /// To.
        optional to: List<Mailbox>,
        /// Cc.
        optional cc: List<Mailbox>,
        /// Bcc.
        optional bcc: List<Mailbox>,
        /// Subject.
        optional subject: String,
        /// The text: a text, a list of lines, { "bytes": 2000 }, or { "raw": "..." } for text whose line ends nobody mends.
        optional text: Body,
        /// Files.
        optional attachments: List<Attachment>,
        /// An envelope other than the one that From, To, Cc and Bcc make.
        optional envelope: Envelope,
        /// Text beyond ASCII goes as it is, in eight bits; default false.
        optional eight_bit: bool,
        /// Files go as they are, in binary, which needs "CHUNKING" and "BINARYMIME" on the way; default false.
        optional binary: bool,
        /// The whole letter instead of `subject` and `text`, header and all; needs `envelope`.
        optional letter: String,
        /// The same in base64.
        optional letter_base64: String,
    }

    /// A mail that is in a queue.
    "queue" QueueMail {
        /// The mail server.
        required host: Name,
        /// From.
        required from: Mailbox,
        /// To.
        optional to: List<Mailbox>,
        /// Cc.
        optional cc: List<Mailbox>,
        /// Bcc.
        optional bcc: List<Mailbox>,
        /// Subject.
        optional subject: String,
        /// The text: a text, a list of lines, { "bytes": 2000 }, or { "raw": "..." } for text whose line ends nobody mends.
        optional text: Body,
        /// Files.
        optional attachments: List<Attachment>,
        /// An envelope other than the one that From, To, Cc and Bcc make.
        optional envelope: Envelope,
        /// Text beyond ASCII goes as it is, in eight bits; default false.
        optional eight_bit: bool,
        /// Files go as they are, in binary, which needs "CHUNKING" and "BINARYMIME" on the way; default false.
        optional binary: bool,
    }

    /// MAIL FROM and RCPT TO.
    "the envelope" Envelope {
        /// MAIL FROM; "<>" if nobody is to be told of failures.
        required from: Sender,
        /// RCPT TO, one each.
        required to: List<Mailbox>,
        /// How much of the mail a report quotes: "FULL" or "HDRS".
        optional ret: Ret,
        /// The sender's own name for this mail.
        optional envid: String,
        /// Of what the sender wants to hear, for all recipients: "NEVER", or "SUCCESS", "FAILURE", "DELAY" with commas.
        optional notify: String,
    }

    /// A file that goes with a mail.
    "an attachment" Attachment {
        /// Its name: "photo.png".
        required name: String,
        /// Its media type: "image/png".
        required kind as "type": String,
        /// Its text.
        optional text: Body,
        /// So many bytes of every value, made from the seed and the file's name.
        optional bytes: Int<0, LARGEST>,
    }

    /// Text of a given length.
    "the text" Filler {
        /// Length in bytes on the wire, line ends counted.
        required bytes: Int<0, LARGEST>,
    }

    /// Text with the line ends that it has.
    "the raw text" RawText {
        /// The text: "\n" is a bare line feed, "\r\n" a line end.
        required raw: String,
    }

    /// An IMAP session.
    "read" ReadMail {
        /// The computer.
        required host: Name,
        /// The account, by its address; needed if the computer has more than one.
        optional account: Mailbox,
        /// Commands, each said after the reply to the one before: "LOGIN" (the account's), "SELECT INBOX", "FETCH 1 BODY[]", "LOGOUT".
        required commands: List<String>,
        /// On the connection that an earlier `read` of the account has left open; default false: on a new one.
        optional go_on: bool,
    }

    /// Bringing a device's copy of a folder up to date.
    "sync" SyncCopy {
        /// The computer.
        required host: Name,
        /// The account, by its address; needed if the computer has more than one.
        optional account: Mailbox,
        /// Default "INBOX".
        optional folder: String,
    }

    /// Changing a device's copy of a folder.
    "offline" OfflineCopy {
        /// The computer.
        required host: Name,
        /// The account, by its address; needed if the computer has more than one.
        optional account: Mailbox,
        /// Default "INBOX".
        optional folder: String,
        /// One text each, with the letter's UID: "STORE 104 +FLAGS (\\Flagged)", "MOVE 107 Work", "DELETE 105".
        required changes: List<String>,
    }

    /// A POP3 session: all mails onto the disk of the computer, or the commands that are named.
    "fetch" FetchMail {
        /// The computer.
        required host: Name,
        /// The account, by its address; needed if the computer has more than one.
        optional account: Mailbox,
        /// Removes from the server what was fetched (default true); false: what is on the disk already is not fetched again.
        optional delete: bool,
        /// Commands instead, each said after the answer to the one before: "LOGIN" (the account's), "LIST", "RETR 1", "DELE 1", "QUIT".
        optional commands: List<String>,
    }

    /// Fetching from a web server.
    "browse" Browse {
        /// The computer.
        required host: Name,
        /// The web server's host.
        required server: Name,
        /// Default: the port of that host's web server.
        optional port: Port,
        /// Paths, in order.
        required paths: List<String>,
        /// One connection for all (default true), or one for each.
        optional persistent: bool,
        /// How many connections may be open at a time; the first object is fetched alone, for it names the others. Default 1.
        optional connections: Int<1, 100>,
    }

    /// Reading or writing mail in a browser: `write` or `read`.
    "webmail" WebmailVisit {
        /// The computer with the browser.
        required host: Name,
        /// The web server's host.
        required server: Name,
        /// The account, by its address; needed if the server has more than one.
        optional account: Mailbox,
        /// What is typed as password; default: the right one.
        optional password: String,
        /// A mail is written in the form and sent.
        optional write: WebLetter,
        /// The inbox is read: the "list", the list and the "newest" letter, or "all" letters.
        optional read: Look,
    }

    /// A mail written in the form of a webmail page.
    "the mail" WebLetter {
        /// To.
        required to: List<Mailbox>,
        /// Cc.
        optional cc: List<Mailbox>,
        /// Subject.
        optional subject: String,
        /// The text: a text, a list of lines, or { "bytes": 2000 }.
        optional text: Body,
    }

    /// Somebody who types.
    "the console" Console {
        /// The computer.
        required host: Name,
        /// The mail server's host.
        required server: Name,
        /// Default: the port of that host's SMTP service.
        optional port: Port,
        /// What is typed, without line ends. The first line is typed when the greeting has come.
        required lines: List<String>,
    }

    /// One thing on a connection whose bytes are written here: `connect`, `accept`, `text`, `base64`, `close`,
    /// `reset` or `read`.
    "raw" Raw {
        /// The computer.
        required host: Name,
        /// The number by which a connection that this host opens is called here.
        optional session: Int<1, 4_294_967_295>,
        /// Or which of the connections that came to its door it is, counted from 1. Its SYN waits until it is taken
        /// (`accept`) or refused (`reset`).
        optional accepted: Int<1, 4_294_967_295>,
        /// It is opened, to this host.
        optional connect: Name,
        /// To this port; with `connect`.
        optional port: Port,
        /// One that came to the door is taken: SYN,ACK. Write true.
        optional accept: bool,
        /// These bytes are written, in UTF-8: "EHLO me\r\n".
        optional text: String,
        /// These bytes are written, in base64.
        optional base64: String,
        /// Nothing more will be written: half-close. Write true.
        optional close: bool,
        /// The connection is broken. Write true.
        optional reset: bool,
        /// false: what comes in is left lying, so that the window closes. true: it is taken again.
        optional read: bool,
    }

    /// A program on a host.
    "the service" HostService {
        /// The host.
        required host: Name,
        /// "smtp", "imap", "pop3", "http" or "dns".
        required service: Service,
    }

    /// Cutting a link.
    "cut" Cut {
        /// The link's name, or its ends with "--" between them: "r-a--r-b".
        required link: String,
        /// Only what this node sends is lost; default: both directions.
        optional from: Name,
    }

    /// Packets to which something happens.
    "the packets" Packets {
        /// Which packets; all conditions must hold.
        required pattern as "match": Match,
        /// The first of the matching packets to which it happens, counted from 1 from the moment of the action; default 1.
        optional first: Count,
        /// How many in a row; default 1.
        optional count: Count,
        /// It happens to all that follow the first; default false.
        optional every: bool,
        /// The link on which it happens; default: the first link of each packet.
        optional link: String,
        /// How much later they arrive; only of `delay`.
        optional by: Duration,
    }

    /// New properties of a link; what is not written stays.
    "the change" Change {
        /// The link's name, or its ends with "--" between them: "r-a--r-b".
        required link: String,
        /// Propagation delay, one way.
        optional delay: Duration,
        /// Bits per second; only with the realistic clock.
        optional rate: Rate,
        /// Share of packets that are lost by chance.
        optional loss: Share,
        /// Packets that may wait in each direction before the next is dropped.
        optional queue: Int<0, 1_000_000>,
    }

    /// What an SMTP server does at a command: one of `reply`, `disconnect` and `delay`.
    "the force" Force {
        /// The mail server.
        required host: Name,
        /// "EHLO", "MAIL", "RCPT", "DATA" ..., "CONNECT" for its greeting, "." for the end of data; default: at all of them.
        optional command: String,
        /// The first such command at which it does so, counted from 1 from the moment of the action; default 1.
        optional first: Count,
        /// How many in a row; default 1.
        optional count: Count,
        /// At all that follow the first; default false.
        optional every: bool,
        /// It refuses with this: "451 4.3.0 not now". 421 closes the connection.
        optional reply: String,
        /// It closes the connection without a word.
        optional disconnect: bool,
        /// It takes so long.
        optional delay: Duration,
    }

    /// Room on a disk.
    "the disk" Disk {
        /// The mail server.
        required host: Name,
        /// Room for mail in bytes; default: as much as one likes.
        optional free: Int<0, { u64::MAX }>,
    }

    /// Conditions on a packet.
    "match" Match {
        /// Who sent it: a host's name or an address.
        optional from: String,
        /// To whom: a host's name or an address.
        optional to: String,
        /// "tcp", "udp", "icmp" or "arp".
        optional protocol: PacketKind,
        /// Port of the sender.
        optional from_port: Port,
        /// Port of the receiver.
        optional to_port: Port,
        /// TCP flags that are set: "SYN", "ACK", "PSH", "FIN", "RST".
        optional flags: List<TcpFlags>,
        /// TCP flags that are not set.
        optional without: List<TcpFlags>,
        /// Its data begin so.
        optional starts: String,
        /// Its data contain this.
        optional contains: String,
        /// It has at least so many bytes of data.
        optional at_least: Int<0, 65_535>,
    }

    /// The scenario with other settings.
    "a run" Run {
        /// Its name behind the colon: "2".
        required id: Name,
        /// One line for lists.
        optional title: String,
        /// New values by path: { "hosts.mail.a.mail_server.smtp.greet": "HELO" }. Entries of lists are found by name or by number, counted from 0.
        optional set: Map<Json>,
        /// Actions besides those of the scenario, in order of time.
        optional actions: List<Action>,
    }

    /// A step of the story.
    "a step" Step {
        /// Its number.
        required step: Count,
        /// What happens in it, in one line.
        required title: String,
        /// Its name in the ribbon, in at most 21 characters; default: the beginning of the title.
        optional short: String,
        /// The event at which it begins.
        required begins: Event,
        /// The event at which it is done.
        required done: Event,
    }

    /// An event of the trace.
    "an event" Event {
        /// Its kind: "mua.compose", "queue.enter", "tcp.open" ...
        required event: String,
        /// Conditions on its fields: { "host": "mail.a" }.
        optional conditions as "where": Map<Scalar>,
        /// Which of the events that fit, counted from 1; default 1.
        optional nth: Count,
    }
}
