//! RFC 3501 section 6: what each command asks of the host, or its answer if there is nothing to ask.

use std::sync::Arc;

use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::command::{Command, CommandBody};
use imap_codec::imap_types::core::Charset;
use imap_codec::imap_types::fetch::MacroOrMessageDataItemNames;
use imap_codec::imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::response::{Code, StatusKind};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::SequenceSet;
use imap_codec::imap_types::status::StatusDataItemName;

use super::Ending;
use super::engine::{Job, Server};
use super::fetch::Wanted;
use super::host::{Change, Request};
use super::say::plain;
use crate::engine::SpanMap;
use crate::imap::framer::Framer;
use crate::imap::{Extension, Flags, State, utf7};

/// What the next answer is for.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    Login,
    /// LIST or LSUB with this pattern.
    List {
        pattern: Vec<u8>,
        subscribed: bool,
    },
    Status {
        mailbox: Mailbox<'static>,
        items: Vec<StatusDataItemName>,
    },
    /// CREATE, SUBSCRIBE, UNSUBSCRIBE.
    Manage,
    Delete {
        folder: String,
    },
    Rename {
        folder: String,
        to: String,
    },
    /// APPEND, COPY, MOVE: a missing folder could be created.
    Put,
    Open {
        folder: String,
        read_only: bool,
    },
    Fetch {
        wanted: Wanted,
        asked: Option<usize>,
    },
    Store {
        silent: bool,
        uid: bool,
        asked: Option<usize>,
    },
    Search {
        keys: Vec<SearchKey<'static>>,
        uid: bool,
    },
    Expunge,
    Close,
    /// The client idles and is told the news; there is no tagged response.
    News,
    /// The command is done; what others did meanwhile is told before its tagged response.
    Changes {
        uid: bool,
        verdict: Verdict,
    },
}

/// What the tagged response will say.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub kind: StatusKind,
    pub code: Option<Code<'static>>,
    pub text: String,
}

impl Verdict {
    pub fn ok() -> Self {
        Verdict { kind: StatusKind::Ok, code: None, text: String::new() }
    }
    pub fn no(text: impl Into<String>) -> Self {
        Verdict { kind: StatusKind::No, code: None, text: text.into() }
    }
    pub fn bad(text: impl Into<String>) -> Self {
        Verdict { kind: StatusKind::Bad, code: None, text: text.into() }
    }
    pub fn with(mut self, code: Code<'static>) -> Self {
        self.code = Some(code);
        self
    }
}

