//! Mail servers, letters, files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Check;
use crate::auth::dkim::{Canon, PrivateKey, SIGNED, Signer};
use crate::engine::TlsPolicy;
use crate::imap::Extension;
use crate::mail::config::{self, Checks, MailServer, MailingList, ServiceTls, StoredMail, SubmissionService};
use crate::message::{Attachment, Draft, Stamp, compose, prepend};
use crate::scenario::read::{Field, Int, List, Network};
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::scenario::words::{AccessTls, Authority, BareLf, Body, Greet, LARGEST, Mailbox, Name};
use crate::smtp::auth::Mechanism;
use crate::smtp::options::{self, Notify, Wish, to_xtext};
use crate::smtp::{Address, Envelope, LineEnds, Options};
use crate::time::{Calendar, Duration, Instant};

/// A mail server in its ready form.
pub(super) fn server(
    check: &mut Check,
    file: &File,
    host: &typed::Host,
    typed: &At<typed::MailServer>,
    own: Option<Network>,
) -> MailServer {
    let reads = !typed.imap.is_absent() || !typed.pop3.is_absent();
    if typed.smtp.is_absent() && typed.submission.is_absent() && !reads {
        let problem = check
            .problem("idle_server", typed.span.first(), "this mail server has no service")
            .label("no `smtp`, no `imap` and no `pop3`")
            .help("add \"smtp\": {} to take mail in, \"imap\": {} or \"pop3\": {} to let users read it");
        check.tell(problem);
    }
    let domains: Vec<String> = typed.domains.items().iter().map(|d| d.0.clone()).collect();
    let mut users: Vec<config::User> = Vec::new();
    let mut places: BTreeMap<String, Span> = BTreeMap::new();
    let (mut stored, mut folders) = (Vec::new(), Vec::new());
    for user in typed.users.items() {
        let Some(name) = user.name.get() else { continue };
        if let Some(first) = places.insert(name.0.to_lowercase(), name.span) {
            let problem = check
                .problem("user_twice", name.span, format!("two users are called `{}`", name.0))
                .label("again")
                .also(first, "first")
                .help("give one of them another name; capitals make no difference");
            check.tell(problem);
        }
        keeps_nothing_twice(check, user);
        users.push(config::User {
            name: name.0.clone(),
            password: user.password.or("secret".to_owned()),
            quota: user.quota.get().map(|n| n.0),
            forward: user.forward.items().iter().map(|to| to.address.clone()).collect(),
            keep_copy: user.keep_copy.or(false),
        });
        let own_folders = user_folders(check, user);
        let domain = domains.first().cloned().unwrap_or_else(|| super::programs::fqdn(host));
        stored_mail(check, file, user, &name.0, &domain, &own_folders, &mut stored);
        folders.extend(own_folders.into_iter().map(|f| (name.0.clone(), f)));
    }
    let mut aliases = BTreeMap::new();
    for (alias, user) in typed.aliases.entries() {
        if !places.contains_key(&user.0.to_lowercase()) && !typed.users.lost_some() {
            let problem = check
                .problem("unknown_user", user.span, format!("there is no user `{}` on this server", user.0))
                .label("does not exist")
                .suggest(&user.0, users.iter().map(|u| u.name.as_str()));
            check.tell(problem);
        }
        if let Some(first) = places.get(&alias.to_lowercase()) {
            let problem = check
                .problem("alias_is_user", alias.span, format!("`{}` is a user already", alias.value))
                .label("as another name")
                .also(*first, "user")
                .help("an alias is a name that no user has");
            check.tell(problem);
        }
        aliases.insert(alias.value.clone(), user.0.clone());
    }
    let lists = lists(check, typed, &users, &places, &aliases);
    backups(check, typed, &domains);
    let smtp = typed.smtp.get();
    let queue = typed.queue.get();
    let retry = queue.map_or(&Field::Absent, |q| &q.retry);
    if let Some(empty) = retry.get().filter(|r| r.items.is_empty() && !r.broken) {
        let problem = check
            .problem("empty_list", empty.span, "`retry` has no waiting time")
            .label("empty")
            .help("the usual value is [\"30 min\", \"2 h\"]; leave it out to have that");
        check.tell(problem);
    }
    for zero in retry.items().iter().filter(|d| d.value == Duration::ZERO) {
        let problem = check
            .problem("zero_timeout", zero.span, "a waiting time of zero would try again for ever at the same moment")
            .label("no time at all")
            .help("at least \"1 s\"");
        check.tell(problem);
    }
    let extensions = smtp.map_or_else(Vec::new, |s| offered(check, &s.extensions));
    let submission = typed.submission.get().map(|s| SubmissionService {
        port: s.port.get().map_or(587, |p| p.0 as u16),
        extensions: match s.extensions.is_absent() {
            true => vec![DEFAULT_SUBMISSION.to_owned()],
            false => offered(check, &s.extensions),
        },
        login_required: s.login_required.or(true),
    });
    let size = extensions.iter().find_map(|line| line.strip_prefix("SIZE ")?.parse().ok());
    let minutes = |n: u64| Duration::from_secs(n * 60);
    let retry = match retry {
        Field::Given(list) => list.items.iter().map(|d| d.value).collect(),
        _ => vec![minutes(30), minutes(120)],
    };
    let relay_for = match &typed.relay_for {
        Field::Given(list) => list.items.iter().map(|n| (n.0, n.1)).collect(),
        _ => own
            .map(|Network(ip, n)| (std::net::Ipv4Addr::from(crate::topology::network(ip, n)), n))
            .into_iter()
            .collect(),
    };
    let checks = smtp.and_then(|s| s.checks.get()).map_or(Checks::None, |c| c.value);
    let dkim = smtp.and_then(|s| s.dkim.get()).and_then(|d| signer(check, host, d)).map(Arc::new);
    MailServer {
        checks,
        reject_spf_fail: smtp.is_some_and(|s| s.reject_spf_fail.or(checks == Checks::Spf)),
        dkim,
        domains,
        users,
        aliases,
        relay_for,
        smtp_port: super::programs::port_of(host, crate::action::Service::Smtp),
        submission,
        imap_port: super::programs::port_of(host, crate::action::Service::Imap),
        smtp_tls: smtp.map_or(ServiceTls::Never, |s| s.tls.or(ServiceTls::Never)),
        imap_tls: access_tls(typed.imap.get().and_then(|i| i.tls.get())),
        certificate: certificate(check, typed),
        client_tls: smtp.map_or_else(TlsPolicy::default, |s| s.client_tls.or(TlsPolicy::default())),
        imap_extensions: imap_extensions(check, typed.imap.get()),
        pop3_port: super::programs::port_of(host, crate::action::Service::Pop3),
        pop3_tls: access_tls(typed.pop3.get().and_then(|p| p.tls.get())),
        apop: typed.pop3.get().is_some_and(|p| p.apop.or(false)),
        ehlo: smtp.is_none_or(|s| s.greet.or(Greet::Ehlo) == Greet::Ehlo),
        strict_syntax: smtp.is_none_or(|s| s.strict_syntax.or(true)),
        dot_stuffing: smtp.is_none_or(|s| s.dot_stuffing.or(true)),
        line_ends: smtp.map_or_else(LineEnds::default, |s| s.bare_lf.or_default()),
        client_line_ends: smtp.map_or_else(LineEnds::default, |s| as_client(&s.client_bare_lf)),
        extensions,
        greylist: smtp.and_then(|s| s.greylist.get()).map(|d| d.value),
        pipelining: smtp.is_some_and(|s| s.pipelining.or(false)),
        eight_bit: smtp.map_or_else(Default::default, |s| s.eight_bit.or(Default::default())),
        chunking: smtp.is_some_and(|s| s.chunking.or(false)),
        verify: smtp.map_or_else(Default::default, |s| s.vrfy.or(Default::default())),
        expand: smtp.is_some_and(|s| s.expn.or(false)),
        largest: smtp.and_then(|s| s.largest.get()).map(|n| n.0 as usize).or(size),
        reuse_connection: smtp.is_none_or(|s| s.reuse_connection.or(true)),
        pickup_delay: queue.map_or(Duration::from_secs(1), |q| q.pickup_delay.or(Duration::from_secs(1))),
        retry,
        expire: queue.map_or(minutes(5 * 24 * 60), |q| q.expire.or(minutes(5 * 24 * 60))),
        stored,
        folders,
        lists,
        forward_sender: typed.forward_sender.or_default(),
        backup_for: typed.backup_for.items().iter().map(|d| d.0.clone()).collect(),
        open_relay: typed.open_relay.or(false),
        looks_up_peer: smtp.is_some_and(|s| s.look_up_clients.or(false)),
        disk_free: typed.disk_free.get().map(|n| n.0),
        disk_check: typed.disk_check.or_default(),
        over_quota: typed.over_quota.or_default(),
        delay_notice: queue.map_or(minutes(240), |q| q.delay_notice.or(minutes(240))),
        // When all addresses are known.
        routes: Vec::new(),
    }
}

