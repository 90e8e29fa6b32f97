//! Entries as names and values: what the JSON Lines show, what a story's patterns and a lesson's probes
//! match. The names are those of the course's event vocabulary.

use serde_json::Value;

use super::{Cause, Closed, Entry, Line, Log, Session, SessionEvent, What};
use crate::action::Action;
use crate::dns::RecordData;
use crate::dns::resolver;
use crate::engine::Way;
use crate::mail;
use crate::packet::{self, Protocol};
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::{http, imap, pop3, smtp};

/// Every kind of entry with its own fields. Besides these, every entry has `host` (the node's name).
pub const KINDS: &[(&str, &[&str])] = &[
    ("start", &[]),
    ("frame.sent", &["packet", "link", "length", "ttl", "info"]),
    ("frame.arrived", &["packet", "link", "length", "ttl", "info"]),
    ("frame.lost", &["packet", "link", "reason", "info"]),
    ("tcp.open", &["conn", "client", "server", "client_port", "port"]),
    ("tcp.established", &["conn", "side", "client", "server", "port"]),
    (
        "tcp.seg",
        &["conn", "side", "from", "to", "packet", "seq", "ack", "len", "flags", "window", "retx", "cwnd", "state"],
    ),
    ("tcp.received", &["conn", "side", "packet", "state", "cwnd", "rto"]),
    ("tcp.timer", &["conn", "side", "timer", "rto", "retries"]),
    ("tcp.state", &["conn", "side", "from", "to"]),
    ("tcp.close", &["conn", "side", "kind"]),
    ("app.line", &["conn", "proto", "from", "to", "dir", "text", "verb", "code", "sealed"]),
    ("app.read", &["conn", "proto", "from", "to", "dir", "text", "verb", "code", "sealed"]),
    ("tls.secured", &["conn", "side", "version", "suite", "name"]),
    ("tls.failed", &["conn", "side", "reason"]),
    ("session.state", &["conn", "side", "proto", "from", "to"]),
    ("session.unexpected", &["conn", "side", "proto", "text"]),
    ("session.end", &["conn", "side", "proto", "reason"]),
    ("session.idle", &["conn", "side", "proto"]),
    ("smtp.phase", &["conn", "side", "course", "rfc"]),
    ("smtp.letter", &["conn", "from", "to", "bytes", "start", "end"]),
    ("smtp.end_of_data", &["conn", "from", "to", "bytes", "start", "end"]),
    ("smtp.txn", &["conn", "mail_from", "rcpts", "codes", "end_code", "result"]),
    ("imap.data", &["conn", "text"]),
    ("imap.letter", &["conn", "side", "number", "uid", "start", "end"]),
    ("imap.resp", &["conn", "verb", "status", "text"]),
    ("imap.skipped", &["conn", "text"]),
    ("pop3.letter", &["conn", "side", "number", "uid", "unique", "start", "end"]),
    ("pop3.resp", &["conn", "verb", "status", "text"]),
    ("pop3.skipped", &["conn", "text"]),
    ("http.request", &["conn", "side", "from", "method", "path"]),
    ("http.asked", &["conn", "side", "from", "method", "path"]),
    ("http.content", &["conn", "side", "from", "type", "length", "start", "end"]),
    ("http.head", &["conn", "status", "length"]),
    ("http.body", &["conn", "side", "start", "end"]),
    ("http.response", &["conn", "side", "method", "path", "status", "length", "start", "end"]),
    ("dns.query", &["qname", "qtype", "id", "attempt"]),
    ("dns.answer", &["qname", "qtype", "id", "rcode", "answers"]),
    ("dns.cached", &["qname", "qtype", "answers"]),
    ("dns.ignored", &["reason"]),
    ("dns.truncated", &["qname", "qtype", "id"]),
    ("dns.timeout", &["qname", "qtype", "id", "attempts"]),
    ("mua.compose", &["user", "msg", "from", "to", "subject", "bytes"]),
    ("mua.sent", &["user", "msg", "result", "accepted"]),
    ("mua.read", &["user", "msg", "from", "subject", "text"]),
    ("mua.offline", &["user", "folder", "uid", "text"]),
    ("mua.sync", &["user", "folder", "uid_validity", "letters", "replayed", "dropped", "complete"]),
    ("smtp.begin", &["conn", "content"]),
    ("auth.result", &["conn", "method", "result", "domain", "stage", "reason"]),
    ("mail.accept", &["msg", "mail_from", "rcpts", "bytes"]),
    ("queue.enter", &["entry", "msg", "domain", "rcpts", "next_t"]),
    ("queue.attempt", &["entry", "msg", "attempt"]),
    ("queue.defer", &["entry", "msg", "attempt", "reason", "code", "next_t"]),
    ("queue.convert", &["entry", "msg", "bytes"]),
    ("queue.leave", &["entry", "msg", "kind", "reason"]),
    ("mail.expand", &["msg", "address", "kind", "mail_from", "rcpts", "bytes"]),
    ("dsn.create", &["msg", "for", "to", "action", "rcpts"]),
    ("mailbox.store", &["user", "folder", "uid", "msg", "flags", "bytes"]),
    ("mailbox.flag", &["user", "folder", "uid", "flags"]),
    ("mailbox.expunge", &["user", "folder", "uid", "number"]),
    ("mailbox.move", &["user", "folder", "uid", "into", "new_uid"]),
    ("mailbox.create", &["user", "folder"]),
    ("mailbox.delete", &["user", "folder"]),
    ("mailbox.rename", &["user", "folder", "into"]),
    ("disk.store", &["user", "msg", "bytes"]),
    ("action", &["kind", "target"]),
    ("fault.apply", &["kind", "target"]),
];

