//! What the services of a mail server offer: TLS, certificates, extensions.

use super::Check;
use crate::imap::Extension;
use crate::mail::config::{self, ServiceTls};
use crate::scenario::read::{Field, List};
use crate::scenario::source::At;
use crate::scenario::typed;
use crate::scenario::words::{AccessTls, Authority};
use crate::smtp::auth::Mechanism;

/// TLS of a service from which mail is read.
pub(super) fn access_tls(wanted: Option<&At<AccessTls>>) -> ServiceTls {
    match wanted.map(|at| at.value) {
        None => ServiceTls::Never,
        Some(AccessTls::Offered) => ServiceTls::Offered,
        Some(AccessTls::FromStart) => ServiceTls::FromStart,
    }
}

/// What the services show, and who may show something.
pub(super) fn certificate(check: &mut Check, server: &typed::MailServer) -> config::Certificate {
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
pub(super) fn imap_extensions(check: &mut Check, imap: Option<&At<typed::Imap>>) -> Vec<Extension> {
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
pub(super) fn offered(check: &mut Check, extensions: &Field<List<String>>) -> Vec<String> {
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
