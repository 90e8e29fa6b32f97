//! The two streams of a connection, cut into messages: a segment that ends in the middle of one waits for the next.

use super::http::Http;
use super::imap::Imap;
use super::names::Questions;
use super::pop::Pop;
use super::smtp::Smtp;
use super::tcp::End;
use super::tls::Tls;
use super::{Out, http, imap, pop, smtp, tls};
use crate::filter::Field;
use crate::tls::Secret;

/// Whether a message was whole.
pub(super) enum Need {
    Nothing,
    /// From that byte on, more is needed: the next segment, or so many bytes in all.
    More {
        from: usize,
        total: Option<usize>,
    },
}

/// What is spoken on a connection, by the port of its server.
enum Talk {
    Smtp(Smtp),
    Imap(Imap),
    Pop(Pop),
    Http(Http),
    Dns(Questions),
    Other,
}

/// A message of which the end is missing.
struct Pending {
    bytes: Vec<u8>,
    total: Option<usize>,
    /// Frame and number of bytes.
    parts: Vec<(usize, usize)>,
}

/// A connection.
pub(super) struct Stream {
    talk: Talk,
    /// The way that goes to the server's port.
    asks: usize,
    /// Under what is spoken, from the first byte or since STARTTLS was answered.
    tls: Option<Tls>,
    secrets: Vec<Secret>,
    pending: [Option<Pending>; 2],
}

impl Stream {
    /// `client` sent the first segment, to the port `to`.
    pub(super) fn new(client: End, to: u16, secrets: &[Secret]) -> Self {
        let talk = |port| match port {
            25 | 465 | 587 => Some(Talk::Smtp(Smtp::default())),
            143 | 993 => Some(Talk::Imap(Imap::default())),
            110 | 995 => Some(Talk::Pop(Pop::default())),
            80 => Some(Talk::Http(Http::default())),
            53 => Some(Talk::Dns(Questions::default())),
            _ => None,
        };
        let (talk, asks) = match (talk(to), talk(client.1)) {
            (Some(talk), _) => (talk, 0),
            (None, Some(talk)) => (talk, 1),
            (None, None) => (Talk::Other, 0),
        };
        let server = if asks == 0 { to } else { client.1 };
        let tls = matches!(server, 465 | 993 | 995).then(|| Tls::new(secrets));
        Stream { talk, asks, tls, secrets: secrets.to_vec(), pending: [None, None] }
    }

    /// New bytes of one direction, in a frame at a time.
    pub(super) fn data(&mut self, out: &mut Out, (n, at): (usize, i128), way: usize, bytes: &[u8]) {
        let mut rest = bytes;
        if let Some(mut pending) = self.pending[way].take() {
            let missing = pending.total.map_or(rest.len(), |total| total - pending.bytes.len());
            let taken = missing.min(rest.len());
            pending.bytes.extend_from_slice(&rest[..taken]);
            pending.parts.push((n, taken));
            out.bytes(n, Field::TcpSegmentData, &rest[..taken]);
            let need = match pending.total {
                Some(total) if pending.bytes.len() < total => Need::More { from: 0, total: Some(total) },
                _ => self.message(out, (n, at), way, &pending.bytes),
            };
            if let Need::More { from: 0, total } = need {
                pending.total = total;
                self.pending[way] = Some(pending);
                return;
            }
            whole(out, n, &pending);
            if let Need::More { from, total } = need {
                let bytes = pending.bytes[from..].to_vec();
                self.pending[way] = Some(Pending { parts: vec![(n, bytes.len())], bytes, total });
                return;
            }
            rest = &rest[taken..];
        }
        if rest.is_empty() {
            return;
        }
        if let Need::More { from, total } = self.message(out, (n, at), way, rest) {
            let bytes = rest[from..].to_vec();
            out.bytes(n, Field::TcpSegmentData, &bytes);
            self.pending[way] = Some(Pending { parts: vec![(n, bytes.len())], bytes, total });
        }
    }