/// A folder's name as the host knows it; nothing when it is no text (names are modified UTF-7, section 5.1.3).
fn name(mailbox: &Mailbox<'_>) -> Result<String, Verdict> {
    match mailbox {
        Mailbox::Inbox => Ok("INBOX".to_string()),
        Mailbox::Other(other) => {
            utf7::decode(other.as_ref()).ok_or_else(|| Verdict::no("mailbox names are modified UTF-7"))
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Server {
    /// Carries out a command that is allowed in this state.
    pub(super) fn begin(&mut self, verb: String, command: Command<'_>, framer: &Framer) {
        let tag = command.tag.inner().to_string();
        let tells_expunged = !matches!(verb.as_str(), "FETCH" | "STORE" | "SEARCH");
        let uid = verb.starts_with("UID ");
        self.job = Some(Job { tag, verb, tells_expunged, doing: Doing::Changes { uid, verdict: Verdict::ok() } });
        if let Err(verdict) = self.carry_out(command.body, framer) {
            if verdict.kind == StatusKind::Bad {
                self.unexpected("a command that fits the mailbox", verdict.text.clone());
            }
            self.conclude(verdict);
        }
    }

    /// Asks the host and remembers what for.
    pub(super) fn ask_for(&mut self, doing: Doing, request: Request) -> Result<(), Verdict> {
        self.job.as_mut().expect("a command is being carried out").doing = doing;
        self.ask(request);
        Ok(())
    }

    /// `Err` is how a command ends without a question, well or not.
    fn carry_out(&mut self, body: CommandBody<'_>, framer: &Framer) -> Result<(), Verdict> {
        match body {
            CommandBody::Capability => {
                self.say_capabilities();
                Err(Verdict::ok())
            }
            CommandBody::Noop | CommandBody::Check => Err(Verdict::ok()),
            CommandBody::Logout => {
                self.say_bye("IMAP4rev1 server logging out");
                self.close(Ending::Logout);
                Err(Verdict::ok())
            }
            CommandBody::Login { .. } if self.waits_for_tls() => {
                Err(Verdict::no("LOGIN is disabled here without TLS: STARTTLS first"))
            }
            CommandBody::Login { .. } if self.config.offers(Extension::LoginDisabled) => {
                Err(Verdict::no("LOGIN is disabled"))
            }
            CommandBody::Login { username, password } => {
                let (user, password) = (text(username.as_ref()), text(password.declassify().as_ref()));
                self.ask_for(Doing::Login, Request::Login { user, password })
            }
            CommandBody::Authenticate { .. } if self.waits_for_tls() => {
                Err(Verdict::no("AUTHENTICATE is disabled here without TLS: STARTTLS first"))
            }
            CommandBody::Authenticate { mechanism, initial_response } => {
                let response = initial_response.map(|r| r.declassify().to_vec());
                self.authenticate(&mechanism, response)
            }
            CommandBody::StartTLS => Err(self.start_tls()),
            CommandBody::Select { mailbox, .. } => self.open(&mailbox, false),
            CommandBody::Examine { mailbox, .. } => self.open(&mailbox, true),
            CommandBody::Create { mailbox } => {
                let folder = name(&mailbox)?;
                self.ask_for(Doing::Manage, Request::Create { folder })
            }
            CommandBody::Delete { mailbox } => {
                let folder = name(&mailbox)?;
                self.ask_for(Doing::Delete { folder: folder.clone() }, Request::Delete { folder })
            }
            CommandBody::Rename { from, to } => {
                let (folder, to) = (name(&from)?, name(&to)?);
                let doing = Doing::Rename { folder: folder.clone(), to: to.clone() };
                self.ask_for(doing, Request::Rename { folder, to })
            }
            CommandBody::Subscribe { mailbox } => {
                let folder = name(&mailbox)?;
                self.ask_for(Doing::Manage, Request::Subscribe { folder, on: true })
            }
            CommandBody::Unsubscribe { mailbox } => {
                let folder = name(&mailbox)?;
                self.ask_for(Doing::Manage, Request::Subscribe { folder, on: false })
            }
            CommandBody::List { reference, mailbox_wildcard } => self.list(&reference, &mailbox_wildcard, false),
            CommandBody::Lsub { reference, mailbox_wildcard } => self.list(&reference, &mailbox_wildcard, true),
            CommandBody::Status { mailbox, item_names } => {
                let folder = name(&mailbox)?;
                let deleted = |i: &_| matches!(i, StatusDataItemName::Deleted | StatusDataItemName::DeletedStorage);
                if item_names.is_empty() || item_names.iter().any(deleted) {
                    return Err(Verdict::bad("STATUS: no such items"));
                }
                let items = item_names.into_owned();
                self.ask_for(Doing::Status { mailbox: mailbox.into_static(), items }, Request::Status { folder })
            }
            CommandBody::Append { .. } => self.append(body, framer),
            CommandBody::Close => {
                let expunge = self.selected.as_ref().is_some_and(|s| !s.read_only);
                self.ask_for(Doing::Close, Request::Close { expunge })
            }
            CommandBody::Unselect => self.ask_for(Doing::Close, Request::Close { expunge: false }),
            CommandBody::Expunge => {
                self.writable()?;
                self.ask_for(Doing::Expunge, Request::Expunge { among: None })
            }
            CommandBody::ExpungeUid { sequence_set } => {
                self.writable()?;
                let among = Some(self.view.by_uids(&sequence_set));
                self.ask_for(Doing::Expunge, Request::Expunge { among })
            }
            CommandBody::Search { charset, criteria, uid } => self.search(charset, criteria.into_inner(), uid),
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, .. } => {
                self.fetch(&sequence_set, macro_or_item_names.into_static(), uid)
            }
            CommandBody::Store { sequence_set, kind, response, flags, uid, .. } => {
                self.store(&sequence_set, kind, response == StoreResponse::Silent, &flags, uid)
            }
            CommandBody::Copy { sequence_set, mailbox, uid } => {
                let folder = name(&mailbox)?;
                let uids = self.uids(&sequence_set, uid)?;
                self.ask_for(Doing::Put, Request::Copy { uids, folder, all: !uid, remove: false })
            }
            CommandBody::Move { sequence_set, mailbox, uid } => {
                let folder = name(&mailbox)?;
                let uids = self.uids(&sequence_set, uid)?;
                self.writable()?;
                self.ask_for(Doing::Put, Request::Copy { uids, folder, all: !uid, remove: true })
            }
            CommandBody::Idle => self.idle(),
            CommandBody::Namespace => {
                self.say_namespaces();
                Err(Verdict::ok())
            }
            CommandBody::Id { .. } => {
                self.say_id();
                Err(Verdict::ok())
            }
            CommandBody::Enable { .. } => {
                // "The ENABLED response lists what was enabled": nothing here has to be.
                self.say_text(b"* ENABLED\r\n");
                Err(Verdict::ok())
            }
            other => Err(Verdict::bad(format!("{}: unknown command", other.name()))),
        }
    }

    fn open(&mut self, mailbox: &Mailbox<'_>, read_only: bool) -> Result<(), Verdict> {
        // "a mailbox selected before is deselected before the attempt": also when there is no such name.
        let folder = name(mailbox).inspect_err(|_| self.set_state(State::Authenticated))?;
        self.ask_for(Doing::Open { folder: folder.clone(), read_only }, Request::Open { folder, read_only })
    }

    fn list(&mut self, reference: &Mailbox<'_>, wildcard: &ListMailbox<'_>, subscribed: bool) -> Result<(), Verdict> {
        let mut pattern = match reference {
            Mailbox::Inbox => b"INBOX".to_vec(),
            Mailbox::Other(other) => other.as_ref().to_vec(),
        };
        pattern.extend_from_slice(match wildcard {
            ListMailbox::Token(token) => token.as_ref(),
            ListMailbox::String(string) => string.as_ref(),
        });
        // Neither wildcard is a letter of base64. What is no modified UTF-7 stays as it is and means no folder.
        let pattern = utf7::decode(&pattern).map_or(pattern, String::into_bytes);
        // "An empty mailbox name argument is a special request to return the hierarchy delimiter."
        let root = matches!(wildcard, ListMailbox::String(string) if string.as_ref().is_empty());
        if root && !subscribed {
            self.say_root();
            return Err(Verdict::ok());
        }
        let request = if subscribed { Request::Subscribed } else { Request::Folders };
        self.ask_for(Doing::List { pattern, subscribed }, request)
    }

    fn append(&mut self, body: CommandBody<'_>, framer: &Framer) -> Result<(), Verdict> {
        let Some(bytes) = plain(&body) else { return Err(Verdict::bad("APPEND: BINARY is not offered")) };
        // The codec lends the literal out of the message: its address there is its place in the stream.
        let message = framer.message();
        let at = (bytes.as_ptr() as usize).checked_sub(message.as_ptr() as usize);
        let mut map = SpanMap::new();
        if let Some(at) = at.filter(|at| self.tells_all() && at + bytes.len() <= message.len()) {
            map.push(0, bytes.len() as u64, framer.stream(at..at + bytes.len()).start);
        }
        let letter: Arc<[u8]> = bytes.into();
        let CommandBody::Append { mailbox, flags, date, .. } = body else {
            unreachable!("only APPEND has a literal of its own")
        };
        let folder = name(&mailbox)?;
        if letter.is_empty() {
            return Err(Verdict::no("a message of no octets is not stored"));
        }
        let flags = known_flags(&flags)?;
        let internal_date = date.map(|date| date.as_ref().timestamp());
        self.ask_for(Doing::Put, Request::Append { folder, flags, internal_date, letter, map })
    }

    fn fetch(
        &mut self,
        set: &SequenceSet,
        items: MacroOrMessageDataItemNames<'static>,
        uid: bool,
    ) -> Result<(), Verdict> {
        if matches!(&items, MacroOrMessageDataItemNames::MessageDataItemNames(names) if names.is_empty()) {
            return Err(Verdict::bad("FETCH: nothing is asked for"));
        }
        let wanted = Wanted::new(items, uid).map_err(|item| Verdict::bad(format!("FETCH: {item} is not offered")))?;
        let uids = self.uids(set, uid)?;
        if wanted.is_uid_alone() {
            self.say_uids(&uids);
            return Err(Verdict::ok());
        }
        let mark_seen = wanted.marks_seen && self.selected.as_ref().is_some_and(|s| !s.read_only);
        let asked = (!uid).then_some(uids.len());
        self.ask_for(Doing::Fetch { wanted, asked }, Request::Messages { uids, mark_seen })
    }

    fn store(
        &mut self,
        set: &SequenceSet,
        kind: StoreType,
        silent: bool,
        flags: &[Flag<'_>],
        uid: bool,
    ) -> Result<(), Verdict> {
        let flags = known_flags(flags)?;
        let uids = self.uids(set, uid)?;
        self.writable()?;
        let change = match kind {
            StoreType::Replace => Change::Replace,
            StoreType::Add => Change::Add,
            StoreType::Remove => Change::Remove,
        };
        let asked = (!uid).then_some(uids.len());
        self.ask_for(Doing::Store { silent, uid, asked }, Request::Flag { uids, change, flags })
    }

    fn search(&mut self, charset: Option<Charset<'_>>, keys: Vec<SearchKey<'_>>, uid: bool) -> Result<(), Verdict> {
        let known = ["US-ASCII", "UTF-8"];
        if charset.is_some_and(|c| !known.iter().any(|k| k.eq_ignore_ascii_case(c.as_ref()))) {
            let allowed = known.map(|k| Charset::try_from(k).expect("a charset's name is an atom")).to_vec();
            return Err(Verdict::no("SEARCH: charset not known").with(Code::BadCharset { allowed }));
        }
        let keys = keys.into_iter().map(IntoStatic::into_static).collect();
        let uids = self.view.uids();
        self.ask_for(Doing::Search { keys, uid }, Request::Messages { uids, mark_seen: false })
    }

    fn uids(&self, set: &SequenceSet, uid: bool) -> Result<Vec<u32>, Verdict> {
        if uid {
            return Ok(self.view.by_uids(set));
        }
        let count = self.view.len();
        self.view.by_numbers(set).map_err(|()| Verdict::bad(format!("there are {count} messages")))
    }

    fn writable(&self) -> Result<(), Verdict> {
        match &self.selected {
            Some(selected) if selected.read_only => Err(Verdict::no("the mailbox is read-only")),
            _ => Ok(()),
        }
    }
}

fn known_flags(flags: &[Flag<'_>]) -> Result<Flags, Verdict> {
    Flags::from_wire(flags).map_err(|flag| Verdict::bad(format!("{flag} cannot be stored")))
}
