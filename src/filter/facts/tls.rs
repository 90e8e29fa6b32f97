//! TLS as Wireshark takes it apart: records, and what is in them for whoever finds the secrets in the capture.

use super::Out;
use super::reassemble::Need;
use crate::filter::{Field, Val};
use crate::tls::{ContentType, HEADER, Opened, Opener, Secret, suite};
use crate::topology::Side;

/// What is known of a connection.
pub(super) struct Tls {
    /// All secrets of the capture; those of this connection once its ClientHello was seen.
    secrets: Vec<Secret>,
    /// Client's way, server's way.
    openers: [Option<Opener>; 2],
}

impl Tls {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        Tls { secrets: secrets.to_vec(), openers: [None, None] }
    }

    /// The keys are known as soon as the server has said which cipher it takes.
    fn hello(&mut self, record: &[u8]) {
        let body = &record[HEADER..];
        match body.first() {
            Some(1) => {
                if let Some(random) = body.get(6..38) {
                    self.secrets.retain(|s| s.client_random == random);
                }
            }
            Some(2) => {
                if let Some(suite) = suite(record) {
                    let of = |side| Some(Opener::new(side, suite, &self.secrets));
                    self.openers = [of(Side::Client), of(Side::Server)];
                }
            }
            _ => {}
        }
    }
}

/// Takes the records that are whole; what programs said in them goes to `opened`.
pub(super) fn message(
    out: &mut Out,
    n: usize,
    tls: &mut Tls,
    asks: bool,
    bytes: &[u8],
    opened: &mut Vec<Vec<u8>>,
) -> Need {
    let mut at = 0;
    let mut need = Need::Nothing;
    let mut whole = Vec::new();
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = rest.get(3..5).map(|l| HEADER + usize::from(u16::from_be_bytes([l[0], l[1]])));
        match length {
            Some(length) if length <= rest.len() => {
                whole.push(at..at + length);
                at += length;
            }
            total => {
                need = Need::More { from: at, total };
                break;
            }
        }
    }
    if whole.is_empty() {
        return need;
    }
    out.protocol(n, Field::Tls, &bytes[..at], at);
    for range in whole {
        record(out, n, tls, asks, &bytes[range], opened);
    }
    need
}

fn record(out: &mut Out, n: usize, tls: &mut Tls, asks: bool, record: &[u8], opened: &mut Vec<Vec<u8>>) {
    let body = &record[HEADER..];
    let kind = ContentType::of(record[0]);
    let sealed = kind == Some(ContentType::ApplicationData);
    out.number(n, if sealed { Field::TlsRecordOpaqueType } else { Field::TlsRecordContentType }, record[0]);
    out.number(n, Field::TlsRecordVersion, u16::from_be_bytes([record[1], record[2]]));
    out.number(n, Field::TlsRecordLength, body.len() as u16);
    match kind {
        Some(ContentType::Handshake) => {
            tls.hello(record);
            handshake(out, n, body);
        }
        Some(ContentType::ChangeCipherSpec) => out.label(n, Field::TlsChangeCipherSpec),
        Some(ContentType::Alert) => alert(out, n, body),
        Some(ContentType::ApplicationData) => {
            let opener = tls.openers[usize::from(!asks)].as_mut();
            match opener.and_then(|opener| opener.open(record)) {
                Some(Opened { kind, plain }) => {
                    out.number(n, Field::TlsRecordContentType, kind as u8 + 20);
                    match kind {
                        ContentType::Handshake => handshake(out, n, &plain),
                        ContentType::Alert => alert(out, n, &plain),
                        ContentType::ApplicationData => {
                            out.bytes(n, Field::TlsAppData, body);
                            opened.push(plain);
                        }
                        ContentType::ChangeCipherSpec => {}
                    }
                }
                None => out.bytes(n, Field::TlsAppData, body),
            }
        }
        None => {}
    }
}

fn alert(out: &mut Out, n: usize, body: &[u8]) {
    out.label(n, Field::TlsAlertMessage);
    if let [level, what] = body {
        out.number(n, Field::TlsAlertMessageLevel, *level);
        out.number(n, Field::TlsAlertMessageDesc, *what);
    }
}

/// Handshake messages, one behind the other.
fn handshake(out: &mut Out, n: usize, mut rest: &[u8]) {
    while let [kind, a, b, c, ..] = *rest {
        let length = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
        let Some((message, behind)) = rest.split_at_checked(length) else { return };
        out.label(n, Field::TlsHandshake);
        out.number(n, Field::TlsHandshakeType, kind);
        if matches!(kind, 1 | 2) && message.len() >= 38 {
            out.number(n, Field::TlsHandshakeVersion, u16::from_be_bytes([message[4], message[5]]));
            out.bytes(n, Field::TlsHandshakeRandom, &message[6..38]);
            suites(out, n, kind, message);
        }
        if kind == 11 {
            names_and_extensions(out, n, message);
        }
        if let Some(name) = crate::dissect::server_name(message) {
            out.text(n, Field::TlsHandshakeExtensionsServerName, &message[name]);
        }
        rest = behind;
    }
}

/// Each attribute of a name and each extension of a certificate is a protocol to Wireshark: they are known by the
/// beginnings of their object identifiers, id-at and id-ce (RFC 5280 appendix A).
fn names_and_extensions(out: &mut Out, n: usize, certificate: &[u8]) {
    for (oid, protocol) in [([6, 3, 0x55, 4], "x509sat"), ([6, 3, 0x55, 0x1d], "x509ce")] {
        let count = memchr::memmem::find_iter(certificate, &oid).count();
        out.protocols[n].extend(std::iter::repeat_n(protocol, count));
    }
}

/// The suites that a client offers, and the one that a server takes.
fn suites(out: &mut Out, n: usize, kind: u8, message: &[u8]) {
    let Some(session) = message.get(38) else { return };
    let at = 39 + usize::from(*session);
    let list = match (kind, message.get(at..at + 2)) {
        (1, Some(length)) => message.get(at + 2..at + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]))),
        (_, one) => one,
    };
    for suite in list.unwrap_or_default().chunks_exact(2) {
        out.put(n, Field::TlsHandshakeCiphersuite, || Val::number(u16::from_be_bytes([suite[0], suite[1]])));
    }
}
