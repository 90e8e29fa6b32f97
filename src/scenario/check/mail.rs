//! Mail servers: their mailboxes, lists and stored letters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Check, letter, services, signing};
use crate::engine::TlsPolicy;
use crate::mail::config::{self, Checks, MailServer, MailingList, ServiceTls, StoredMail, SubmissionService};
use crate::message::{Draft, Stamp, compose, prepend};
use crate::scenario::read::{Field, Network};
use crate::scenario::source::{At, Span};
use crate::scenario::typed::{self, File};
use crate::scenario::words::{BareLf, Greet};
use crate::smtp::LineEnds;
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
    let extensions = smtp.map_or_else(Vec::new, |s| services::offered(check, &s.extensions));
    let submission = typed.submission.get().map(|s| SubmissionService {
        port: s.port.get().map_or(587, |p| p.0 as u16),
        extensions: match s.extensions.is_absent() {
            true => vec![services::DEFAULT_SUBMISSION.to_owned()],
            false => services::offered(check, &s.extensions),
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
    let dkim = smtp.and_then(|s| s.dkim.get()).and_then(|d| signing::signer(check, host, d)).map(Arc::new);
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
        imap_tls: services::access_tls(typed.imap.get().and_then(|i| i.tls.get())),
        certificate: services::certificate(check, typed),
        client_tls: smtp.map_or_else(TlsPolicy::default, |s| s.client_tls.or(TlsPolicy::default())),
        imap_extensions: services::imap_extensions(check, typed.imap.get()),
        pop3_port: super::programs::port_of(host, crate::action::Service::Pop3),
        pop3_tls: services::access_tls(typed.pop3.get().and_then(|p| p.tls.get())),
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
        let footer = letter::text(&list.footer);
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
        letter::one_line(check, mail.subject.get(), "subject");
        let mut draft = Draft {
            from: from.text.clone(),
            to: mail.to.items().iter().map(|m| m.text.clone()).collect(),
            subject: mail.subject.or(String::new()),
            text: letter::text(&mail.text),
            raw: letter::is_raw(&mail.text),
            attachments: letter::attachments(check, &mail.attachments),
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