    fn message(&mut self, out: &mut Out, place: (usize, i128), way: usize, bytes: &[u8]) -> Need {
        let asks = way == self.asks;
        if let Some(tls) = &mut self.tls {
            let mut opened = Vec::new();
            let need = tls::message(out, place.0, tls, asks, bytes, &mut opened);
            for plain in opened {
                // Whether a message goes on in the next record is not looked at: each of ours is whole.
                self.spoken(out, place, asks, &plain);
            }
            return need;
        }
        let need = self.spoken(out, place, asks, bytes);
        let begins = match &mut self.talk {
            Talk::Smtp(state) => state.starts_tls(),
            Talk::Imap(state) => state.starts_tls(),
            Talk::Pop(state) => state.starts_tls(),
            Talk::Http(_) | Talk::Dns(_) | Talk::Other => false,
        };
        if begins {
            self.tls = Some(Tls::new(&self.secrets));
        }
        need
    }

    /// What a program said, in the open or opened.
    fn spoken(&mut self, out: &mut Out, place: (usize, i128), asks: bool, bytes: &[u8]) -> Need {
        match &mut self.talk {
            Talk::Smtp(state) => smtp::message(out, place.0, state, asks, bytes),
            Talk::Imap(state) => imap::message(out, place, state, asks, bytes),
            Talk::Pop(state) => {
                state.sealed = self.tls.is_some();
                pop::message(out, place.0, state, asks, bytes)
            }
            Talk::Http(state) => http::message(out, place, state, asks, bytes),
            Talk::Dns(state) => messages(out, place, state, bytes),
            Talk::Other => {
                out.protocol(place.0, Field::Data, bytes, bytes.len());
                out.bytes(place.0, Field::DataData, bytes);
                out.number(place.0, Field::DataLen, bytes.len() as u32);
                Need::Nothing
            }
        }
    }
}

/// Messages of DNS, each with its length in front.
fn messages(out: &mut Out, (n, at): (usize, i128), questions: &mut Questions, bytes: &[u8]) -> Need {
    let mut from = 0;
    while from < bytes.len() {
        let rest = &bytes[from..];
        let total = rest.first_chunk().map(|length| 2 + usize::from(u16::from_be_bytes(*length)));
        match total {
            Some(total) if total <= rest.len() => {
                questions.framed(out, n, (&rest[..total], at));
                from += total;
            }
            total => return Need::More { from, total },
        }
    }
    Need::Nothing
}

/// A message that several segments carried is whole.
fn whole(out: &mut Out, n: usize, pending: &Pending) {
    out.label(n, Field::TcpSegments);
    for (frame, _) in &pending.parts {
        out.frame(n, Field::TcpSegment, *frame);
        if *frame != n {
            out.frame(*frame, Field::TcpReassembledIn, n);
        }
    }
    out.number(n, Field::TcpSegmentCount, pending.parts.len() as u32);
    out.number(n, Field::TcpReassembledLength, pending.bytes.len() as u32);
    out.bytes(n, Field::TcpReassembledData, &pending.bytes);
}

/// The line that begins at `at`: where its text ends, and where the next line begins. A line ends with CR LF, LF or
/// CR. `None` if its end is not there.
pub(super) fn line(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let end = at + memchr::memchr2(b'\r', b'\n', &bytes[at..])?;
    match (bytes[end], bytes.get(end + 1)) {
        (b'\n', _) => Some((end, end + 1)),
        (_, Some(b'\n')) => Some((end, end + 2)),
        (_, Some(_)) => Some((end, end + 1)),
        (_, None) => None,
    }
}

/// The same; what is left at the end is a line too.
pub(super) fn line_or_rest(bytes: &[u8], at: usize) -> (usize, usize) {
    line(bytes, at).unwrap_or_else(|| {
        let end = if bytes.ends_with(b"\r") && bytes.len() > at { bytes.len() - 1 } else { bytes.len() };
        (end, bytes.len())
    })
}
