//! SMTP as Wireshark takes it apart: a frame of the client is commands or part of a mail.

use super::reassemble::{Need, line, line_or_rest};
use super::{Out, imf};
use crate::filter::Field;

/// What is known of a connection.
#[derive(Default)]
pub(super) struct Smtp {
    /// DATA was said: a mail comes.
    data: bool,
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
    Mail,
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
        Holds::Commands => {
            match state.login.take() {
                Some(field) => response(out, n, state, field, bytes),
                None => commands(out, n, state, bytes),
            }
            state.starttls.0 = bytes.eq_ignore_ascii_case(b"STARTTLS\r\n");
        }
        Holds::Mail => {
            state.mail.extend_from_slice(bytes);
            state.parts.push(n);
            imf::lines(out, n, bytes);
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
        } else {
            holds = Holds::Commands;
            state.data = bytes[at..end].len() >= 4 && bytes[at..at + 4].eq_ignore_ascii_case(b"DATA");
            state.crlf = false;
        }
        at = next;
    }
    holds
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
