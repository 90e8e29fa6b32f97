//! Web servers, what browsers fetch from them, and mail in a browser.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Check;
use super::letter::{self, Writing};
use super::network::{Net, Talk, routes};
use super::programs::{self, Programs, port_of};
use crate::action::{Action, Service, WebDeed};
use crate::http::Validators;
use crate::scenario::problem::quoted;
use crate::scenario::read::Field;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::scenario::words::Name;
use crate::sim::{WebObject, WebServer};
use crate::topology::NodeId;

/// A web server; its accounts are found when all hosts are known.
pub(super) fn server(check: &mut Check, file: &File, at: &At<typed::WebServer>) -> WebServer {
    if at.objects.is_absent() && at.webmail.is_absent() {
        let problem = check
            .problem("empty_web_server", at.span.first(), "this web server has nothing to show")
            .label("no `objects` and no `webmail`")
            .help("add \"objects\": [{ \"path\": \"/\", \"type\": \"text/html\", \"text\": [\"hello\"] }]");
        check.tell(problem);
    }
    // The objects lie there since the run began.
    let since = file.start.or_default().unix_seconds(crate::time::Instant::ZERO);
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut objects = Vec::new();
    for object in at.objects.items() {
        let Some(path) = object.path.get() else { continue };
        web_path(check, path);
        if let Some(first) = seen.insert(path, path.span) {
            let problem = check
                .problem("path_twice", path.span, format!("two objects have the path `{}`", path.value))
                .label("again")
                .also(first, "first")
                .help("every object has a path of its own");
            check.tell(problem);
        }
        let moved_to = object.moved_to.get().map(|to| moved(check, object, to));
        let body = match &moved_to {
            Some(_) => Arc::default(),
            None => letter::content(check, object.span, path, &object.text, &object.bytes),
        };
        if moved_to.is_none() && object.kind.is_absent() {
            let problem = check
                .problem("missing_field", object.span.first(), format!("`{}` needs `type`", path.value))
                .label("has no `type`")
                .help("its media type: \"image/png\", \"text/plain\"");
            check.tell(problem);
        }
        letter::media_type(check, object.kind.get());
        let validators = match at.validators.or(false) && moved_to.is_none() {
            true => Validators { etag: Some(etag(&body)), last_modified: Some(since) },
            false => Validators::default(),
        };
        let (path, content_type) = (path.value.clone(), object.kind.or(String::new()));
        objects.push(WebObject { path, content_type, body, validators, moved_to });
    }
    WebServer {
        port: at.port.get().map_or(80, |p| p.0 as u16),
        keep_alive: at.keep_alive.or(true),
        chunk: at.chunk.get().map(|n| n.0 as usize),
        objects,
        webmail: Arc::default(),
    }
}

/// A short digest of an object: it changes with every byte.
fn etag(body: &[u8]) -> String {
    use sha2::Digest;
    let digest: [u8; 32] = sha2::Sha256::digest(body).into();
    let hex: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
    format!("\"{hex}\"")
}

fn moved(check: &mut Check, object: &At<typed::WebObject>, to: &At<String>) -> String {
    web_path(check, to);
    if !object.text.is_absent() || !object.bytes.is_absent() {
        let problem = check
            .problem("either_or", to.span, "what has moved is not here any more")
            .label("`moved_to` beside `text` or `bytes`")
            .help("write one of them");
        check.tell(problem);
    }
    to.value.clone()
}

/// Tells if it is no path of a web object.
fn web_path(check: &mut Check, path: &At<String>) {
    if path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic()) {
        return;
    }
    let clean: String = path.chars().filter(char::is_ascii_graphic).collect();
    let problem = check
        .problem("bad_path", path.span, format!("`{}` is no path on a web server", path.escape_debug()))
        .label("path")
        .help(format!("paths begin with / and have no blanks: \"/{}\"", clean.trim_start_matches('/')));
    check.tell(problem);
}

/// A browser fetches objects.
pub(super) fn fetch(check: &mut Check, file: &File, net: &Net, browse: &typed::Browse) -> Option<Action> {
    let host = browse.host.get().and_then(|h| check.host(net, h));
    if let Some(empty) = browse.paths.get().filter(|p| p.items.is_empty() && !p.broken) {
        let problem = check
            .problem("empty_list", empty.span, "`paths` names nothing to fetch")
            .label("empty")
            .help("write \"paths\": [\"/\"]");
        check.tell(problem);
    }
    for path in browse.paths.items() {
        web_path(check, path);
    }
    let name = browse.server.get()?;
    let (server, usual) = web_server(check, file, net, name)?;
    let host = host?;
    routes(check, net, &[Talk { from: host, to: server, span: name.span }]);
    Some(Action::Browse {
        host,
        server: programs::fqdn(&file.hosts.items()[server.0 as usize]),
        port: browse.port.get().map_or(usual, |p| p.0 as u16),
        paths: browse.paths.items().iter().map(|p| p.value.clone()).collect(),
        persistent: browse.persistent.or(true),
        connections: browse.connections.get().map_or(1, |n| n.0 as u32),
    })
}

