//! What users and scripts do.

use std::sync::Arc;

use super::{Effect, Errand, Peer, Programs};
use crate::action::{Action, Preloaded, RawDeed, RawSession};
use crate::mail::webmail::user::User;
use crate::sim::apps::{App, RawEnd, RawTouch, Reader, Touch};
use crate::sim::plane::Plane;
use crate::smtp::Envelope;
use crate::time::Instant;
use crate::topology::NodeId;
use crate::trace::Cause;
use crate::{imap, pop3, raw};

impl Programs {
    /// What a user or a script does on this host.
    pub fn act(&mut self, plane: &mut Plane, node: NodeId, action: &Action) {
        let now = plane.now;
        match action {
            Action::Send { agent, draft, envelope, .. } => {
                let envelope = envelope.as_deref().cloned();
                let submission = self.agents[*agent].compose(now, plane.contents(), draft, envelope);
                self.poll_agents(plane, node);
                if let Some(submission) = submission {
                    let server = submission.server.clone();
                    let errand = Errand::Submit { agent: *agent, submission: Box::new(submission) };
                    self.names.errand(now, &server, errand);
                }
            }
            Action::Submit { agent, letter, envelope, .. } => {
                let agent_at = &mut self.agents[*agent];
                let submission = agent_at.hand_in(now, plane.contents(), Arc::clone(letter), (**envelope).clone());
                self.poll_agents(plane, node);
                if let Some(submission) = submission {
                    let server = submission.server.clone();
                    let errand = Errand::Submit { agent: *agent, submission: Box::new(submission) };
                    self.names.errand(now, &server, errand);
                }
            }
            Action::Raw { session, deed, .. } => self.raw(plane.cause, *session, deed),
            Action::Console { server, port, lines, stays, .. } => {
                let console = Box::new(raw::Console::new(lines.clone(), *stays));
                let errand = Errand::Console { server: server.clone(), port: *port, console };
                self.names.errand(now, server, errand);
            }
            Action::Queue { letter, envelope, .. } => self.queue(plane, letter, envelope.as_deref()),
            Action::Imap { agent, commands, go_on, .. } => {
                let open = self.readers.iter().find(|(a, _)| a == agent).filter(|_| *go_on);
                match open.map(|(_, id)| *id) {
                    Some(id) => {
                        let effect = Effect::Say { id, agent: *agent, commands: commands.clone() };
                        self.effects.push_back((plane.cause, effect));
                    }
                    None => self.read(now, *agent, commands.clone()),
                }
            }
            Action::Sync { agent, folder, .. } => {
                let (sync, commands) = self.agents[*agent].sync(folder);
                self.open_reader(now, Reader { agent: *agent, sync: Some(sync) }, commands);
            }
            Action::Offline { agent, folder, changes, .. } => {
                for (uid, change) in changes {
                    self.agents[*agent].change_copy(folder, *uid, change);
                }
                self.poll_agents(plane, node);
            }
            Action::Pop3 { agent, commands, .. } => {
                if let Some((server, port)) = self.agents[*agent].account().pop3.clone() {
                    let known = Arc::new(self.agents[*agent].on_disk().clone());
                    let mut commands = commands.clone();
                    for command in &mut commands {
                        // What is on the disk is known only now.
                        if let pop3::client::ClientCommand::FetchNew { known: is } = command {
                            *is = Arc::clone(&known);
                        }
                    }
                    let errand = Errand::Fetch { agent: *agent, port, commands };
                    self.names.errand(now, &server, errand);
                }
            }
            Action::Browse { server, port, paths, persistent, connections, .. } => {
                self.browse(now, (server, *port), paths, (*persistent, *connections));
            }
            Action::Webmail { server, port, user, password, deed, .. } => {
                self.visit_webmail(now, (server, *port), User::new(user, password, deed.clone()));
            }
            Action::Disk { free, .. } => {
                if let Some(mail) = &mut self.mail {
                    mail.set_disk_free(*free);
                }
            }
            _ => {}
        }
    }

    /// Something is done on a connection whose bytes come from elsewhere. On one that is gone nothing happens: what
    /// was said on it and did not arrive is told by TCP.
    fn raw(&mut self, cause: Cause, session: RawSession, deed: &RawDeed) {
        if let RawDeed::Connect { to, port } = deed {
            let app = App::Raw(Box::new(RawEnd { engine: raw::Endpoint::new(), session, port: *port }));
            let to = Box::new(Peer { address: *to, port: *port, name: String::new(), tls: false });
            return self.effects.push_back((cause, Effect::Connect { to, app: Box::new(app) }));
        }
        let Some((id, slot)) = self.raw.get(&session).copied() else {
            let takes = match deed {
                RawDeed::Accept => true,
                RawDeed::Reset => false,
                _ => return,
            };
            return self.effects.push_back((cause, Effect::Answer { session, takes }));
        };
        let touch = match deed {
            RawDeed::Accept => return,
            RawDeed::Connect { .. } | RawDeed::Read(true) => None,
            RawDeed::Write(bytes) => Some(RawTouch::Write(bytes.to_vec())),
            RawDeed::Close => Some(RawTouch::Close),
            RawDeed::Reset => Some(RawTouch::Reset),
            RawDeed::Read(false) => Some(RawTouch::StopReading),
        };
        self.effects.push_back((cause, Effect::Raw { id, slot, touch: touch.map(Touch::Raw) }));
    }

    /// A user agent opens a connection and says these commands.
    pub fn read(&mut self, now: Instant, agent: usize, commands: Vec<imap::client::ClientCommand>) {
        self.open_reader(now, Reader { agent, sync: None }, commands);
    }

    fn open_reader(&mut self, now: Instant, reader: Reader, commands: Vec<imap::client::ClientCommand>) {
        if let Some((server, port)) = self.agents[reader.agent].account().imap.clone() {
            self.names.errand(now, &server, Errand::Read { reader: Box::new(reader), port, commands });
        }
    }

    /// Puts a letter into the queue of this host, due at once. What has no sender or recipient was refused when
    /// the scenario was checked.
    fn queue(&mut self, plane: &mut Plane, letter: &Preloaded, envelope: Option<&Envelope>) {
        let now = plane.now;
        let Some(mail) = &mut self.mail else { return };
        match (letter, envelope) {
            (Preloaded::Letter(bytes), Some(envelope)) => {
                mail.queue(now, plane.contents(), Arc::clone(bytes), envelope, now);
            }
            (Preloaded::Letter(_), None) => {}
            (Preloaded::Draft(draft), envelope) => {
                let _ = mail.queue_draft(now, plane.contents(), draft, envelope.cloned(), now);
            }
        }
    }
}