/// Names for numbers: the record itself holds numbers only.
#[derive(Clone, Debug, Default)]
pub struct Names {
    nodes: Vec<String>,
    links: Vec<(NodeId, NodeId)>,
    /// From this number on.
    first: u32,
    actions: Vec<Action>,
}

impl Names {
    /// Names of nodes, ends of links, and the actions, each in the order of their numbers.
    pub fn new(
        nodes: impl Iterator<Item = String>,
        links: impl Iterator<Item = (NodeId, NodeId)>,
        actions: impl Iterator<Item = Action>,
    ) -> Self {
        Names { nodes: nodes.collect(), links: links.collect(), first: 0, actions: actions.collect() }
    }

    /// The first of the actions has this number: those before it were let go of.
    pub(crate) fn with_first_action(self, first: super::ActionId) -> Self {
        Names { first: first.0, ..self }
    }

    /// A node's name, `mail.a`.
    pub fn node(&self, node: NodeId) -> &str {
        self.nodes.get(node.0 as usize).map_or("?", String::as_str)
    }

    /// A link's name, `mail.a--sw-a`.
    pub fn link(&self, link: LinkId) -> String {
        match self.links.get(link.0 as usize) {
            Some((a, b)) => format!("{}--{}", self.node(*a), self.node(*b)),
            None => "?".to_string(),
        }
    }

    /// An action of the scenario.
    pub fn action(&self, id: super::ActionId) -> Option<&Action> {
        self.actions.get(id.0.checked_sub(self.first)? as usize)
    }

    /// What an action is called, and what it is done to.
    pub fn told_action(&self, action: &Action) -> (&'static str, String) {
        let service = |host: &NodeId, s: &crate::action::Service| format!("{} on {}", s.name(), self.node(*host));
        match action {
            Action::Send { host, .. } => ("send", self.node(*host).to_string()),
            Action::Queue { host, .. } => ("queue", self.node(*host).to_string()),
            Action::Imap { host, .. } => ("read", self.node(*host).to_string()),
            Action::Sync { host, .. } => ("sync", self.node(*host).to_string()),
            Action::Offline { host, .. } => ("offline", self.node(*host).to_string()),
            Action::Pop3 { host, .. } => ("fetch", self.node(*host).to_string()),
            Action::Browse { host, .. } => ("browse", self.node(*host).to_string()),
            Action::Webmail { host, .. } => ("webmail", self.node(*host).to_string()),
            Action::Submit { host, .. } => ("send", self.node(*host).to_string()),
            Action::Raw { host, .. } => ("raw", self.node(*host).to_string()),
            Action::Console { host, .. } => ("console", self.node(*host).to_string()),
            Action::PowerOff(host) => ("off", self.node(*host).to_string()),
            Action::PowerOn(host) => ("on", self.node(*host).to_string()),
            Action::StopService(host, s) => ("stop", service(host, s)),
            Action::StartService(host, s) => ("start", service(host, s)),
            Action::Cut { link, .. } => ("cut", self.link(*link)),
            Action::Mend(link) => ("mend", self.link(*link)),
            Action::Tamper { fate, matcher, .. } => (fate.name(), matcher.to_string()),
            Action::Change { link, .. } => ("change", self.link(*link)),
            Action::Force { host, .. } => ("force", service(host, &crate::action::Service::Smtp)),
            Action::Disk { host, .. } => ("disk", self.node(*host).to_string()),
            Action::StripStartTls(link) => ("strip_starttls", self.link(*link)),
        }
    }
}

