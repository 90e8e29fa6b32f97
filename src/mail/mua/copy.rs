//! A folder's copy on a device (RFC 4549), which can be read and changed without a connection.
//!
//! What was changed is kept as a list and said to the server later, **by UID**: sequence numbers shift while the device
//! is away, UIDs do not. If the folder has another UIDVALIDITY by then, its UIDs mean other letters: copy and list are
//! thrown away, and everything is fetched anew.
//!
//! ```text
//!  LOGIN, SELECT -> UIDVALIDITY as remembered? no: throw away
//!  UID STORE, UID COPY, EXPUNGE    what was changed here, in its order
//!  UID FETCH 1:* (FLAGS)           what there is now; what is not told any more is gone
//!  UID FETCH 8,9 (BODY.PEEK[])     what is new; PEEK, for nobody has read it yet
//!  LOGOUT
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::action::CopyChange as Change;
use crate::imap::client::{ClientCommand, Data, Event, Status};

/// A letter in the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As the server told them, with what was changed here since.
    pub flags: Vec<String>,
    /// The letter.
    pub bytes: Arc<[u8]>,
}

/// The copy of one folder. It lies on the device's disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderCopy {
    validity: Option<u32>,
    letters: BTreeMap<u32, Kept>,
    changes: VecDeque<(u32, Change)>,
}

impl FolderCopy {
    /// UIDVALIDITY of the UIDs below; nothing before the first connection.
    pub fn validity(&self) -> Option<u32> {
        self.validity
    }

    /// Letters by UID.
    pub fn letters(&self) -> &BTreeMap<u32, Kept> {
        &self.letters
    }

    /// What the server has not been told yet, oldest first.
    pub fn changes(&self) -> impl Iterator<Item = &(u32, Change)> {
        self.changes.iter()
    }

    /// Changes a letter here; false if there is none with that UID.
    pub fn change(&mut self, uid: u32, change: Change) -> bool {
        let Some(kept) = self.letters.get_mut(&uid) else { return false };
        match &change {
            Change::Flag { add, flags } => {
                kept.flags.retain(|flag| !flags.contains(flag));
                if *add {
                    kept.flags.extend(flags.iter().cloned());
                }
            }
            Change::Move(_) | Change::Delete => {
                self.letters.remove(&uid);
            }
        }
        self.changes.push_back((uid, change));
        true
    }
}

/// What a connection for the copy's sake has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Until SELECT is answered.
    Opening,
    /// Changes are said.
    Replaying,
    /// Flags of everything are asked for.
    Looking,
    /// New letters are fetched.
    Fetching,
    Done,
}

/// One connection that brings copy and server together.
#[derive(Clone, Debug)]
pub struct Sync {
    folder: String,
    stage: Stage,
    validity: Option<u32>,
    /// Commands of each change that are not answered yet.
    said: VecDeque<usize>,
    /// UID and flags of what there is.
    told: BTreeMap<u32, Vec<String>>,
    replayed: u32,
    dropped: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Everything was said and fetched.
    pub complete: bool,
    /// Changes that the server was told.
    pub replayed: u32,
    /// UIDVALIDITY had changed: the copy was thrown away.
    pub dropped: bool,
}

impl Sync {
    /// A connection for the copy of `folder`; with the commands that open it.
    pub fn new(folder: &str, user: &str, password: &str) -> (Self, Vec<ClientCommand>) {
        let sync = Sync {
            folder: folder.to_owned(),
            stage: Stage::Opening,
            validity: None,
            said: VecDeque::new(),
            told: BTreeMap::new(),
            replayed: 0,
            dropped: false,
        };
        let login = ClientCommand::Login { user: user.to_owned(), password: password.to_owned() };
        (sync, vec![login, ClientCommand::Select(folder.to_owned())])
    }

    /// Which folder.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// What came of it, when the connection is over.
    pub fn outcome(&self) -> Outcome {
        Outcome { complete: self.stage == Stage::Done, replayed: self.replayed, dropped: self.dropped }
    }

    /// What the client tells; gives the commands that follow from it.
    pub fn hear(&mut self, copy: &mut FolderCopy, event: &Event) -> Vec<ClientCommand> {
        match event {
            Event::Data(data) => self.data(copy, data),
            Event::Letter { uid: Some(uid), bytes, .. } => {
                let flags = self.told.get(uid).cloned().unwrap_or_default();
                copy.letters.insert(*uid, Kept { flags, bytes: Arc::clone(bytes) });
            }
            Event::Completed { verb, status, .. } => return self.completed(copy, verb, *status),
            _ => {}
        }
        Vec::new()
    }

    fn data(&mut self, copy: &mut FolderCopy, data: &Data) {
        match data {
            Data::UidValidity(n) if self.stage == Stage::Opening => self.validity = Some(*n),
            Data::Fetch(fetch) => {
                let (Some(uid), Some(flags)) = (fetch.uid, &fetch.flags) else { return };
                // \Recent is the session's, not the letter's.
                let flags: Vec<String> = flags.iter().filter(|f| *f != "\\Recent").cloned().collect();
                if let Some(kept) = copy.letters.get_mut(&uid) {
                    kept.flags.clone_from(&flags);
                }
                self.told.insert(uid, flags);
            }
            _ => {}
        }
    }

