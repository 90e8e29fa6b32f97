//! RFC 3501 section 6: commands as bytes. Strings that a user gives are quoted as they need it; sets, items and search
//! keys go out as they are typed, so that a wrong one can be answered by the server.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use imap_codec::imap_types::core::{AString, IString};

use super::ClientCommand;
use crate::imap::utf7;

/// A piece of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// With its CRLF. If something follows, the server's `+` has to be waited for, unless the line says that it is not.
    Line(Vec<u8>),
    /// What the line before announced.
    Literal(Arc<[u8]>),
}

/// The verb as it stands in the dialogue.
pub(super) fn verb(command: &ClientCommand) -> &'static str {
    let uid = |uid: bool, with: &'static str, without: &'static str| if uid { with } else { without };
    match command {
        ClientCommand::Capability => "CAPABILITY",
        ClientCommand::Noop => "NOOP",
        ClientCommand::Logout => "LOGOUT",
        ClientCommand::StartTls => "STARTTLS",
        ClientCommand::Login { .. } => "LOGIN",
        ClientCommand::Authenticate { .. } => "AUTHENTICATE",
        ClientCommand::Select(_) => "SELECT",
        ClientCommand::Examine(_) => "EXAMINE",
        ClientCommand::Create(_) => "CREATE",
        ClientCommand::Delete(_) => "DELETE",
        ClientCommand::Rename(..) => "RENAME",
        ClientCommand::Subscribe(_) => "SUBSCRIBE",
        ClientCommand::Unsubscribe(_) => "UNSUBSCRIBE",
        ClientCommand::List(..) => "LIST",
        ClientCommand::Lsub(..) => "LSUB",
        ClientCommand::Status(_) => "STATUS",
        ClientCommand::Append { .. } => "APPEND",
        ClientCommand::Check => "CHECK",
        ClientCommand::Close => "CLOSE",
        ClientCommand::Expunge => "EXPUNGE",
        ClientCommand::UidExpunge(_) => "UID EXPUNGE",
        ClientCommand::Unselect => "UNSELECT",
        ClientCommand::Idle { .. } => "IDLE",
        ClientCommand::Namespace => "NAMESPACE",
        ClientCommand::Enable(_) => "ENABLE",
        ClientCommand::Id => "ID",
        ClientCommand::Search { uid: u, .. } => uid(*u, "UID SEARCH", "SEARCH"),
        ClientCommand::Fetch { uid: u, .. } => uid(*u, "UID FETCH", "FETCH"),
        ClientCommand::Store { uid: u, .. } => uid(*u, "UID STORE", "STORE"),
        ClientCommand::Copy { uid: u, .. } => uid(*u, "UID COPY", "COPY"),
        ClientCommand::Move { uid: u, .. } => uid(*u, "UID MOVE", "MOVE"),
    }
}

/// The pieces of a command in the order in which they are sent; with `plus`, no `+` of the server is waited for
/// before a literal (RFC 7888).
pub(super) fn encode(tag: &str, command: &ClientCommand, plus: bool) -> Vec<Part> {
    let mut parts = Parts { plus, ..Parts::default() };
    parts.raw(tag);
    parts.word(verb(command));
    match command {
        ClientCommand::Login { user, password } => {
            parts.string(user);
            parts.string(password);
        }
        ClientCommand::Authenticate { user, password, at_once } => {
            parts.word("PLAIN");
            let response = STANDARD.encode(format!("\0{user}\0{password}"));
            if *at_once {
                parts.word(&response);
            } else {
                parts.end_line();
                parts.raw(&response);
            }
        }
        ClientCommand::Select(name)
        | ClientCommand::Examine(name)
        | ClientCommand::Create(name)
        | ClientCommand::Delete(name)
        | ClientCommand::Subscribe(name)
        | ClientCommand::Unsubscribe(name) => parts.mailbox(name),
        ClientCommand::Rename(name, to) => {
            parts.mailbox(name);
            parts.mailbox(to);
        }
        ClientCommand::List(reference, pattern) | ClientCommand::Lsub(reference, pattern) => {
            parts.quoted(&utf7::encode(reference));
            parts.quoted(&utf7::encode(pattern));
        }
        ClientCommand::Status(name) => {
            parts.mailbox(name);
            parts.word("(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)");
        }
        ClientCommand::Append { mailbox, flags, message } => {
            parts.mailbox(mailbox);
            if !flags.is_empty() {
                parts.word(&format!("({})", flags.join(" ")));
            }
            parts.raw(" ");
            parts.literal(message.as_slice().into());
        }
        ClientCommand::Search { key, .. } => parts.word(key),
        ClientCommand::Fetch { set, items, .. } => {
            parts.word(set);
            parts.word(items);
        }
        ClientCommand::Store { set, action, flags, .. } => {
            parts.word(set);
            parts.word(action);
            parts.word(&format!("({})", flags.join(" ")));
        }
        ClientCommand::Copy { set, mailbox, .. } | ClientCommand::Move { set, mailbox, .. } => {
            parts.word(set);
            parts.mailbox(mailbox);
        }
        ClientCommand::UidExpunge(set) => parts.word(set),
        ClientCommand::Enable(names) => parts.word(names),
        ClientCommand::Id => parts.word("NIL"),
        ClientCommand::Capability
        | ClientCommand::Noop
        | ClientCommand::Logout
        | ClientCommand::StartTls
        | ClientCommand::Check
        | ClientCommand::Close
        | ClientCommand::Unselect
        | ClientCommand::Idle { .. }
        | ClientCommand::Namespace
        | ClientCommand::Expunge => {}
    }
    parts.finish()
}