/// Tells of a copy that is kept of what is not forwarded.
fn keeps_nothing_twice(check: &mut Check, user: &typed::User) {
    if let Some(keep) = user.keep_copy.get()
        && user.forward.items().is_empty()
        && !user.forward.lost_some()
    {
        let problem = check
            .problem("nothing_forwarded", keep.span, "mail for this user is not forwarded")
            .label("a copy of what?")
            .help("add \"forward\": [\"bob@c.example\"], or take this away: mail is put into the mailbox anyway");
        check.tell(problem);
    }
}

/// Tells of a domain for which the server is no second one.
fn backups(check: &mut Check, typed: &typed::MailServer, domains: &[String]) {
    for domain in typed.backup_for.items() {
        if domains.contains(&domain.0) {
            let problem = check
                .problem("own_backup", domain.span, format!("the mailboxes of {} are here", domain.0))
                .label("not another server's")
                .help("a backup holds mail for a domain of another server; take it away here or in `domains`");
            check.tell(problem);
        }
    }
}

/// The mailing lists; told, if a name is somebody else's or an owner nobody.
fn lists(
    check: &mut Check,
    typed: &typed::MailServer,
    users: &[config::User],
    places: &BTreeMap<String, Span>,
    aliases: &BTreeMap<String, String>,
) -> Vec<MailingList> {
    let mut ready: Vec<MailingList> = Vec::new();
    for list in typed.lists.items() {
        let Some(name) = list.name.get() else { continue };
        let is = |other: &str| other.eq_ignore_ascii_case(&name.0);
        let taken = places.contains_key(&name.0.to_lowercase()) || aliases.keys().any(|alias| is(alias));
        if taken || ready.iter().any(|other| is(&other.name)) {
            let problem = check
                .problem("list_is_user", name.span, format!("`{}` is the name of somebody here already", name.0))
                .label("of a list too")
                .help("a list has a name that no user, alias or other list has");
            check.tell(problem);
        }
        if typed.domains.items().is_empty() && !typed.domains.lost_some() {
            let problem = check
                .problem("no_domain", list.span.first(), "this server has no domain for the list's address")
                .label(format!("`{}` at what?", name.0))
                .help("give the mail server `domains`");
            check.tell(problem);
        }
        if let Some(members) = list.members.get().filter(|m| m.items.is_empty() && !m.broken) {
            let problem = check
                .problem("no_recipient", members.span.first(), "this list has no member")
                .label("nobody")
                .help("write \"members\": [\"bob@b.example\"]");
            check.tell(problem);
        }
        let owner = list.owner.get().map(|owner| owner.0.clone());
        if let Some(unknown) = list.owner.get().filter(|o| !users.iter().any(|u| u.name.eq_ignore_ascii_case(&o.0)))
            && !typed.users.lost_some()
        {
            let problem = check
                .problem("unknown_user", unknown.span, format!("there is no user `{}` on this server", unknown.0))
                .label("does not exist")
                .suggest(&unknown.0, users.iter().map(|u| u.name.as_str()));
            check.tell(problem);
        }
        let footer = text(&list.footer);
        ready.push(MailingList {
            name: name.0.clone(),
            members: list.members.items().iter().map(|m| m.address.clone()).collect(),
            owner: owner.or(users.first().map(|u| u.name.clone())).unwrap_or_default(),
            footer: (!footer.is_empty()).then_some(footer),
        });
    }
    ready
}