/// An entry as a kind and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// Names and values, in the order of [`KINDS`]; what does not apply is left out.
    pub fields: Vec<(&'static str, Value)>,
}

impl Told {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

/// Collects fields.
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn put(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    fn maybe(mut self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        self.0.extend(value.map(|v| (name, v.into())));
        self
    }

    fn told(self, kind: &'static str) -> Told {
        Told { kind, fields: self.0 }
    }
}

fn fields() -> Fields {
    Fields(Vec::new())
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

fn list(items: impl Iterator<Item = impl Into<Value>>) -> Value {
    Value::Array(items.map(Into::into).collect())
}

/// The node at one end of a connection; its address if no node has it.
fn name(log: &Log, names: &Names, conn: ConnId, end: Side) -> String {
    match log.end(conn, end) {
        Some(node) => names.node(node).to_string(),
        None => log.end_addr(conn, end).0.to_string(),
    }
}

/// The direction of what one end writes or reads.
fn direction(end: Side, way: Way) -> &'static str {
    match (end, way) {
        (Side::Client, Way::Sent) | (Side::Server, Way::Received) => "c2s",
        (Side::Server, Way::Sent) | (Side::Client, Way::Received) => "s2c",
    }
}

/// Tells an entry. `cause` and the link of frames are the caller's: they are the same for every kind.
pub fn tell(log: &Log, names: &Names, entry: &Entry) -> Told {
    match &entry.what {
        What::FrameSent { packet, hop } | What::FrameArrived { packet, hop } => {
            let kind = if matches!(entry.what, What::FrameSent { .. }) { "frame.sent" } else { "frame.arrived" };
            let p = log.packet(*packet);
            let hop = log.hop(*hop);
            let length = log.packet_length(*packet) + hop.link.len();
            let f = fields().put("packet", packet.0).maybe("link", entry.link().map(|l| names.link(l)));
            let f = f.put("length", length).maybe("ttl", (!p.arp).then_some(hop.ttl));
            f.put("info", info(log, *packet)).told(kind)
        }
        What::FrameLost { packet, reason } => {
            let reason = serde_json::to_value(reason).unwrap_or_default();
            let f = fields().put("packet", packet.0).maybe("link", entry.link().map(|l| names.link(l)));
            f.put("reason", reason).put("info", info(log, *packet)).told("frame.lost")
        }
        What::TcpOpen(conn) => {
            let c = log.connection(*conn);
            let f = fields().put("conn", conn.0).put("client", names.node(c.client));
            let f = f.put("server", name(log, names, *conn, Side::Server));
            f.put("client_port", c.client_addr.1).put("port", c.server_addr.1).told("tcp.open")
        }
        What::TcpEstablished(conn, end) => {
            let f = fields().put("conn", conn.0).put("side", side(*end));
            let f = f.put("client", name(log, names, *conn, Side::Client));
            let f = f.put("server", name(log, names, *conn, Side::Server));
            f.put("port", log.connection(*conn).server_addr.1).told("tcp.established")
        }
        What::TcpSent { packet, view, retransmission } => segment(log, names, *packet, *view, *retransmission),
        What::TcpReceived { packet, view } => {
            let view = log.view(*view);
            let f = match log.packet(*packet).conn {
                Some((conn, from)) => fields().put("conn", conn.0).put("side", side(from.other())),
                None => fields(),
            };
            let f = f.put("packet", packet.0).put("state", view.state.name());
            f.put("cwnd", view.cwnd).put("rto", view.rto.as_nanos()).told("tcp.received")
        }
        What::TcpTimer { conn, side: end, timer, view } => {
            let view = log.view(*view);
            let f = fields().put("conn", conn.0).put("side", side(*end));
            let f = f.put("timer", serde_json::to_value(timer).unwrap_or_default());
            f.put("rto", view.rto.as_nanos()).put("retries", view.retries).told("tcp.timer")
        }
        What::TcpState { conn, side: end, from, to } => {
            let f = fields().put("conn", conn.0).put("side", side(*end));
            f.put("from", from.name()).put("to", to.name()).told("tcp.state")
        }
        What::TcpClosed { conn, side: end, how } => {
            let kind = match how {
                Closed::Fin => "fin",
                Closed::Rst => "rst",
                Closed::Timeout => "timeout",
            };
            fields().put("conn", conn.0).put("side", side(*end)).put("kind", kind).told("tcp.close")
        }
        What::Session(s) => session(log, names, s),
        What::Mail(event) => mail_event(event),
        What::Dns(event) => dns(event),
        What::Action(id) => match names.action(*id) {
            Some(action) => {
                let (kind, target) = names.told_action(action);
                let fault = !matches!(kind, "send" | "queue" | "read" | "fetch" | "browse");
                fields().put("kind", kind).put("target", target).told(if fault { "fault.apply" } else { "action" })
            }
            None => fields().told("action"),
        },
    }
}

/// One line about a packet, in Wireshark's manner.
pub fn info(log: &Log, packet: super::PacketId) -> String {
    let bytes = log.packet_bytes(packet);
    if log.packet(packet).arp {
        return match packet::parse_arp(&bytes) {
            Ok(arp) if arp.is_request => format!("Who has {}? Tell {}", arp.target_ip, arp.sender_ip),
            Ok(arp) => format!("{} is at {}", arp.sender_ip, arp.sender_mac),
            Err(wrong) => wrong.to_string(),
        };
    }
    let ip = match packet::parse_ipv4(&bytes) {
        Ok(ip) => ip,
        Err(wrong) => return wrong.to_string(),
    };
    let ends = |a: u16, b: u16| format!("{}:{a} -> {}:{b}", ip.src, ip.dst);
    match ip.protocol() {
        Some(Protocol::Tcp) => match packet::parse_tcp(ip.src, ip.dst, ip.payload) {
            Ok(t) => {
                let h = &t.header;
                format!("{} [{}] len {}", ends(h.src_port, h.dst_port), h.flags, t.payload.len())
            }
            Err(wrong) => wrong.to_string(),
        },
        Some(Protocol::Udp) => match packet::parse_udp(ip.src, ip.dst, ip.payload) {
            Ok(u) => format!("{} UDP len {}", ends(u.src_port, u.dst_port), u.payload.len()),
            Err(wrong) => wrong.to_string(),
        },
        Some(Protocol::Icmp) => format!("{} -> {} ICMP", ip.src, ip.dst),
        None => format!("{} -> {}", ip.src, ip.dst),
    }
}

fn segment(log: &Log, names: &Names, packet: super::PacketId, view: super::ViewId, again: bool) -> Told {
    let p = log.packet(packet);
    let view = log.view(view);
    let mut f = fields();
    if let Some((conn, end)) = p.conn
        && conn != ConnId(u32::MAX)
    {
        f = f.put("conn", conn.0).put("side", side(end));
        f = f.put("from", name(log, names, conn, end)).put("to", name(log, names, conn, end.other()));
    }
    f = f.put("packet", packet.0);
    if let Ok(ip) = packet::parse_ipv4(&log.packet_bytes(packet))
        && let Ok(t) = packet::parse_tcp(ip.src, ip.dst, ip.payload)
    {
        // Relative numbers, as Wireshark shows them.
        let h = t.header;
        let (seq, ack) = (h.seq.wrapping_sub(view.iss), h.ack.wrapping_sub(view.irs));
        f = f.put("seq", seq).maybe("ack", h.flags.contains(packet::TcpFlags::ACK).then_some(ack));
        f = f.put("len", t.payload.len()).put("flags", h.flags.to_string()).put("window", h.window);
    }
    f.put("retx", again).put("cwnd", view.cwnd).put("state", view.state.name()).told("tcp.seg")
}

fn line(log: &Log, names: &Names, s: &Session<'_>, line: &Line<'_>) -> Told {
    let from = match line.way {
        Way::Sent => s.side,
        Way::Received => s.side.other(),
    };
    let to = name(log, names, s.conn, from.other());
    let from = name(log, names, s.conn, from);
    let f = fields().put("conn", s.conn.0).put("proto", s.event.protocol()).put("from", from).put("to", to);
    let f = f.put("dir", direction(s.side, line.way)).put("text", line.text);
    let f = f.maybe("verb", line.verb).maybe("code", line.code);
    let writer = if line.way == Way::Sent { s.side } else { s.side.other() };
    // Where nothing is sealed on a connection, nothing is said about it.
    let f = f.maybe("sealed", log.sealed(s.conn).map(|sealed| line.start >= sealed.from(writer)));
    f.told(if line.way == Way::Sent { "app.line" } else { "app.read" })
}

fn session(log: &Log, names: &Names, s: &Session<'_>) -> Told {
    if let Some(text) = s.event.line() {
        return line(log, names, s, &text);
    }
    let of = || fields().put("conn", s.conn.0).put("side", side(s.side)).put("proto", s.event.protocol());
    let state = |from: &'static str, to: &'static str| of().put("from", from).put("to", to).told("session.state");
    let unexpected = |u: &crate::engine::Unexpected| of().put("text", u.to_string()).told("session.unexpected");
    let ended = |reason: String| of().put("reason", reason).told("session.end");
    let phase = |p: &smtp::phase::PhaseChange| {
        let f = fields().put("conn", s.conn.0).put("side", side(s.side));
        f.put("course", p.course.name()).put("rfc", p.rfc.name()).told("smtp.phase")
    };
    // A letter counts once, where it is sent.
    let letter = |range: &std::ops::Range<u64>| {
        let f = fields().put("conn", s.conn.0).put("from", name(log, names, s.conn, Side::Client));
        let f = f.put("to", name(log, names, s.conn, Side::Server)).put("bytes", range.end - range.start);
        let kind = if s.side == Side::Client { "smtp.letter" } else { "smtp.end_of_data" };
        f.put("start", range.start).put("end", range.end).told(kind)
    };
    match s.event {
        SessionEvent::Line(_, text) => line(log, names, s, &text),
        SessionEvent::Secured(info) => {
            let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("version", info.version);
            f.put("suite", info.suite.as_str()).maybe("name", info.server_name.as_deref()).told("tls.secured")
        }
        SessionEvent::NotSecured(why) => {
            fields().put("conn", s.conn.0).put("side", side(s.side)).put("reason", why).told("tls.failed")
        }
        SessionEvent::SmtpClient(event) => {
            use smtp::client::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::State { from, to } => state(from.name(), to.name()),
                Event::Phase(p) => phase(p),
                Event::Letter(carried) => letter(&carried.range),
                Event::Outcome(o) => {
                    let result = match (&o.end, &o.failure) {
                        (Some(end), _) => end.to_string(),
                        (None, Some(failure)) => failure.to_string(),
                        (None, None) => String::new(),
                    };
                    let f = fields().put("conn", s.conn.0).put("mail_from", o.envelope.from.to_string());
                    let f = f.put("rcpts", list(o.envelope.to.iter().map(ToString::to_string)));
                    let f = f.put("codes", list(o.recipients.iter().map(|(_, r)| r.code)));
                    f.maybe("end_code", o.end.as_ref().map(|r| r.code)).put("result", result).told("smtp.txn")
                }
                Event::Idle => of().told("session.idle"),
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(e.to_string()),
            }
        }
        SessionEvent::SmtpServer(event) => {
            use smtp::server::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::State { from, to } => state(from.name(), to.name()),
                Event::Phase(p) => phase(p),
                Event::LetterReceived(carried) => letter(&carried.range),
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(e.to_string()),
            }
        }
        SessionEvent::ImapClient(event) => {
            use imap::client::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::State { from, to } => state(from.name(), to.name()),
                Event::Data(data) => fields().put("conn", s.conn.0).put("text", format!("{data:?}")).told("imap.data"),
                Event::Letter { number, uid, range, .. } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("number", *number);
                    f.maybe("uid", *uid).put("start", range.start).put("end", range.end).told("imap.letter")
                }
                Event::Completed { verb, status, text, .. } => {
                    let f = fields().put("conn", s.conn.0).put("verb", *verb);
                    f.put("status", status.name()).put("text", text.as_str()).told("imap.resp")
                }
                Event::Skipped(command) => {
                    fields().put("conn", s.conn.0).put("text", format!("{command:?}")).told("imap.skipped")
                }
                Event::Idle => of().told("session.idle"),
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(format!("{e:?}")),
            }
        }
        SessionEvent::ImapServer(event) => {
            use imap::server::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::State { from, to } => state(from.name(), to.name()),
                Event::Sent { range, uid, .. } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("uid", *uid);
                    f.put("start", range.start).put("end", range.end).told("imap.letter")
                }
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(format!("{e:?}")),
            }
        }
        SessionEvent::Pop3Client(event) => {
            use pop3::client::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::State { from, to } => state(from.name(), to.name()),
                Event::Letter { number, unique, range, .. } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("number", *number);
                    let f = f.maybe("unique", unique.as_deref());
                    f.put("start", range.start).put("end", range.end).told("pop3.letter")
                }
                Event::Completed { verb, ok, text } => {
                    let f = fields().put("conn", s.conn.0).put("verb", *verb);
                    f.put("status", if *ok { "+OK" } else { "-ERR" }).put("text", text.as_str()).told("pop3.resp")
                }
                Event::Skipped(command) => {
                    fields().put("conn", s.conn.0).put("text", format!("{command:?}")).told("pop3.skipped")
                }
                Event::Idle => of().told("session.idle"),
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(e.to_string()),
            }
        }
        SessionEvent::Pop3Server(event) => {
            use pop3::server::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::State { from, to } => state(from.name(), to.name()),
                Event::Sent { range, number, uid, .. } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("number", *number);
                    f.put("uid", *uid).put("start", range.start).put("end", range.end).told("pop3.letter")
                }
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(e.to_string()),
            }
        }
        SessionEvent::HttpClient(event) => {
            use http::client::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::Request { method, path } => request(log, names, s, method, path),
                Event::Content { content_type, length, range } => {
                    posted(log, names, s, content_type.as_deref(), *length, range)
                }
                Event::Received { method, path, status, body, range, .. } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("method", method.name());
                    let f = f.put("path", path.as_str()).put("status", *status).put("length", body.len());
                    f.put("start", range.start).put("end", range.end).told("http.response")
                }
                Event::Response { status, length, .. } => {
                    let f = fields().put("conn", s.conn.0).put("status", *status);
                    f.maybe("length", *length).told("http.head")
                }
                Event::Body { range } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side));
                    f.put("start", range.start).put("end", range.end).told("http.body")
                }
                Event::Done => of().told("session.idle"),
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(format!("{e:?}")),
            }
        }
        SessionEvent::HttpServer(event) => {
            use http::server::Event;
            match event {
                Event::Line(_) => unreachable!("a line is kept as a line"),
                Event::Request { method, path } => request(log, names, s, method, path),
                Event::Content { content_type, length, range } => {
                    posted(log, names, s, content_type.as_deref(), *length, range)
                }
                Event::Response { status, length, .. } => {
                    let f = fields().put("conn", s.conn.0).put("status", *status);
                    f.put("length", *length).told("http.head")
                }
                Event::Body { range } => {
                    let f = fields().put("conn", s.conn.0).put("side", side(s.side));
                    f.put("start", range.start).put("end", range.end).told("http.body")
                }
                Event::Unexpected(u) => unexpected(u),
                Event::Ended(e) => ended(format!("{e:?}")),
            }
        }
    }
}

