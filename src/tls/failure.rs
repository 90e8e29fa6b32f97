//! Why a connection is not secured, in words a learner can use.

use std::fmt;

use rustls::{CertificateError, Error};

/// Why TLS gave up. The peer is told by an alert (RFC 8446 section 6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    pub(super) fn of(error: &Error) -> Failure {
        Failure(match error {
            Error::InvalidCertificate(why) => certificate(why),
            Error::AlertReceived(alert) => format!("the other end gave up with the alert {}", alert_name(*alert)),
            Error::InvalidMessage(_) => "what came is not TLS".to_owned(),
            Error::DecryptError => "a record could not be opened: its bytes were changed on the way".to_owned(),
            other => other.to_string(),
        })
    }
}

/// `UnknownCA` -> `unknown_ca` (RFC 8446 section 6.2).
fn alert_name(alert: rustls::AlertDescription) -> String {
    let name = format!("{alert:?}");
    let mut out = String::with_capacity(name.len() + 4);
    let mut before_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && before_lower {
            out.push('_');
        }
        before_lower = c.is_ascii_lowercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "the certificate is signed by an authority that this client does not know".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            // webpki shows the names as DnsName("mail.b.example").
            let names: Vec<&str> =
                presented.iter().map(|name| name.trim_start_matches("DnsName(\"").trim_end_matches("\")")).collect();
            format!("the certificate is for {}, not for {}", names.join(", "), expected.to_str())
        }
        CertificateError::BadSignature => "the signature under the certificate is wrong".to_owned(),
        CertificateError::ExpiredContext { .. } | CertificateError::Expired => "the certificate is expired".to_owned(),
        CertificateError::NotValidYetContext { .. } | CertificateError::NotValidYet => {
            "the certificate is not valid yet".to_owned()
        }
        other => format!("the certificate is not valid: {other:?}"),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