/// What a client does with a bare LF.
pub(super) fn as_client(typed: &Field<BareLf>) -> LineEnds {
    match typed.or(BareLf::Strict) {
        BareLf::Strict => LineEnds::Strict,
        BareLf::Lenient => LineEnds::Lenient,
    }
}

/// TLS of a service from which mail is read.
fn access_tls(wanted: Option<&At<AccessTls>>) -> ServiceTls {
    match wanted.map(|at| at.value) {
        None => ServiceTls::Never,
        Some(AccessTls::Offered) => ServiceTls::Offered,
        Some(AccessTls::FromStart) => ServiceTls::FromStart,
    }
}

/// Who signs with DKIM, and how.
fn signer(check: &mut Check, host: &typed::Host, typed: &At<typed::Dkim>) -> Option<Signer> {
    let own = host.mail_server.get().and_then(|m| m.domains.items().first()).map(|d| d.0.clone());
    let Some(domain) = typed.domain.get().map(|d| d.0.clone()).or(own) else {
        let problem = check
            .problem("no_domain", typed.span.first(), "this server has no domain for which it could sign")
            .label("signs for nobody")
            .help("write `domain`, or give the mail server `domains`");
        check.tell(problem);
        return None;
    };
    let key = key(check, host, typed);
    let canon = match typed.canonicalization.get() {
        None => Some((Canon::Relaxed, Canon::Relaxed)),
        Some(text) => {
            let parts = text.split_once('/');
            let canon = parts.and_then(|(header, body)| Some((Canon::named(header)?, Canon::named(body)?)));
            if canon.is_none() {
                let what = format!("`{}` is no way of canonicalization", text.escape_debug());
                let problem = check.problem("bad_canonicalization", text.span, what).label("header/body");
                check.tell(problem.help("write \"relaxed/relaxed\", or \"simple\" for one of them or both"));
            }
            canon
        }
    };
    let headers: Vec<String> = match &typed.headers {
        Field::Given(list) => list.items.iter().map(|h| h.value.clone()).collect(),
        _ => SIGNED.map(str::to_owned).into(),
    };
    let good = |h: &String| !h.is_empty() && h.bytes().all(|b| b.is_ascii_graphic() && b != b':' && b != b';');
    let signs_from = headers.iter().any(|h| h.eq_ignore_ascii_case("from"));
    if let Some(list) = typed.headers.get().filter(|_| !signs_from || !headers.iter().all(good)) {
        let what = if signs_from { "a name in it is no header field's" } else { "From is not among the signed fields" };
        let problem = check.problem("bad_headers", list.span, what).label("fields that are signed");
        check.tell(problem.help("From must be signed (RFC 6376 section 5.4): [\"From\", \"To\", \"Subject\"]"));
        return None;
    }
    Some(Signer {
        domain,
        selector: typed.selector.get()?.0.clone(),
        key: key?,
        canon: canon?,
        headers,
        identity: None,
        lifetime: typed.lifetime.get().map(|d| d.value.as_nanos() / 1_000_000_000),
        tells_length: false,
    })
}