/// A request counts once, where it is sent; where it is read it is `http.asked`.
fn request(log: &Log, names: &Names, s: &Session<'_>, method: &str, path: &str) -> Told {
    let from = name(log, names, s.conn, Side::Client);
    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("from", from);
    let kind = if s.side == Side::Client { "http.request" } else { "http.asked" };
    f.put("method", method).put("path", path).told(kind)
}

/// What goes with a request: told where it is sent and where all of it has been read.
fn posted(
    log: &Log,
    names: &Names,
    s: &Session<'_>,
    content_type: Option<&str>,
    length: u64,
    range: &std::ops::Range<u64>,
) -> Told {
    let from = name(log, names, s.conn, Side::Client);
    let f = fields().put("conn", s.conn.0).put("side", side(s.side)).put("from", from);
    let f = f.maybe("type", content_type).put("length", length);
    f.put("start", range.start).put("end", range.end).told("http.content")
}

fn mail_event(event: &mail::Event) -> Told {
    use mail::Event;
    let addresses = |to: &[smtp::Address]| list(to.iter().map(ToString::to_string));
    match event {
        Event::Composed { user, draft, envelope, letter } => {
            let f = fields().put("user", user.as_str()).put("msg", &*letter.message_id);
            let f = f.put("from", draft.from.as_str()).put("to", addresses(&envelope.to));
            f.put("subject", draft.subject.as_str()).put("bytes", letter.bytes.len()).told("mua.compose")
        }
        Event::LetterSent { conn, content } => {
            fields().put("conn", conn.0).put("content", content.0).told("smtp.begin")
        }
        Event::Submitted { user, message_id, result, accepted } => {
            let f = fields().put("user", user.as_str()).put("msg", &**message_id);
            f.put("result", result.as_str()).put("accepted", *accepted).told("mua.sent")
        }
        Event::AuthResult { conn, method, result, domain, stage, reason } => {
            let f = fields().put("conn", conn.0).put("method", *method).put("result", *result);
            f.put("domain", domain.as_str())
                .put("stage", stage.name())
                .put("reason", reason.as_str())
                .told("auth.result")
        }
        Event::Accepted { envelope, letter, .. } => {
            let f = fields().put("msg", &*letter.message_id).put("mail_from", envelope.from.to_string());
            f.put("rcpts", addresses(&envelope.to)).put("bytes", letter.bytes.len()).told("mail.accept")
        }
        Event::QueueEnter { entry, envelope, domain, letter, due } => {
            let f = fields().put("entry", entry.0).put("msg", &*letter.message_id).put("domain", domain.as_str());
            f.put("rcpts", addresses(&envelope.to)).put("next_t", due.as_nanos()).told("queue.enter")
        }
        Event::QueueAttempt { entry, message_id, attempt } => {
            let f = fields().put("entry", entry.0).put("msg", &**message_id);
            f.put("attempt", *attempt).told("queue.attempt")
        }
        Event::QueueDefer { entry, message_id, attempt, reason, reply, next, .. } => {
            let f = fields().put("entry", entry.0).put("msg", &**message_id).put("attempt", *attempt);
            let f = f.put("reason", reason.as_str()).maybe("code", reply.as_ref().map(|r| r.code));
            f.put("next_t", next.as_nanos()).told("queue.defer")
        }
        Event::Converted { entry, letter } => {
            let f = fields().put("entry", entry.0).put("msg", &*letter.message_id);
            f.put("bytes", letter.bytes.len()).told("queue.convert")
        }
        Event::QueueLeave { entry, message_id, left, reason } => {
            let f = fields().put("entry", entry.0).put("msg", &**message_id);
            let kind = serde_json::to_value(left).unwrap_or_default();
            f.put("kind", kind).put("reason", reason.as_str()).told("queue.leave")
        }
        Event::Expanded { address, by, envelope, letter } => {
            let f = fields().put("msg", &*letter.message_id).put("address", address.to_string()).put("kind", by.name());
            let f = f.put("mail_from", envelope.from.to_string()).put("rcpts", addresses(&envelope.to));
            f.put("bytes", letter.bytes.len()).told("mail.expand")
        }
        Event::DsnCreate { about, to, fate, failed, letter } => {
            let f = fields().put("msg", &*letter.message_id).put("for", &**about);
            let f = f.put("to", to.to_string()).put("action", fate.name());
            f.put("rcpts", addresses(failed)).told("dsn.create")
        }
        Event::MailboxStore { user, folder, uid, flags, letter } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str()).put("uid", *uid);
            let f = f.put("msg", &*letter.message_id).put("flags", list(flags.iter().map(String::as_str)));
            f.put("bytes", letter.bytes.len()).told("mailbox.store")
        }
        Event::MailboxFlag { user, folder, uid, flags } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str()).put("uid", *uid);
            f.put("flags", list(flags.iter().map(String::as_str))).told("mailbox.flag")
        }
        Event::MailboxExpunge { user, folder, uid, number } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str()).put("uid", *uid);
            f.put("number", *number).told("mailbox.expunge")
        }
        Event::MailboxMove { user, folder, uid, to, new_uid } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str()).put("uid", *uid);
            f.put("into", to.as_str()).put("new_uid", *new_uid).told("mailbox.move")
        }
        Event::FolderRename { user, folder, to } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str());
            f.put("into", to.as_str()).told("mailbox.rename")
        }
        Event::FolderCreate { user, folder } => {
            fields().put("user", user.as_str()).put("folder", folder.as_str()).told("mailbox.create")
        }
        Event::FolderDelete { user, folder } => {
            fields().put("user", user.as_str()).put("folder", folder.as_str()).told("mailbox.delete")
        }
        Event::CopyChange { user, folder, uid, change } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str()).put("uid", *uid);
            f.put("text", change.to_string()).told("mua.offline")
        }
        Event::CopySync { user, folder, uid_validity, letters, outcome } => {
            let f = fields().put("user", user.as_str()).put("folder", folder.as_str());
            let f = f.maybe("uid_validity", *uid_validity).put("letters", *letters).put("replayed", outcome.replayed);
            f.put("dropped", outcome.dropped).put("complete", outcome.complete).told("mua.sync")
        }
        Event::DiskStore { user, letter } => {
            let f = fields().put("user", user.as_str()).put("msg", &*letter.message_id);
            f.put("bytes", letter.bytes.len()).told("disk.store")
        }
        Event::Read { user, letter, screen } => {
            let f = fields().put("user", user.as_str()).put("msg", &*letter.message_id);
            let f = f.put("from", screen.from.as_str()).put("subject", screen.subject.as_str());
            f.put("text", screen.text.as_str()).told("mua.read")
        }
    }
}

