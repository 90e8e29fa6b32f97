//! RFC 3501 section 7: responses, written by the codec, with a [`Line`] for each line of text.

use imap_codec::encode::{Encoder, Fragment};
use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::core::{Tag, Text};
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::response::{
    Code, CommandContinuationRequest, Data, Greeting, GreetingKind, Response, Status, StatusKind,
};
use imap_codec::{GreetingCodec, ResponseCodec};

use super::fetch::Fetched;
use super::host::Message;
use super::{Event, Server};
use crate::engine::{Line, SpanMap, Way};
use crate::imap::State;

/// A literal of an APPEND, if it is one that this server takes.
pub(super) fn plain<'c, 'a>(body: &'c CommandBody<'a>) -> Option<&'c [u8]> {
    match body {
        CommandBody::Append { message: LiteralOrLiteral8::Literal(literal), .. } => Some(literal.as_ref()),
        _ => None,
    }
}

/// Text of a response: what the grammar does not allow becomes `?`.
fn text(words: &str) -> Text<'static> {
    let mut words: String =
        words.chars().map(|c| if c.is_ascii() && !matches!(c, '\r' | '\n' | '\0') { c } else { '?' }).collect();
    if words.is_empty() || words.starts_with('[') {
        words.insert(0, '-');
    }
    Text::try_from(words).expect("a text of ASCII without CR, LF and NUL is a text")
}

impl Server {
    pub(super) fn say_text(&mut self, line: &[u8]) {
        if self.tells_all() {
            let start = self.writer.end();
            let words = line.strip_suffix(b"\r\n").unwrap_or(line);
            self.writer.tell(Event::Line(Line {
                way: Way::Sent,
                range: start..start + line.len() as u64,
                text: String::from_utf8_lossy(words).into_owned(),
                verb: None,
                code: None,
            }));
        }
        self.writer.push(line);
    }

    fn say_fragments(&mut self, fragments: impl Iterator<Item = Fragment>) {
        for fragment in fragments {
            match fragment {
                Fragment::Line { data } => self.say_text(&data),
                Fragment::Literal { data, .. } => self.writer.push(&data),
            }
        }
    }

    pub(super) fn greet(&mut self) {
        let words = text(&format!("{} IMAP4rev1 service ready", self.config.hostname));
        let greeting = Greeting { kind: GreetingKind::Ok, code: None, text: words };
        self.say_fragments(GreetingCodec::new().encode(&greeting));
    }

    pub(super) fn say_data(&mut self, data: Data<'_>) {
        self.say_fragments(ResponseCodec::new().encode(&Response::Data(data)));
    }

    /// Untagged without a tag; BAD without one is how a line is answered whose tag cannot be read.
    pub(super) fn say_status(&mut self, tag: Option<&str>, kind: StatusKind, code: Option<Code<'_>>, words: &str) {
        let tag = tag.and_then(|tag| Tag::try_from(tag).ok());
        let Ok(status) = Status::new(tag, kind, code, text(words));
        self.say_fragments(ResponseCodec::new().encode(&Response::Status(status)));
    }

    pub(super) fn say_bad(&mut self, tag: Option<String>, words: String) {
        self.say_status(tag.as_deref(), StatusKind::Bad, None, &words);
    }

    pub(super) fn too_big(&mut self, tag: Option<String>, limit: u32) {
        let words = format!("literals of more than {limit} octets are not taken");
        self.say_status(tag.as_deref(), StatusKind::No, Some(Code::TooBig), &words);
    }

    pub(super) fn say_bye(&mut self, words: &str) {
        let Ok(bye) = Status::bye(None, text(words));
        self.say_fragments(ResponseCodec::new().encode(&Response::Status(bye)));
    }

    pub(super) fn say_continue(&mut self, words: &str) {
        let request = CommandContinuationRequest::basic(None, text(words))
            .expect("these words are neither a code nor base64, so they cannot be mistaken");
        self.say_fragments(ResponseCodec::new().encode(&Response::CommandContinuationRequest(request)));
    }

    /// What is really there. Written here, because the codec would write the version in capitals.
    pub(super) fn say_capabilities(&mut self) {
        let mut line = "* CAPABILITY IMAP4rev1".to_string();
        let logged_in = self.state() != State::NotAuthenticated;
        for extension in self.config.extensions.iter().filter(|e| !(logged_in && e.is_for_login())) {
            line.push(' ');
            line += extension.name();
        }
        if self.waits_for_tls() {
            line += " STARTTLS LOGINDISABLED";
        }
        line += "\r\n";
        self.say_text(line.as_bytes());
    }

    /// The last literals of the response are bytes of the letter.
    pub(super) fn say_fetched(&mut self, fetched: Fetched<'_>, message: &Message) {
        let fragments: Vec<Fragment> = ResponseCodec::new().encode(&fetched.response).collect();
        let literals = fragments.iter().filter(|f| matches!(f, Fragment::Literal { .. })).count();
        let mut others = literals - fetched.extracts.len();
        let mut extracts = fetched.extracts.into_iter();
        for fragment in fragments {
            let data = match fragment {
                Fragment::Line { data } => {
                    self.say_text(&data);
                    continue;
                }
                Fragment::Literal { data, .. } => data,
            };
            if others > 0 {
                others -= 1;
                self.writer.push(&data);
                continue;
            }
            let extract = extracts.next().expect("as many extracts as literals at the end");
            if self.tells_all() {
                let start = self.writer.end();
                let (mut map, mut at) = (SpanMap::new(), start);
                for piece in &extract.pieces {
                    map.push(at, piece.len() as u64, piece.start as u64);
                    at += piece.len() as u64;
                }
                self.writer.tell(Event::Sent {
                    range: start..start + data.len() as u64,
                    uid: message.uid,
                    content: message.content,
                    letter: message.letter.clone(),
                    map,
                });
            }
            // A letter waits for its grant where it is stored; only what was put together anew is held here.
            match &extract.pieces[..] {
                [one] if message.letter[one.clone()] == data[..] => {
                    self.writer.push_shared(&message.letter, one.clone());
                }
                _ => self.writer.push(&data),
            }
        }
    }
}