/// The private key of a host: as written, or made from the seed and the host's name.
fn key(check: &mut Check, host: &typed::Host, typed: &typed::Dkim) -> Option<PrivateKey> {
    let Some(text) = typed.key.get() else {
        return Some(PrivateKey::from_seed(check.seed.child(&host.name.get()?.0).child("dkim")));
    };
    match PrivateKey::read(&text.value) {
        Ok(key) => Some(key),
        Err(wrong) => {
            let problem = check
                .problem("bad_key", text.span, format!("this is no private key: {wrong}"))
                .label("private key")
                .help(
                    "an RSA key in PEM, or 32 bytes in base64 for Ed25519; leave it out to have one made from the seed",
                );
            check.tell(problem);
            None
        }
    }
}

/// The text of the record that publishes a host's public key.
pub(super) fn published(check: &mut Check, file: &File, name: &At<Name>) -> Option<String> {
    let Some(host) = file.hosts.items().iter().find(|h| h.name.get().is_some_and(|n| n.0 == name.0)) else {
        let known = file.hosts.items().iter().filter_map(|h| h.name.get()).map(|n| n.0.as_str());
        let problem = check
            .problem("unknown_name", name.span, format!("there is no host `{}`", name.0))
            .label("does not exist")
            .suggest(&name.0, known);
        check.tell(problem);
        return None;
    };
    let smtp = host.mail_server.get().and_then(|m| m.smtp.get());
    let Some(dkim) = smtp.and_then(|s| s.dkim.get()) else {
        if !super::programs::services_broken(host) && smtp.is_none_or(|s| !s.dkim.is_broken()) {
            let problem = check
                .problem("no_such_key", name.span, format!("`{}` does not sign with DKIM", name.0))
                .label("has no key")
                .help("give its `smtp` a `dkim` with a selector, or write the record's `text`");
            check.tell(problem);
        }
        return None;
    };
    Some(key(check, host, dkim)?.record())
}

