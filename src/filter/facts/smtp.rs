//! SMTP as Wireshark takes it apart: a frame of the client is commands or part of a mail.

use super::reassemble::{Need, line, line_or_rest};
use super::{Out, imf};
use crate::filter::Field;

/// What is known of a connection.
#[derive(Default)]
pub(super) struct Smtp {
    /// DATA or BDAT was said: a mail comes.
    data: bool,
    /// Of BDAT, since the connection began.
    pieces: Pieces,
    /// The last frame of it ended with CR LF.
    crlf: bool,
    /// Frames and lengths of its fragments.
    parts: Vec<usize>,
    mail: Vec<u8>,
    /// STARTTLS was said; it was answered with 220.
    starttls: (bool, bool),
    /// What the client's next line is, if it is no command.
    login: Option<Field>,
}

/// Pieces of mails whose length was said before (RFC 3030).
#[derive(Default)]
struct Pieces {
    /// Bytes that were announced, and that came.
    said: u64,
    read: u64,
    /// The piece at hand is the last one of its mail.
    last: bool,
}

impl Smtp {
    /// Whether TLS begins behind what was seen last.
    pub(super) fn starts_tls(&mut self) -> bool {
        std::mem::take(&mut self.starttls.1)
    }
}

/// What a frame of the client holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Commands,
    /// BDAT with no more bytes ends the mail.
    LastCommand,
    Mail,
    /// The last piece of a mail that came with BDAT.
    LastPiece,
    /// The mail ends at that byte.
    EndOfMail(usize),
}

pub(super) fn message(out: &mut Out, n: usize, state: &mut Smtp, asks: bool, bytes: &[u8]) -> Need {
    if line(bytes, 0).is_none() {
        return Need::More { from: 0, total: None };
    }
    if !asks {
        out.protocol(n, Field::Smtp, bytes, bytes.len());
        replies(out, n, bytes);
        let asked = std::mem::take(&mut state.starttls.0);
        state.starttls.1 = asked && bytes.starts_with(b"220");
        if !bytes.starts_with(b"334") {
            state.login = None;
        }
        return Need::Nothing;
    }
    out.protocol(n, Field::Smtp, bytes, bytes.len());
    match holds(state, bytes) {
        holds @ (Holds::Commands | Holds::LastCommand) => {
            match state.login.take() {
                Some(field) => response(out, n, state, field, bytes),
                None => commands(out, n, state, bytes),
            }
            state.starttls.0 = bytes.eq_ignore_ascii_case(b"STARTTLS\r\n");
            if holds == Holds::LastCommand && !state.parts.is_empty() {
                mail(out, n, state);
            }
        }
        holds @ (Holds::Mail | Holds::LastPiece) => {
            state.mail.extend_from_slice(bytes);
            state.parts.push(n);
            imf::lines(out, n, bytes);
            // Wireshark 4.0 puts such a mail together, and shows it only if BDAT 0 LAST ends it.
            if holds == Holds::LastPiece {
                for frame in std::mem::take(&mut state.parts) {
                    out.frame(frame, Field::SmtpDataReassembledIn, n);
                }
                state.mail.clear();
            }
        }
        Holds::EndOfMail(end) => {
            out.label(n, Field::SmtpEom);
            state.mail.extend_from_slice(&bytes[..end]);
            state.parts.push(n);
            mail(out, n, state);
        }
    }
    Need::Nothing
}

/// What the frame holds: its last line says it, or the end of the mail.
fn holds(state: &mut Smtp, bytes: &[u8]) -> Holds {
    let mut holds = Holds::Commands;
    let mut counted = false;
    let mut at = 0;
    while at < bytes.len() {
        let (end, next) = line_or_rest(bytes, at);
        if state.data {
            let rest = &bytes[at..];
            let end_of_mail = state.crlf && rest.starts_with(b".\r\n") || rest.starts_with(b"\r\n.\r\n");
            state.crlf = bytes.ends_with(b"\r\n");
            if end_of_mail {
                state.data = false;
                return Holds::EndOfMail(at);
            }
            holds = Holds::Mail;
            if state.pieces.said > 0 && !std::mem::replace(&mut counted, true) {
                state.pieces.read = state.pieces.read.saturating_add(rest.len() as u64);
                if state.pieces.read == state.pieces.said {
                    state.data = false;
                    return if state.pieces.last { Holds::LastPiece } else { Holds::Mail };
                }
            }
        } else {
            let line = &bytes[at..end];
            let is = |verb: &[u8]| line.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(verb));
            holds = Holds::Commands;
            state.data = is(b"DATA");
            if is(b"BDAT") {
                let size = announced(line);
                state.pieces.said = state.pieces.said.saturating_add(size);
                state.pieces.last = line.to_ascii_uppercase().ends_with(b"LAST");
                state.data = size > 0;
                if state.pieces.last && size == 0 {
                    holds = Holds::LastCommand;
                }
            }
            state.crlf = false;
        }
        at = next;
    }
    holds
}

