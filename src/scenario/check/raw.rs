//! Bytes as they are: connections whose bytes stand in the file, and what somebody types.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Check;
use super::network::{Net, Talk, routes};
use super::programs::{fqdn, port_of, tell_no_service};
use crate::action::{Action, RawDeed, RawSession, Service};
use crate::scenario::problem::quoted;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::topology::NodeId;

/// The connections that have been opened by the actions so far: host and number.
#[derive(Default)]
pub(super) struct Sessions {
    opened: BTreeSet<(NodeId, u32)>,
    /// Ways that have been judged: a recording opens thousands of connections between the same two hosts.
    ways: BTreeSet<(NodeId, NodeId)>,
}

/// Somebody types at a mail server.
pub(super) fn console(check: &mut Check, file: &File, net: &Net, typed: &At<typed::Console>) -> Option<Action> {
    let host = typed.host.get().and_then(|h| check.host(net, h));
    let lines = typed.lines.get()?;
    if lines.items.is_empty() && !lines.broken {
        let problem = check
            .problem("empty_list", lines.span, "nothing is typed")
            .label("empty")
            .help("write \"lines\": [\"EHLO alice-pc.a.example\", \"QUIT\"]");
        check.tell(problem);
    }
    for line in lines.items.iter().filter(|l| l.contains(['\r', '\n'])) {
        let problem = check
            .problem("line_end", line.span, "a line is typed without its end, which is put behind it")
            .label("has a line end in it")
            .help("make two lines of it: \"DATA\", \"Subject: hello\"");
        check.tell(problem);
    }
    let name = typed.server.get()?;
    let server = check.host(net, name)?;
    let there = &file.hosts.items()[server.0 as usize];
    let port = typed.port.get().map(|p| p.0 as u16).or(port_of(there, Service::Smtp));
    if port.is_none() {
        tell_no_service(check, file, name, there, Service::Smtp);
    }
    let host = host?;
    routes(check, net, &[Talk { from: host, to: server, span: name.span }]);
    super::names::known_to_dns(check, file, net, server, name.span);
    let lines = lines.items.iter().map(|line| line.value.clone()).collect();
    Some(Action::Console { host, server: fqdn(there), port: port?, lines, stays: false })
}

/// One thing on a connection whose bytes stand in the file.
pub(super) fn raw(
    check: &mut Check,
    file: &File,
    net: &Net,
    sessions: &mut Sessions,
    typed: &At<typed::Raw>,
) -> Option<Action> {
    let deeds = [
        ("connect", !typed.connect.is_absent()),
        ("accept", !typed.accept.is_absent()),
        ("text", !typed.text.is_absent()),
        ("base64", !typed.base64.is_absent()),
        ("close", !typed.close.is_absent()),
        ("reset", !typed.reset.is_absent()),
        ("read", !typed.read.is_absent()),
    ];
    one_of(check, typed.span, "does", &deeds)?;
    let which = [("session", !typed.session.is_absent()), ("accepted", !typed.accepted.is_absent())];
    one_of(check, typed.span, "is on", &which)?;
    let name = typed.host.get()?;
    let host = check.host(net, name)?;
    let session = match (typed.session.get(), typed.accepted.get()) {
        (Some(number), _) => RawSession::Opened(number.0 as u32),
        (_, number) => RawSession::Accepted(number?.0 as u32),
    };
    if let RawSession::Accepted(_) = session
        && file.hosts.items()[host.0 as usize].door.is_absent()
    {
        let problem = check
            .problem("wrong_role", name.span, format!("`{}` has no door at which connections come in", name.0))
            .label("no `door`")
            .help("give the host a `door`, or name a connection that it opens by `session`");
        check.tell(problem);
        return None;
    }
    if typed.connect.is_absent() {
        known(check, sessions, typed, host, session)?;
    }
    let deed = if let Some(to) = typed.connect.get() {
        let (to, port) = connect(check, net, sessions, typed, (host, session), to)?;
        RawDeed::Connect { to, port }
    } else if let Some(accept) = typed.accept.get() {
        yes(check, accept, "accept")?;
        if let RawSession::Opened(_) = session {
            let problem = check
                .problem("opened_here", accept.span, "a connection that this host opens is not taken here")
                .label("`accept`")
                .help("name one that came to the door: \"accepted\": 1");
            check.tell(problem);
            return None;
        }
        RawDeed::Accept
    } else if let Some(text) = typed.text.get() {
        RawDeed::Write(bytes_of(text))
    } else if let Some(text) = typed.base64.get() {
        RawDeed::Write(decoded(check, text)?)
    } else if let Some(close) = typed.close.get() {
        yes(check, close, "close")?;
        RawDeed::Close
    } else if let Some(reset) = typed.reset.get() {
        yes(check, reset, "reset")?;
        RawDeed::Reset
    } else {
        RawDeed::Read(typed.read.get()?.value)
    };
    Some(Action::Raw { host, session, deed })
}

