//! Opens records with the secrets of a key log, as Wireshark does when it has them (RFC 8446 sections 5.2, 7.3).

use std::ops::Range;

use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf;

use super::ContentType;
use super::record::HEADER;
use super::secrets::Secret;
use crate::topology::Side;

/// What was in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it really was.
    pub kind: ContentType,
    /// Its bytes.
    pub plain: Vec<u8>,
}

/// Key and first nonce of one direction.
struct Keys {
    key: LessSafeKey,
    iv: [u8; 12],
    records: u64,
}

/// A length for ring's HKDF.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label with an empty context (section 7.1).
fn expand(secret: &hkdf::Prk, label: &str, length: usize) -> Option<Vec<u8>> {
    let label = ["tls13 ", label].concat();
    let (size, count) = ((length as u16).to_be_bytes(), [label.len() as u8]);
    let info = [&size[..], &count, label.as_bytes(), &[0]];
    let mut out = vec![0; length];
    secret.expand(&info, Length(length)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

impl Keys {
    /// From a traffic secret, for the suite of this number (appendix B.4).
    fn new(suite: u16, secret: &[u8]) -> Option<Keys> {
        let (algorithm, hash) = match suite {
            0x1301 => (&aead::AES_128_GCM, hkdf::HKDF_SHA256),
            0x1302 => (&aead::AES_256_GCM, hkdf::HKDF_SHA384),
            0x1303 => (&aead::CHACHA20_POLY1305, hkdf::HKDF_SHA256),
            _ => return None,
        };
        let secret = hkdf::Prk::new_less_safe(hash, secret);
        let key = UnboundKey::new(algorithm, &expand(&secret, "key", algorithm.key_len())?).ok()?;
        let iv = expand(&secret, "iv", 12)?.try_into().ok()?;
        Some(Keys { key: LessSafeKey::new(key), iv, records: 0 })
    }

    fn open(&mut self, record: &[u8]) -> Option<Opened> {
        let (header, sealed) = record.split_at_checked(HEADER)?;
        let mut nonce = self.iv;
        for (byte, number) in nonce[4..].iter_mut().zip(self.records.to_be_bytes()) {
            *byte ^= number;
        }
        let mut bytes = sealed.to_vec();
        let plain = self.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(header), &mut bytes).ok()?;
        self.records += 1;
        // Behind the content stand its type and, if somebody wanted to hide its length, zeros.
        let end = plain.iter().rposition(|b| *b != 0)?;
        Some(Opened { kind: ContentType::of(plain[end])?, plain: plain[..end].to_vec() })
    }
}

/// A record of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands in the stream, header included.
    pub wire: Range<u64>,
    /// What it says it is.
    pub kind: ContentType,
    /// What is in it, if it is sealed and the secrets open it.
    pub opened: Option<Opened>,
}

impl Record {
    /// Plain bytes of a program in it.
    pub fn plain(&self) -> &[u8] {
        match &self.opened {
            Some(Opened { kind: ContentType::ApplicationData, plain }) => plain,
            _ => &[],
        }
    }
}

/// The suite that a server has chosen, from its stream: it begins with the ServerHello (section 4.1.3).
pub fn suite(records: &[u8]) -> Option<u16> {
    // Header, type and length, version, random, session id with its length, suite.
    let session = usize::from(*records.get(HEADER + 4 + 2 + 32)?);
    let at = HEADER + 4 + 2 + 32 + 1 + session;
    let hello = records.first() == Some(&22) && records.get(HEADER) == Some(&2);
    let bytes = records.get(at..at + 2).filter(|_| hello)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

/// The records of what `side` has sent, from offset `from` of its stream on; the last one may be cut off.
pub fn records(side: Side, from: u64, stream: &[u8], suite: u16, secrets: &[Secret]) -> Vec<Record> {
    let mut opener = Opener::new(side, suite, secrets);
    let mut found = Vec::new();
    let (mut at, mut rest) = (from, stream);
    while let Ok(Some(length)) = super::record::length(rest)
        && let Some(kind) = rest.first().and_then(|kind| ContentType::of(*kind))
    {
        let whole = rest.get(..length);
        let opened = whole.filter(|_| kind == ContentType::ApplicationData).and_then(|record| opener.open(record));
        let end = at + length as u64;
        found.push(Record { wire: at..end, kind, opened });
        at = end;
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

/// Opens the records of one direction, from the first one on.
pub struct Opener {
    /// For the handshake, and for what comes behind it.
    handshake: Option<Keys>,
    traffic: Option<Keys>,
}

impl Opener {
    /// An opener for what `side` sends, with a suite's number and the secrets of the connection.
    pub fn new(side: Side, suite: u16, secrets: &[Secret]) -> Opener {
        let labels = match side {
            Side::Client => ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"],
            Side::Server => ["SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"],
        };
        let [handshake, traffic] = labels.map(|label| {
            let secret = secrets.iter().find(|s| s.label == label)?;
            Keys::new(suite, &secret.secret)
        });
        Opener { handshake, traffic }
    }

    /// What is in a sealed record, header included; none if it cannot be opened.
    pub fn open(&mut self, record: &[u8]) -> Option<Opened> {
        if let Some(keys) = &mut self.handshake
            && let Some(opened) = keys.open(record)
        {
            if finished(&opened) {
                self.handshake = None;
            }
            return Some(opened);
        }
        self.traffic.as_mut()?.open(record)
    }
}

/// Whether the last handshake message in it is Finished: behind it other keys are used.
fn finished(opened: &Opened) -> bool {
    let mut rest = &opened.plain[..];
    let mut last = 0;
    while let [kind, a, b, c, ..] = *rest
        && opened.kind == ContentType::Handshake
    {
        last = kind;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    last == 20
}