/// What the services show, and who may show something.
fn certificate(check: &mut Check, server: &typed::MailServer) -> config::Certificate {
    let Some(typed) = server.certificate.get() else { return config::Certificate::default() };
    let has_tls = server.smtp.get().is_some_and(|s| !s.tls.is_absent())
        || server.imap.get().is_some_and(|i| !i.tls.is_absent())
        || server.pop3.get().is_some_and(|p| !p.tls.is_absent());
    if !has_tls {
        let problem = check
            .problem("idle_certificate", typed.span.first(), "no service of this server has TLS")
            .label("nobody will see it")
            .help("add \"tls\": \"offered\" to `smtp`, `imap` or `pop3`");
        check.tell(problem);
    }
    for other in typed.also.items() {
        if other.parse::<std::net::IpAddr>().is_err() && crate::scenario::words::domain(other).is_err() {
            let problem = check
                .problem(
                    "bad_domain",
                    other.span,
                    format!("`{}` is neither a name nor an address", other.escape_debug()),
                )
                .label("cannot stand in a certificate")
                .help("a name or an address: \"localhost\", \"127.0.0.1\"");
            check.tell(problem);
        }
    }
    config::Certificate {
        also: typed.also.items().iter().map(|other| other.value.clone()).collect(),
        name: typed.name.get().map(|name| name.0.clone()),
        unknown_authority: typed.authority.or(Authority::Known) == Authority::Unknown,
    }
}

/// What the IMAP service offers.
fn imap_extensions(check: &mut Check, imap: Option<&At<typed::Imap>>) -> Vec<Extension> {
    let Some(list) = imap.and_then(|imap| imap.extensions.get()) else { return vec![Extension::LiteralPlus] };
    let mut offered = Vec::new();
    for line in &list.items {
        match Extension::named(&line.value) {
            Some(extension) if offered.contains(&extension) => {
                let problem = check
                    .problem("extension_twice", line.span, format!("`{}` is offered twice", line.value))
                    .label("a second time")
                    .help("take one of them away");
                check.tell(problem);
            }
            Some(extension) => offered.push(extension),
            None => {
                let what = format!("`{}` is no extension of IMAP that is simulated", line.value.escape_debug());
                let problem = check.problem("unknown_extension", line.span, what).label("not offered");
                let problem = problem.suggest(&line.value, Extension::ALL.iter().map(|e| e.name()));
                check.tell(problem);
            }
        }
    }
    offered
}

/// Extensions of SMTP that the engines know.
const EXTENSIONS: [&str; 9] =
    ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "BINARYMIME", "ENHANCEDSTATUSCODES", "AUTH"];

/// What a submission service offers if nobody wrote anything.
pub(super) const DEFAULT_SUBMISSION: &str = "AUTH PLAIN";

/// The lines of the reply to EHLO.
fn offered(check: &mut Check, extensions: &Field<List<String>>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in extensions.items() {
        let (keyword, parameter) =
            line.value.split_once(' ').map_or((line.value.as_str(), None), |(k, p)| (k, Some(p)));
        let wrong = |what: String| (what, "not offered");
        let wrong = match (keyword, parameter) {
            ("SIZE", Some(size)) if size.bytes().all(|b| b.is_ascii_digit()) && size.parse::<u32>().is_ok() => None,
            ("SIZE", Some(size)) => Some(wrong(format!("`{size}` is no size in bytes"))),
            ("AUTH", names) => {
                let unknown =
                    names.map_or(Some(""), |n| n.split(' ').find(|n| Mechanism::ALL.iter().all(|m| m.name() != *n)));
                unknown.map(|name| wrong(format!("`{name}` is no mechanism of AUTH")))
            }
            (known, None) if EXTENSIONS.contains(&known) => None,
            (known, Some(_)) if EXTENSIONS.contains(&known) => Some(wrong(format!("{known} has no parameter"))),
            _ => Some(wrong(format!("`{keyword}` is no extension of SMTP that is simulated"))),
        };
        if let Some((what, label)) = wrong {
            let problem = check.problem("unknown_extension", line.span, what).label(label);
            let problem = match EXTENSIONS.contains(&keyword) {
                true if keyword == "AUTH" => problem.help("write \"AUTH PLAIN LOGIN CRAM-MD5\", or some of these"),
                true => problem.help("there are \"PIPELINING\", \"SIZE 10240\" and \"8BITMIME\""),
                false => problem.suggest(keyword, EXTENSIONS.iter().copied()),
            };
            check.tell(problem);
            continue;
        }
        lines.push(line.value.clone());
    }
    if let Some(alone) = extensions.items().iter().find(|line| line.value == "BINARYMIME")
        && !lines.iter().any(|line| line == "CHUNKING")
        && !extensions.lost_some()
    {
        let problem = check
            .problem("binarymime_alone", alone.span, "BINARYMIME is of no use without CHUNKING (RFC 3030 section 3)")
            .label("only BDAT carries binary letters")
            .help("add \"CHUNKING\" to the list");
        check.tell(problem);
    }
    lines
}