/// The data of a record in the words of a zone file.
fn data(data: &RecordData) -> String {
    match data {
        RecordData::A(address) => address.to_string(),
        RecordData::Mx(preference, host) => format!("{preference} {host}"),
        RecordData::Ptr(name) | RecordData::Ns(name) | RecordData::Cname(name) => name.clone(),
        RecordData::Txt(strings) => strings.concat(),
    }
}

fn dns(event: &resolver::Event) -> Told {
    use resolver::Event;
    match event {
        Event::Query { name, rtype, id, attempt } => {
            let f = fields().put("qname", name.as_str()).put("qtype", rtype.to_string());
            f.put("id", *id).put("attempt", *attempt).told("dns.query")
        }
        Event::Answer { name, rtype, id, answers, rcode } => {
            let f = fields().put("qname", name.as_str()).put("qtype", rtype.to_string()).put("id", *id);
            let f = f.put("rcode", rcode.to_string());
            f.put("answers", list(answers.iter().map(|r| data(&r.data)))).told("dns.answer")
        }
        Event::Cached { name, rtype, result, .. } => {
            let f = fields().put("qname", name.as_str()).put("qtype", rtype.to_string());
            let answers = result.iter().flatten().map(|r| data(&r.data));
            f.put("answers", list(answers)).told("dns.cached")
        }
        Event::Ignored { reason, .. } => fields().put("reason", reason.to_string()).told("dns.ignored"),
        Event::Truncated { name, rtype, id } => {
            let f = fields().put("qname", name.as_str()).put("qtype", rtype.to_string());
            f.put("id", *id).told("dns.truncated")
        }
        Event::TimedOut { name, rtype, id, attempts } => {
            let f = fields().put("qname", name.as_str()).put("qtype", rtype.to_string());
            f.put("id", *id).put("attempts", *attempts).told("dns.timeout")
        }
    }
}

/// The cause as a value: `"start"`, `{"action": n}`, `{"entry": n}`, `{"timer": n}`.
pub fn cause(cause: Cause) -> Value {
    let of = |name: &str, n: u32| Value::Object([(name.to_string(), Value::from(n))].into_iter().collect());
    match cause {
        Cause::Start => Value::from("start"),
        Cause::Action(id) => of("action", id.0),
        Cause::Entry(id) => of("entry", id.0),
        Cause::Timer { armed_by } => of("timer", armed_by.0),
    }
}