/// Exactly one of these fields is written.
fn one_of(check: &mut Check, span: Span, verb: &str, fields: &[(&str, bool)]) -> Option<()> {
    let given: Vec<&str> = fields.iter().filter(|f| f.1).map(|f| f.0).collect();
    if given.len() == 1 {
        return Some(());
    }
    let all: Vec<&str> = fields.iter().map(|f| f.0).collect();
    let why = match given.len() {
        0 => format!("this {verb} nothing"),
        n => format!("this {verb} {n} things: {}", quoted(&given)),
    };
    let problem = check.problem("not_one", span.first(), why).label("`raw`").help(format!("one of {}", quoted(&all)));
    check.tell(problem);
    None
}

/// The connection has been opened before.
fn known(check: &mut Check, sessions: &Sessions, typed: &typed::Raw, host: NodeId, session: RawSession) -> Option<()> {
    let RawSession::Opened(number) = session else { return Some(()) };
    if sessions.opened.contains(&(host, number)) {
        return Some(());
    }
    let span = typed.session.get().map_or(typed.span, |s| s.span);
    let problem = check
        .problem("unknown_session", span, format!("no connection {number} of this host has been opened before"))
        .label("not open")
        .help("open it first: { \"host\": \"door\", \"session\": 1, \"connect\": \"mail.a\", \"port\": 25 }");
    check.tell(problem);
    None
}

fn connect(
    check: &mut Check,
    net: &Net,
    sessions: &mut Sessions,
    typed: &At<typed::Raw>,
    (host, session): (NodeId, RawSession),
    to: &At<crate::scenario::words::Name>,
) -> Option<(Ipv4Addr, u16)> {
    let RawSession::Opened(number) = session else {
        let problem = check
            .problem("not_opened_here", to.span, "a connection that came to the door is not opened here")
            .label("`connect`")
            .help("name it by `session` instead of `accepted`");
        check.tell(problem);
        return None;
    };
    if !sessions.opened.insert((host, number)) {
        let span = typed.session.get().map_or(typed.span, |s| s.span);
        let problem = check
            .problem("session_twice", span, format!("connection {number} of this host has been opened before"))
            .label("again")
            .help("give each connection a number of its own");
        check.tell(problem);
    }
    let server = check.host(net, to)?;
    let Some(port) = typed.port.get() else {
        if typed.port.is_absent() {
            let problem = check
                .problem("missing_field", typed.span.first(), "a connection is opened to a port")
                .label("`port` is missing in this object")
                .help("25 is SMTP, 587 submission, 143 IMAP, 110 POP3, 80 HTTP");
            check.tell(problem);
        }
        return None;
    };
    if sessions.ways.insert((host, server)) {
        routes(check, net, &[Talk { from: host, to: server, span: to.span }]);
    }
    Some((net.address(server)?.0, port.0 as u16))
}

/// `true` is the only thing that makes sense.
fn yes(check: &mut Check, value: &At<bool>, field: &str) -> Option<()> {
    if value.value {
        return Some(());
    }
    let problem = check
        .problem("not_undone", value.span, format!("`{field}`: false does nothing"))
        .label("nothing happens")
        .help(format!("write \"{field}\": true, or take the action away"));
    check.tell(problem);
    None
}

fn bytes_of(text: &At<String>) -> Arc<[u8]> {
    text.as_bytes().into()
}

fn decoded(check: &mut Check, text: &At<String>) -> Option<Arc<[u8]>> {
    match STANDARD.decode(text.as_str()) {
        Ok(bytes) => Some(bytes.into()),
        Err(error) => {
            let problem = check
                .problem("bad_base64", text.span, format!("this is no base64: {error}"))
                .label("bytes")
                .help("letters, digits, + and /, with = at the end up to a multiple of four (RFC 4648 section 4)");
            check.tell(problem);
            None
        }
    }
}

/// The letter of a `send` that has one as it is.
pub(super) fn letter(check: &mut Check, send: &At<typed::Send>) -> Option<Arc<[u8]>> {
    if send.envelope.is_absent() {
        let problem = check
            .problem("missing_field", send.span.first(), "a letter that is sent as it is needs an `envelope`")
            .label("`envelope` is missing in this object")
            .help("write \"envelope\": { \"from\": \"alice@a.example\", \"to\": [\"bob@b.example\"] }");
        check.tell(problem);
    }
    match (send.letter.get(), send.letter_base64.get()) {
        (Some(_), Some(second)) => {
            let problem = check
                .problem("either_or", second.span, "the letter stands here twice")
                .label("`letter` and `letter_base64`")
                .help("keep one of the two");
            check.tell(problem);
            None
        }
        (Some(text), None) => Some(bytes_of(text)),
        (None, text) => decoded(check, text?),
    }
}