fn user_folders(check: &mut Check, user: &typed::User) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for folder in user.folders.items() {
        let name = &folder.value;
        let inbox = name.eq_ignore_ascii_case("INBOX");
        if inbox || folders.contains(name) {
            let help = if inbox { "INBOX is always there" } else { "take one of them away" };
            let problem = check
                .problem("folder_twice", folder.span, format!("the folder `{name}` is there already"))
                .label("again")
                .help(help);
            check.tell(problem);
            continue;
        }
        let plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !"\"\\%*(){".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            let problem = check
                .problem("bad_folder", folder.span, format!("`{}` is no name of a folder", name.escape_debug()))
                .label("folder")
                .help("letters, digits, blanks and / for a folder in a folder: \"Work\"");
            check.tell(problem);
            continue;
        }
        folders.push(name.clone());
    }
    folders
}

fn stored_mail(
    check: &mut Check,
    file: &File,
    user: &typed::User,
    name: &str,
    domain: &str,
    folders: &[String],
    stored: &mut Vec<StoredMail>,
) {
    let calendar: Calendar = file.start.get().map_or_else(Calendar::default, |c| c.value);
    // The highest UID so far in each folder, and where it was written.
    let mut highest: BTreeMap<String, (u32, Option<Span>)> = BTreeMap::new();
    for (n, mail) in user.mail.items().iter().enumerate() {
        let folder = mail.folder.get().map_or("INBOX", |f| f.value.as_str());
        let folder = if folder.eq_ignore_ascii_case("INBOX") { "INBOX" } else { folder };
        if let Some(at) = mail.folder.get()
            && folder != "INBOX"
            && !folders.iter().any(|f| f == folder)
            && !user.folders.lost_some()
        {
            let known = folders.iter().map(String::as_str).chain(["INBOX"]);
            let problem = check
                .problem("unknown_folder", at.span, format!("`{name}` has no folder `{folder}`"))
                .label("does not exist")
                .suggest(folder, known);
            check.tell(problem);
        }
        let uid = mail.uid.get().map(|u| u.0 as u32);
        let last = highest.entry(folder.to_owned()).or_insert((0, None));
        let next = uid.unwrap_or(last.0.saturating_add(1));
        if let Some(at) = mail.uid.get()
            && next <= last.0
        {
            let help = last.0.checked_add(1).map_or("UIDs end at 4294967295".to_owned(), |n| format!("{n} or more"));
            let mut problem = check
                .problem("uid_order", at.span, format!("UID {next} does not follow UID {}", last.0))
                .label("UIDs only rise in a folder")
                .help(help);
            if let Some(before) = last.1 {
                problem = problem.also(before, "the one before");
            }
            check.tell(problem);
        }
        *last = (next, mail.uid.get().map(|u| u.span));
        let Some(from) = mail.from.get() else { continue };
        one_line(check, mail.subject.get(), "subject");
        let mut draft = Draft {
            from: from.text.clone(),
            to: mail.to.items().iter().map(|m| m.text.clone()).collect(),
            subject: mail.subject.or(String::new()),
            text: text(&mail.text),
            raw: is_raw(&mail.text),
            attachments: attachments(check, &mail.attachments),
            ..Draft::default()
        };
        if draft.to.is_empty() {
            draft.to.push(format!("{name}@{domain}"));
        }
        // Each was written a day before the one behind it; the last a day before the start.
        let age = (user.mail.items().len() - n) as i64 * 86_400;
        let stamp = Stamp {
            unix_seconds: calendar.unix_seconds(Instant::ZERO) - age,
            message_id: format!("stored.{}.{name}@{domain}", n + 1),
            boundary: format!("=_stored_{}_{:016x}", n + 1, check.seed.child(name).nth(n as u64)),
        };
        let letter = compose(&draft, &stamp).bytes;
        // As final delivery leaves it (RFC 5321 section 4.4).
        let (bytes, _) = prepend(&format!("Return-Path: <{}>\r\n", from.address), &letter.into());
        stored.push(StoredMail { user: name.to_owned(), folder: folder.to_owned(), uid, bytes: bytes.into() });
    }
}