/// The host with this web server, and its port; told, if it has none.
fn web_server(check: &mut Check, file: &File, net: &Net, name: &At<Name>) -> Option<(NodeId, u16)> {
    let server = check.host(net, name)?;
    let typed = &file.hosts.items()[server.0 as usize];
    let port = port_of(typed, Service::Http);
    if port.is_none() {
        programs::tell_no_service(check, file, name, typed, Service::Http);
    }
    Some((server, port?))
}

/// Somebody reads or writes mail in a browser.
pub(super) fn visit(
    check: &mut Check,
    file: &File,
    net: &Net,
    ready: &Programs,
    at: &At<typed::WebmailVisit>,
) -> Option<Action> {
    let host = at.host.get().and_then(|h| check.host(net, h));
    let deed = deed(check, at);
    let name = at.server.get()?;
    let (server, port) = web_server(check, file, net, name)?;
    let typed = &file.hosts.items()[server.0 as usize];
    let web = typed.web_server.get()?;
    if web.webmail.is_absent() {
        let problem = check
            .problem("no_webmail", name.span, format!("nobody can read or write mail on the pages of `{}`", name.0))
            .label("no `webmail` in its `web_server`")
            .help("add \"webmail\": { \"accounts\": [{ \"address\": \"alice@a.example\", \"smtp\": \"mail.a\" }] }");
        check.tell(problem);
        return None;
    }
    let accounts = &ready.hosts.get(&server)?.web_server.as_ref()?.webmail;
    let known: Vec<&str> = accounts.iter().map(|a| a.address.as_str()).collect();
    let account = match at.account.get() {
        Some(wanted) => match accounts.iter().find(|a| a.address == wanted.address.to_string()) {
            Some(account) => account,
            None => {
                let what = format!("the webmail of `{}` has no account {}", name.0, wanted.address);
                let problem = check.problem("no_such_account", wanted.span, what).label("does not exist");
                let problem = problem.suggest(&wanted.address.to_string(), known.iter().copied());
                check.tell(problem);
                return None;
            }
        },
        None => match &accounts[..] {
            [one] => one,
            all => {
                if !all.is_empty() {
                    let what = format!("the webmail of `{}` has {} accounts", name.0, all.len());
                    let problem = check.problem("which_account", name.span, what).label("which of them?");
                    check.tell(problem.help(format!("add `account`: {}", quoted(&known))));
                }
                return None;
            }
        },
    };
    let (lacks, field) = match deed.as_ref()? {
        WebDeed::Write(_) => (account.smtp.is_none(), "smtp"),
        WebDeed::Look(_) => (account.imap.is_none(), "imap"),
    };
    if lacks {
        let problem = check
            .problem("idle_agent", at.span.first(), format!("{} has no server for that", account.address))
            .label(format!("the account has no `{field}`"))
            .help(format!("add \"{field}\": \"mail.a\" to the account in `webmail`"));
        check.tell(problem);
        return None;
    }
    let host = host?;
    routes(check, net, &[Talk { from: host, to: server, span: name.span }]);
    Some(Action::Webmail {
        host,
        server: programs::fqdn(typed),
        port,
        user: account.user.clone(),
        password: at.password.or(account.password.clone()),
        deed: deed?,
    })
}

fn deed(check: &mut Check, at: &At<typed::WebmailVisit>) -> Option<WebDeed> {
    if at.write.is_absent() == at.read.is_absent() {
        let label = if at.write.is_absent() { "neither `write` nor `read`" } else { "`write` and `read`" };
        let problem = check
            .problem("either_or", at.span.first(), "somebody either reads or writes mail")
            .label(label)
            .help("\"read\": \"newest\", or \"write\": { \"to\": [\"bob@b.example\"], \"text\": [\"hello\"] }");
        check.tell(problem);
        return None;
    }
    if let Some(look) = at.read.get() {
        return Some(WebDeed::Look(look.value));
    }
    let letter = at.write.get()?;
    let writing = Writing {
        span: letter.span,
        to: &letter.to,
        cc: &letter.cc,
        bcc: &Field::Absent,
        subject: &letter.subject,
        text: &letter.text,
        attachments: &Field::Absent,
        envelope: &Field::Absent,
        eight_bit: &Field::Absent,
        binary: &Field::Absent,
    };
    Some(WebDeed::Write(letter::letter(check, String::new(), &writing).0))
}
