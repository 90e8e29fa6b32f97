//! Signatures of DKIM: who signs, and the record that publishes his key.

use super::Check;
use crate::auth::dkim::{Canon, PrivateKey, SIGNED, Signer};
use crate::scenario::read::Field;
use crate::scenario::source::At;
use crate::scenario::typed::{self, File};
use crate::scenario::words::Name;

/// Who signs with DKIM, and how.
pub(super) fn signer(check: &mut Check, host: &typed::Host, typed: &At<typed::Dkim>) -> Option<Signer> {
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