/// The fields of a letter that is written during the run.
pub(super) struct Writing<'t> {
    pub(super) span: Span,
    pub(super) to: &'t Field<List<Mailbox>>,
    pub(super) cc: &'t Field<List<Mailbox>>,
    pub(super) bcc: &'t Field<List<Mailbox>>,
    pub(super) subject: &'t Field<String>,
    pub(super) text: &'t Field<Body>,
    pub(super) attachments: &'t Field<List<typed::Attachment>>,
    pub(super) envelope: &'t Field<typed::Envelope>,
    pub(super) eight_bit: &'t Field<bool>,
    pub(super) binary: &'t Field<bool>,
}

/// What was typed, and the envelope if it is another one.
pub(super) fn letter(check: &mut Check, from: String, w: &Writing<'_>) -> (Arc<Draft>, Option<Envelope>) {
    let texts = |list: &Field<List<Mailbox>>| list.items().iter().map(|m| m.text.clone()).collect();
    one_line(check, w.subject.get(), "subject");
    let draft = Draft {
        from,
        to: texts(w.to),
        cc: texts(w.cc),
        bcc: texts(w.bcc),
        subject: w.subject.or(String::new()),
        text: text(w.text),
        raw: is_raw(w.text),
        attachments: attachments(check, w.attachments),
        eight_bit: w.eight_bit.or(false),
        binary: w.binary.or(false),
    };
    let mut envelope = None;
    match w.envelope {
        Field::Given(at) => {
            if let (Some(from), Some(to)) = (at.from.get(), at.to.get()) {
                if to.items.is_empty() && !to.broken {
                    no_recipient(check, to.span);
                }
                let to: Vec<Address> = to.items.iter().map(|m| m.address.clone()).collect();
                let options = wishes(check, at, &to, draft.body());
                envelope = Some(Envelope { options, ..Envelope::new(from.0.clone(), to) });
            }
        }
        Field::Broken => {}
        Field::Absent => {
            let lists = [w.to, w.cc, w.bcc];
            if lists.iter().all(|l| l.items().is_empty() && !l.lost_some()) {
                no_recipient(check, w.span);
            }
        }
    }
    (Arc::new(draft), envelope)
}

/// What the sender wishes to hear (RFC 3461), and what the letter's bytes need.
fn wishes(
    check: &mut Check,
    typed: &typed::Envelope,
    to: &[Address],
    body: Option<options::Body>,
) -> Option<Arc<Options>> {
    let notify = typed.notify.get().and_then(|at| {
        let notify = Notify::read(at);
        if notify.is_none() {
            let problem = check
                .problem("bad_notify", at.span, format!("`{}` is no wish about reports", at.escape_debug()))
                .label("notify")
                .help("\"NEVER\", or some of \"SUCCESS,FAILURE,DELAY\"");
            check.tell(problem);
        }
        notify
    });
    let wish = |a: &Address| Wish { notify, orcpt: Some(format!("rfc822;{}", to_xtext(&a.to_string()))) };
    let options = Options {
        body,
        ret: typed.ret.get().map(|r| r.value),
        envid: typed.envid.get().map(|e| to_xtext(e)),
        recipients: notify.map(|_| to.iter().map(|a| (a.clone(), wish(a))).collect()).unwrap_or_default(),
        ..Options::default()
    };
    (options != Options::default()).then(|| Arc::new(options))
}

fn no_recipient(check: &mut Check, span: Span) {
    let problem = check
        .problem("no_recipient", span.first(), "this mail goes to nobody")
        .label("no recipient")
        .help("write \"to\": [\"bob@b.example\"]");
    check.tell(problem);
}

/// The text as typed.
fn text(body: &Field<Body>) -> String {
    match body.get().map(|b| &b.value) {
        None => String::new(),
        Some(Body::Text(text) | Body::Raw(text)) => text.clone(),
        Some(Body::Filler(n)) => filler(*n),
    }
}

/// Whether its line ends are meant as they are.
fn is_raw(body: &Field<Body>) -> bool {
    matches!(body.get().map(|b| &b.value), Some(Body::Raw(_)))
}

/// Text of `bytes` bytes, of which two are counted for each line end.
fn filler(bytes: usize) -> String {
    const LINE: usize = 72;
    let words = "These words are here to have a length. ";
    let mut out = String::with_capacity(bytes);
    let mut rest = bytes;
    while rest > 2 {
        // One byte alone cannot be a line with its end.
        let line = if rest == LINE + 1 || rest == LINE + 2 { LINE - 2 } else { rest.min(LINE) };
        out.extend(words.chars().cycle().take(line - 2));
        out.push('\n');
        rest -= line;
    }
    out.extend(std::iter::repeat_n('x', rest));
    out
}

