//! POP3 as Wireshark takes it apart: segment by segment. What does not begin with +OK or -ERR goes on with the mail
//! that RETR or TOP asked for; it is whole when as many bytes have come as the answer has announced.

use super::reassemble::{Need, line_or_rest};
use super::{Out, imf};
use crate::filter::Field;

/// What is known of a connection.
#[derive(Default)]
pub(super) struct Pop {
    /// RETR or TOP was said.
    asked: bool,
    /// Bytes that the answer has announced.
    total: u32,
    /// Bytes that have come since.
    read: u32,
    /// Frames of its fragments.
    parts: Vec<usize>,
    mail: Vec<u8>,
    /// STLS was said; it was answered with +OK.
    stls: (bool, bool),
    /// What is read was in records of TLS: Wireshark does not tell of its parts then.
    pub(super) sealed: bool,
}

impl Pop {
    /// Whether TLS begins behind what was seen last.
    pub(super) fn starts_tls(&mut self) -> bool {
        std::mem::take(&mut self.stls.1)
    }
}

pub(super) fn message(out: &mut Out, n: usize, state: &mut Pop, asks: bool, bytes: &[u8]) -> Need {
    out.protocol(n, Field::Pop, bytes, bytes.len());
    let (end, mut next) = line_or_rest(bytes, 0);
    let line = &bytes[..end];
    if !asks && !line.starts_with(b"+OK") && !line.starts_with(b"-ERR") {
        fragment(out, n, state, bytes);
        return Need::Nothing;
    }
    if asks {
        state.stls.0 = line.eq_ignore_ascii_case(b"STLS");
    } else if std::mem::take(&mut state.stls.0) {
        state.stls.1 = line.starts_with(b"+OK");
    }
    let [whole, first, rest, data] = match asks {
        true => [Field::PopRequest, Field::PopRequestCommand, Field::PopRequestParameter, Field::PopRequestData],
        false => {
            [Field::PopResponse, Field::PopResponseIndicator, Field::PopResponseDescription, Field::PopResponseData]
        }
    };
    // Wireshark shows these lines as the field's label; its value is an empty text.
    out.text(n, whole, b"");
    let word = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
    if word > 0 {
        out.text(n, first, &line[..word]);
        if std::mem::take(&mut state.asked) && line.get(..4).is_some_and(|l| l.eq_ignore_ascii_case(b"+OK ")) {
            let number = line[4..].split(|b| !b.is_ascii_digit()).next().unwrap_or_default();
            state.total = std::str::from_utf8(number).ok().and_then(|n| n.parse().ok()).unwrap_or(0);
            state.read = 0;
        }
        if asks {
            let begins = |verb: &[u8]| line.get(..verb.len()).is_some_and(|l| l.eq_ignore_ascii_case(verb));
            state.asked = begins(b"RETR") || begins(b"TOP");
        }
    }
    let behind = word + line[word..].iter().take_while(|b| **b == b' ').count();
    if behind < line.len() {
        out.text(n, rest, &line[behind..]);
    }
    while next < bytes.len() {
        let (_, behind) = line_or_rest(bytes, next);
        out.text(n, data, b"");
        next = behind;
    }
    Need::Nothing
}

/// A part of a mail.
fn fragment(out: &mut Out, n: usize, state: &mut Pop, bytes: &[u8]) {
    state.read += bytes.len() as u32;
    state.parts.push(n);
    state.mail.extend_from_slice(bytes);
    if state.read < state.total {
        return;
    }
    (state.read, state.total) = (0, 0);
    let (parts, mail) = (std::mem::take(&mut state.parts), std::mem::take(&mut state.mail));
    if !state.sealed {
        out.label(n, Field::PopDataFragments);
        for frame in &parts {
            out.frame(n, Field::PopDataFragment, *frame);
            if *frame != n {
                out.frame(*frame, Field::PopDataReassembledIn, n);
            }
        }
        out.number(n, Field::PopDataFragmentCount, parts.len() as u32);
        out.number(n, Field::PopDataReassembledLength, mail.len() as u32);
    }
    imf::mail(out, n, &mail);
}