/// The size in a line of BDAT.
fn announced(line: &[u8]) -> u64 {
    let words = line.get(5..).unwrap_or_default().trim_ascii_start();
    let digits = words.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0, |n: u64, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')))
}

/// A line that answers a challenge of AUTH: as it stands, for Wireshark decodes base64 only if it is told to.
fn response(out: &mut Out, n: usize, state: &mut Smtp, field: Field, bytes: &[u8]) {
    let (end, _) = line_or_rest(bytes, 0);
    out.truth(n, Field::SmtpReq, true);
    out.text(n, field, &bytes[..end]);
    if field == Field::SmtpAuthUsername {
        state.login = Some(Field::SmtpAuthPassword);
    }
}

/// AUTH: what it says at once, or what will follow.
fn login(out: &mut Out, n: usize, state: &mut Smtp, text: &[u8]) {
    let mut words = text.split(|b| *b == b' ').skip(1);
    match (words.next().map(<[u8]>::to_ascii_uppercase).as_deref(), words.next()) {
        (Some(b"PLAIN"), Some(initial)) => {
            out.text(n, Field::SmtpAuthUsernamePassword, initial);
            out.label(n, Field::SmtpBase64Decode);
        }
        (Some(b"PLAIN"), None) => state.login = Some(Field::SmtpAuthUsernamePassword),
        (Some(b"LOGIN"), None) => state.login = Some(Field::SmtpAuthUsername),
        _ => {}
    }
}

fn commands(out: &mut Out, n: usize, state: &mut Smtp, bytes: &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        let (end, next) = line_or_rest(bytes, at);
        let text = &bytes[at..end];
        let verb = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
        out.truth(n, Field::SmtpReq, true);
        out.text(n, Field::SmtpCommandLine, &bytes[at..next]);
        // Of STARTTLS it takes four letters for the command, as of all others.
        out.text(n, Field::SmtpReqCommand, &text[..verb.min(4)]);
        if text.len() > 5 {
            out.text(n, Field::SmtpReqParameter, &text[5..]);
        }
        if text[..verb].eq_ignore_ascii_case(b"AUTH") {
            login(out, n, state, text);
        }
        at = next;
    }
}

fn replies(out: &mut Out, n: usize, bytes: &[u8]) {
    out.truth(n, Field::SmtpRsp, true);
    let mut at = 0;
    // Of a reply in several lines, only the first one is a response; the others bring parameters.
    let mut goes_on = false;
    while at < bytes.len() {
        let (end, next) = line_or_rest(bytes, at);
        let text = &bytes[at..end];
        if !goes_on {
            out.text(n, Field::SmtpResponse, &bytes[at..next]);
        }
        let code = text.get(..3).filter(|code| code.iter().all(u8::is_ascii_digit));
        if let Some(code) = code.and_then(|code| std::str::from_utf8(code).ok()?.parse::<u32>().ok()) {
            if !goes_on {
                out.number(n, Field::SmtpResponseCode, code);
            }
            if text.len() >= 4 {
                out.text(n, Field::SmtpRspParameter, &text[4..]);
            }
        }
        goes_on = text.get(3) == Some(&b'-');
        at = next;
    }
}

/// The mail is whole.
fn mail(out: &mut Out, n: usize, state: &mut Smtp) {
    let (parts, mail) = (std::mem::take(&mut state.parts), std::mem::take(&mut state.mail));
    out.label(n, Field::SmtpDataFragments);
    for frame in &parts {
        out.frame(n, Field::SmtpDataFragment, *frame);
        if *frame != n {
            out.frame(*frame, Field::SmtpDataReassembledIn, n);
        }
    }
    out.number(n, Field::SmtpDataFragmentCount, parts.len() as u32);
    out.number(n, Field::SmtpDataReassembledLength, mail.len() as u32);
    imf::mail(out, n, &mail);
}