#[derive(Default)]
struct Parts {
    plus: bool,
    done: Vec<Part>,
    line: Vec<u8>,
}

impl Parts {
    /// Typed text must not become two commands: line ends in it are blanks.
    fn raw(&mut self, text: &str) {
        self.line.extend(text.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }));
    }

    fn word(&mut self, text: &str) {
        self.line.push(b' ');
        self.raw(text);
    }

    /// A folder's name in modified UTF-7 (section 5.1.3).
    fn mailbox(&mut self, name: &str) {
        self.string(&utf7::encode(name));
    }

    /// `astring`: bare, quoted or as a literal.
    fn string(&mut self, text: &str) {
        match AString::try_from(text) {
            Ok(AString::Atom(atom)) => self.word(atom.as_ref()),
            _ => self.quoted(text),
        }
    }

    /// `string`: quoted or as a literal. A pattern with `*` must not be bare; a reference is often empty.
    fn quoted(&mut self, text: &str) {
        self.line.push(b' ');
        match IString::try_from(text) {
            Ok(IString::Quoted(words)) => {
                let escaped = words.as_ref().replace('\\', "\\\\").replace('"', "\\\"");
                self.raw(&format!("\"{escaped}\""));
            }
            _ => self.literal(text.as_bytes().into()),
        }
    }

    fn literal(&mut self, bytes: Arc<[u8]>) {
        self.raw(&format!("{{{}{}}}", bytes.len(), if self.plus { "+" } else { "" }));
        self.end_line();
        self.done.push(Part::Literal(bytes));
    }

    fn end_line(&mut self) {
        self.line.extend_from_slice(b"\r\n");
        self.done.push(Part::Line(std::mem::take(&mut self.line)));
    }

    fn finish(mut self) -> Vec<Part> {
        self.end_line();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(command: ClientCommand) -> Vec<String> {
        let show = |part| match part {
            Part::Line(line) => String::from_utf8(line).unwrap(),
            Part::Literal(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        };
        encode("A001", &command, false).into_iter().map(show).collect()
    }

    #[test]
    fn strings_are_quoted_as_they_need_it() {
        let login =
            |user: &str, password: &str| text(ClientCommand::Login { user: user.into(), password: password.into() });
        assert_eq!(login("alice", "se\"cr\\et x"), ["A001 LOGIN alice \"se\\\"cr\\\\et x\"\r\n"]);
        assert_eq!(login("", "ü"), ["A001 LOGIN \"\" {2}\r\n", "ü", "\r\n"]);
        assert_eq!(login("a\r\nA002 DELETE x", "y")[1], "a\r\nA002 DELETE x");
        assert_eq!(text(ClientCommand::List(String::new(), "%".into())), ["A001 LIST \"\" \"%\"\r\n"]);
    }

    #[test]
    fn names_are_modified_utf7_and_credentials_base64() {
        assert_eq!(text(ClientCommand::Rename("a&b".into(), "\u{fc}".into())), ["A001 RENAME a&-b &APw-\r\n"]);
        let plain =
            |at_once| text(ClientCommand::Authenticate { user: "alice".into(), password: "secret".into(), at_once });
        assert_eq!(plain(true), ["A001 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n"]);
        assert_eq!(plain(false), ["A001 AUTHENTICATE PLAIN\r\n", "AGFsaWNlAHNlY3JldA==\r\n"]);
    }

    #[test]
    fn typed_text_stays_one_line() {
        let fetch = ClientCommand::Fetch { set: "1\r\nA002 EXPUNGE".into(), items: "ALL".into(), uid: true };
        assert_eq!(text(fetch), ["A001 UID FETCH 1  A002 EXPUNGE ALL\r\n"]);
    }
}
