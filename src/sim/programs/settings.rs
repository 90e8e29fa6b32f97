//! Settings of the engines of a host, from what the scenario says of it.

use std::sync::Arc;

use crate::engine::{Detail, TlsPolicy};
use crate::sim::sealed::Kit;
use crate::sim::setup;
use crate::time::Calendar;
use crate::{http, imap, mail, pop3, smtp};

/// Settings of the engines, made once for each host.
#[derive(Debug)]
pub(in crate::sim) struct Settings {
    pub smtp_client: Arc<smtp::client::Config>,
    /// The same, for servers behind a door.
    pub smtp_client_at_door: Arc<smtp::client::Config>,
    pub smtp_server: Arc<smtp::server::Config>,
    /// The submission service.
    pub submission: Arc<smtp::server::Config>,
    pub imap_server: Arc<imap::server::Config>,
    pub http_server: Arc<http::server::Config>,
    pub http_client: Arc<http::client::Config>,
    /// For each user agent: how it sends, how it reads.
    pub agents: Vec<AgentSettings>,
    /// The same for each account of the webmail program.
    pub webmail: Vec<AgentSettings>,
    /// Keys and certificates, if anybody in this run has some.
    pub tls: Option<Kit>,
    pub pop3_server: Arc<pop3::server::Config>,
    /// POP3 greets with a timestamp.
    pub apop: bool,
}

/// Settings of one user agent's engines.
#[derive(Debug)]
pub(in crate::sim) struct AgentSettings {
    pub smtp: Arc<smtp::client::Config>,
    pub imap: Arc<imap::client::Config>,
    pub pop3: Arc<pop3::client::Config>,
}

impl Settings {
    pub(super) fn new(spec: &setup::Host, detail: Detail, calendar: Calendar, tls: Option<Kit>) -> Self {
        let mail = spec.mail_server.as_deref();
        // A user agent has one letter to hand over; the sending side of a server says itself when it has done.
        type Login = smtp::client::Login;
        type LineEnds = smtp::LineEnds;
        let client = |ehlo: bool,
                      (dot_stuffing, line_ends): (bool, LineEnds),
                      auto_quit: bool,
                      tls: TlsPolicy,
                      login: Option<Login>| {
            Arc::new(smtp::client::Config {
                ehlo_name: spec.fqdn.clone(),
                greet: if ehlo { smtp::client::Greet::Ehlo } else { smtp::client::Greet::Helo },
                dot_stuffing,
                line_ends,
                pipelining: !auto_quit && mail.is_some_and(|m| m.pipelining),
                chunking: !auto_quit && mail.is_some_and(|m| m.chunking),
                login,
                auto_quit,
                tls,
                detail,
                ..smtp::client::Config::default()
            })
        };
        let syntax = match mail {
            Some(m) if !m.strict_syntax => smtp::Syntax::Lenient,
            _ => smtp::Syntax::Strict,
        };
        let smtp_server = smtp::server::Config {
            hostname: spec.fqdn.clone(),
            syntax,
            line_ends: mail.map_or_else(Default::default, |m| m.line_ends),
            extensions: mail.map_or_else(Vec::new, |m| m.extensions.clone()),
            starttls: mail.and_then(|m| m.smtp_tls.starttls()),
            verify: mail.map_or_else(Default::default, |m| m.verify),
            expand: mail.is_some_and(|m| m.expand),
            looks_up_peer: mail.is_some_and(|m| m.looks_up_peer),
            limits: match mail.and_then(|m| m.largest) {
                Some(message) => smtp::server::Limits { message, ..Default::default() },
                None => smtp::server::Limits::default(),
            },
            postmaster: mail
                .and_then(|m| m.domains.first())
                .map(|domain| smtp::Address { local: "postmaster".into(), domain: domain.clone() }),
            detail,
            ..smtp::server::Config::default()
        };
        let service = mail.and_then(|m| m.submission.as_ref());
        let submission = smtp::server::Config {
            extensions: service.map_or_else(Vec::new, |s| s.extensions.clone()),
            submission: true,
            login_required: service.is_some_and(|s| s.login_required),
            ..smtp_server.clone()
        };
        let web = spec.web_server.as_ref();
        let of = |a: &mail::config::UserAgent| {
            let imap = imap::client::Config { tls: a.imap_tls.policy(), detail, ..Default::default() };
            let pop3 = pop3::client::Config { tls: a.pop3_tls.policy(), detail, ..Default::default() };
            let stuffing = (a.dot_stuffing, a.line_ends);
            AgentSettings {
                smtp: client(a.ehlo, stuffing, true, a.smtp_tls.policy(), a.login.clone()),
                imap: Arc::new(imap),
                pop3: Arc::new(pop3),
            }
        };
        let to_server = |tls| {
            let stuffing = mail.map_or((true, LineEnds::default()), |m| (m.dot_stuffing, m.client_line_ends));
            client(mail.is_none_or(|m| m.ehlo), stuffing, false, tls, None)
        };
        let client_tls = mail.map_or_else(TlsPolicy::default, |m| m.client_tls);
        let tls_at_door = match client_tls {
            TlsPolicy::IfOffered => TlsPolicy::Never,
            other => other,
        };
        Settings {
            smtp_client: to_server(client_tls),
            smtp_client_at_door: to_server(tls_at_door),
            smtp_server: Arc::new(smtp_server),
            submission: Arc::new(submission),
            imap_server: Arc::new(imap::server::Config {
                hostname: spec.fqdn.clone(),
                starttls: mail.is_some_and(|m| m.imap_tls.starttls().is_some()),
                extensions: mail.map_or_else(Vec::new, |m| m.imap_extensions.clone()),
                detail,
                ..Default::default()
            }),
            pop3_server: Arc::new(pop3::server::Config {
                hostname: spec.fqdn.clone(),
                stls: mail.is_some_and(|m| m.pop3_tls.starttls().is_some()),
                detail,
                ..Default::default()
            }),
            apop: mail.is_some_and(|m| m.apop),
            http_server: Arc::new(http::server::Config {
                keep_alive: web.is_none_or(|w| w.keep_alive),
                chunk: web.and_then(|w| w.chunk),
                calendar,
                detail,
                ..Default::default()
            }),
            http_client: Arc::new(http::client::Config { detail, ..Default::default() }),
            agents: spec.user_agents.iter().map(of).collect(),
            webmail: web.map_or(&[][..], |w| &w.webmail).iter().map(of).collect(),
            tls,
        }
    }
}
