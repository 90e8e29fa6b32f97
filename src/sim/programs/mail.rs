//! What the mail system and the user agents want.

use std::sync::Arc;

use super::causes::{Turn, is_change};
use super::{Effect, Peer, Programs};
use crate::mail;
use crate::mail::mta::{self, SessionId};
use crate::mail::server::Wanted;
use crate::sim::apps::{App, Sender, SmtpClient, Touch};
use crate::sim::plane::Plane;
use crate::smtp;
use crate::topology::{ConnId, NodeId};
use crate::trace::Cause;

impl Programs {
    /// Writes down what the user agents tell.
    pub fn poll_agents(&mut self, plane: &mut Plane, node: NodeId) {
        for agent in &mut self.agents {
            while let Some(event) = agent.poll() {
                plane.note_mail(node, event);
            }
        }
    }

    /// Carries out what the mail system wants. A letter for the session at hand goes to its engine at once;
    /// what concerns others becomes an effect.
    pub fn poll_mail(
        &mut self,
        plane: &mut Plane,
        node: NodeId,
        mut at_hand: Option<(SessionId, ConnId, &mut smtp::client::Client)>,
    ) {
        let Some(mut mail) = self.mail.take() else { return };
        let now = plane.now;
        let by_timer = matches!(plane.cause, Cause::Timer { .. });
        while let Some(output) = mail.poll(now, plane.contents()) {
            match output {
                mta::Output::Event(event) => {
                    if by_timer {
                        self.causes.of_attempt(plane, &event);
                    }
                    let turn = Turn::of(&event);
                    let changed = is_change(&event);
                    plane.note_mail(node, event);
                    self.causes.told(plane, turn);
                    if changed {
                        self.news(plane.cause, mail.store().change_count());
                    }
                }
                mta::Output::Resolve { ticket, domain } => {
                    let own = mail.own();
                    if plane.records() {
                        self.causes.asks(plane, ticket);
                    }
                    match mail.fixed_route(&domain) {
                        Some(target) => self.names.routed(ticket, vec![target]),
                        None => self.names.route(now, ticket, &domain, &own, || mail.route(ticket, &domain)),
                    }
                    self.poll_names(plane, node);
                }
                mta::Output::Connect { session, host, address, port, envelope, letter } => {
                    let settings = match mail.config().routes.iter().any(|r| r.door && r.address == address) {
                        true => &self.settings.smtp_client_at_door,
                        false => &self.settings.smtp_client,
                    };
                    let mut engine = smtp::client::Client::new(Arc::clone(settings));
                    engine.send(now, envelope, letter.bytes.clone());
                    let client = SmtpClient { engine, sender: Sender::Mta(session), first: letter.content };
                    let app = Box::new(App::SmtpClient(Box::new(client)));
                    let to = Box::new(Peer { address, port, name: host, tls: false });
                    self.effects.push_back((plane.cause, Effect::Connect { to, app }));
                }
                mta::Output::Send { session, envelope, letter } => match &mut at_hand {
                    Some((s, conn, engine)) if *s == session => {
                        let event = mail::Event::LetterSent { conn: *conn, content: letter.content };
                        plane.note_mail(node, event);
                        engine.send(now, envelope, letter.bytes.clone());
                    }
                    _ => self.touch(plane.cause, session, Touch::Send(envelope, letter)),
                },
                mta::Output::Quit { session } => match &mut at_hand {
                    Some((s, _, engine)) if *s == session => engine.quit(now),
                    _ => self.touch(plane.cause, session, Touch::Quit),
                },
                mta::Output::Return(_) | mta::Output::Convert { .. } => {
                    unreachable!("the mail system writes bounces and encodes letters itself")
                }
            }
        }
        while let Some(wanted) = mail.poll_wanted() {
            match wanted {
                Wanted::Ask { check, question } => {
                    self.names.check(now, check, question);
                    self.poll_names(plane, node);
                }
                Wanted::Answer { conn, request, answer } => {
                    let touch = Touch::Answer(request, Box::new(answer));
                    self.effects.push_back((plane.cause, Effect::TouchServer(conn, touch)));
                }
            }
        }
        self.mail = Some(mail);
    }

    /// Who idles has to be told of changes; `cause` is what made the first of them known.
    pub(super) fn news(&mut self, cause: Cause, changes: u64) {
        if changes != std::mem::replace(&mut self.seen_changes, changes) && !self.idling.is_empty() {
            self.effects.push_back((cause, Effect::Look));
        }
    }

    fn touch(&mut self, cause: Cause, session: SessionId, touch: Touch) {
        if let Some((_, slot, _)) = self.sessions.iter().find(|(s, ..)| *s == session) {
            self.effects.push_back((cause, Effect::Touch(*slot, touch)));
        }
    }
}