    fn completed(&mut self, copy: &mut FolderCopy, verb: &str, status: Status) -> Vec<ClientCommand> {
        match (self.stage, verb) {
            (Stage::Opening, "SELECT") if status == Status::Ok => {
                if copy.validity.is_some() && copy.validity != self.validity {
                    *copy = FolderCopy::default();
                    self.dropped = true;
                }
                copy.validity = self.validity;
                self.replay(copy)
            }
            (Stage::Opening, "LOGIN") if status == Status::Ok => Vec::new(),
            (Stage::Opening, _) => vec![ClientCommand::Logout],
            (Stage::Replaying, "EXPUNGE") => self.look(),
            (Stage::Replaying, _) => {
                // A change is off the list when the server has heard all of it, whatever it said.
                if let Some(left) = self.said.front_mut() {
                    *left -= 1;
                    if *left == 0 {
                        self.said.pop_front();
                        copy.changes.pop_front();
                        self.replayed += 1;
                    }
                }
                Vec::new()
            }
            (Stage::Looking, _) => {
                copy.letters.retain(|uid, _| self.told.contains_key(uid));
                let new: Vec<String> =
                    self.told.keys().filter(|uid| !copy.letters.contains_key(uid)).map(ToString::to_string).collect();
                self.stage = Stage::Fetching;
                let mut next = Vec::new();
                if !new.is_empty() {
                    let items = "(FLAGS BODY.PEEK[])".to_owned();
                    next.push(ClientCommand::Fetch { set: new.join(","), items, uid: true });
                }
                next.push(ClientCommand::Logout);
                next
            }
            (Stage::Fetching, "LOGOUT") => {
                self.stage = Stage::Done;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn replay(&mut self, copy: &FolderCopy) -> Vec<ClientCommand> {
        if copy.changes.is_empty() {
            return self.look();
        }
        self.stage = Stage::Replaying;
        let mut commands = Vec::new();
        for (uid, change) in &copy.changes {
            let (set, before) = (uid.to_string(), commands.len());
            let store = |sign: &str, flags: &[String]| ClientCommand::Store {
                set: set.clone(),
                action: format!("{sign}FLAGS.SILENT"),
                flags: flags.to_vec(),
                uid: true,
            };
            match change {
                Change::Flag { add, flags } => commands.push(store(if *add { "+" } else { "-" }, flags)),
                Change::Move(to) => {
                    commands.push(ClientCommand::Copy { set: set.clone(), mailbox: to.clone(), uid: true });
                    commands.push(store("+", &["\\Deleted".to_owned()]));
                }
                Change::Delete => commands.push(store("+", &["\\Deleted".to_owned()])),
            }
            self.said.push_back(commands.len() - before);
        }
        commands.push(ClientCommand::Expunge);
        commands
    }

    fn look(&mut self) -> Vec<ClientCommand> {
        self.stage = Stage::Looking;
        vec![ClientCommand::Fetch { set: "1:*".to_owned(), items: "(FLAGS)".to_owned(), uid: true }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(uids: &[u32]) -> FolderCopy {
        let kept = Kept { flags: Vec::new(), bytes: b"x"[..].into() };
        FolderCopy {
            validity: Some(7),
            letters: uids.iter().map(|uid| (*uid, kept.clone())).collect(),
            changes: VecDeque::new(),
        }
    }

    fn done(verb: &'static str, command: ClientCommand) -> Event {
        Event::Completed { command: Box::new(command), verb, status: Status::Ok, text: String::new() }
    }

    fn opened(copy: &mut FolderCopy, validity: u32) -> (Sync, Vec<ClientCommand>) {
        let (mut sync, commands) = Sync::new("INBOX", "bob", "secret");
        assert!(sync.hear(copy, &done("LOGIN", commands[0].clone())).is_empty());
        sync.hear(copy, &Event::Data(Data::UidValidity(validity).into()));
        let next = sync.hear(copy, &done("SELECT", commands[1].clone()));
        (sync, next)
    }

    #[test]
    fn a_change_is_seen_here_at_once_and_said_by_uid_later() {
        let mut copy = copy(&[101, 104, 105]);
        assert!(copy.change(104, Change::Flag { add: true, flags: vec!["\\Flagged".into()] }));
        assert!(copy.change(105, Change::Move("Work".into())));
        assert!(!copy.change(105, Change::Delete), "it is not here any more");
        assert_eq!(copy.letters()[&104].flags, ["\\Flagged"]);
        assert_eq!(copy.letters().keys().copied().collect::<Vec<_>>(), [101, 104]);
        let (mut sync, next) = opened(&mut copy, 7);
        let verbs: Vec<_> = next
            .iter()
            .map(|c| match c {
                ClientCommand::Store { set, flags, uid: true, .. } => format!("STORE {set} {}", flags.join(" ")),
                ClientCommand::Copy { set, mailbox, uid: true } => format!("COPY {set} {mailbox}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(verbs, ["STORE 104 \\Flagged", "COPY 105 Work", "STORE 105 \\Deleted", "Expunge"]);
        // The connection is lost behind the second command: what is not said whole stays on the list.
        sync.hear(&mut copy, &done("UID STORE", next[0].clone()));
        sync.hear(&mut copy, &done("UID COPY", next[1].clone()));
        assert_eq!(copy.changes().count(), 1);
        assert_eq!(sync.outcome(), Outcome { complete: false, replayed: 1, dropped: false });
    }

    #[test]
    fn another_uidvalidity_throws_everything_away() {
        let mut copy = copy(&[101]);
        copy.change(101, Change::Delete);
        let (sync, next) = opened(&mut copy, 8);
        assert!(matches!(&next[..], [ClientCommand::Fetch { set, .. }] if set == "1:*"), "nothing is replayed");
        assert_eq!((copy.letters().len(), copy.changes().count(), copy.validity()), (0, 0, Some(8)));
        assert!(sync.outcome().dropped);
    }
}