/// The bytes of a file or web object: text or generated ones.
pub(super) fn content(
    check: &mut Check,
    span: Span,
    name: &str,
    body: &Field<Body>,
    bytes: &Field<Int<0, LARGEST>>,
) -> Arc<[u8]> {
    let both = body.get().is_some() && bytes.get().is_some();
    let none = body.is_absent() && bytes.is_absent();
    if both || none {
        let label = if both { "`text` and `bytes`" } else { "neither `text` nor `bytes`" };
        let problem = check
            .problem("either_or", span.first(), format!("`{name}` has either `text` or `bytes`"))
            .label(label)
            .help("\"text\": [\"hello\"], or \"bytes\": 2000 for so many bytes of every value");
        check.tell(problem);
    }
    match bytes.get() {
        Some(n) => {
            // The same file name gives the same bytes, in a mail and on a web server.
            let file = name.rsplit('/').next().unwrap_or(name);
            let luck = check.seed.child("file").child(file);
            let words = (0..n.0.div_ceil(8)).flat_map(|i| luck.nth(i).to_le_bytes());
            let mut bytes: Vec<u8> = words.take(n.0 as usize).collect();
            if file.ends_with(".bmp") {
                picture(&mut bytes);
            }
            bytes.into()
        }
        None if is_raw(body) => text(body).into_bytes().into(),
        None => text(body).replace("\r\n", "\n").replace('\n', "\r\n").into_bytes().into(),
    }
}

/// Puts the header of a Windows bitmap in front of bytes that become its dots: 12 dots of 24 bits a row, which
/// makes rows of 36 bytes without padding. What is too short for a row stays as it is.
fn picture(bytes: &mut [u8]) {
    const HEADERS: usize = 54;
    const ROW: usize = 36;
    let rows = bytes.len().saturating_sub(HEADERS) / ROW;
    if rows == 0 {
        return;
    }
    let length = bytes.len() as u32;
    let dots = length - (rows * ROW) as u32;
    bytes[..dots as usize].fill(0);
    bytes[..2].copy_from_slice(b"BM");
    let fields = [(2, length), (10, dots), (14, 40), (18, 12), (22, rows as u32), (26, 1 | 24 << 16)];
    for (at, value) in fields.into_iter().chain([(34, (rows * ROW) as u32)]) {
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

fn attachments(check: &mut Check, typed: &Field<List<typed::Attachment>>) -> Vec<Attachment> {
    let mut ready = Vec::new();
    for file in typed.items() {
        one_line(check, file.name.get(), "name");
        media_type(check, file.kind.get());
        let Some(name) = file.name.get() else { continue };
        let bytes = content(check, file.span, name, &file.text, &file.bytes);
        ready.push(Attachment { name: name.value.clone(), content_type: file.kind.or(String::new()), bytes });
    }
    ready
}

/// Tells if it is no media type.
pub(super) fn media_type(check: &mut Check, kind: Option<&At<String>>) {
    let Some(kind) = kind else { return };
    let token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let plain = kind.split(';').next().unwrap_or_default().trim_end();
    if plain.split_once('/').is_some_and(|(a, b)| token(a) && token(b)) && !kind.chars().any(char::is_control) {
        return;
    }
    let problem = check
        .problem("bad_media_type", kind.span, format!("`{}` is no media type", kind.escape_debug()))
        .label("type")
        .help("two words with / between them: \"image/png\", \"text/plain\"");
    check.tell(problem);
}

/// Tells if a text that goes into a header field has a line end in it.
pub(super) fn one_line(check: &mut Check, text: Option<&At<String>>, what: &str) {
    if let Some(at) = text.filter(|t| t.chars().any(char::is_control)) {
        let problem = check
            .problem("line_break", at.span, format!("the {what} has a line end or another control character in it"))
            .label("must be one line")
            .help("it goes into a header field, which would end there");
        check.tell(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_has_the_length_that_was_asked_for() {
        for n in (0..400).chain([2000, 12_345]) {
            let text = filler(n);
            assert_eq!(text.len() + text.matches('\n').count(), n, "{n}");
            assert!(text.lines().all(|l| l.len() <= 70 && !l.starts_with('.')), "{n}");
        }
    }
}
