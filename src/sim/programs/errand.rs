//! What a user wants of a server by its name: the address is looked up, then the connection is opened.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::{Effect, Peer, Programs};
use crate::dns::{resolver, stream};
use crate::mail::Letter;
use crate::mail::config::ClientTls;
use crate::mail::mua::Submission;
use crate::mail::webmail::JobId;
use crate::sim::apps::{App, DnsClient, Reader, Sender, SmtpClient};
use crate::sim::names::Found;
use crate::sim::plane::Plane;
use crate::sim::web::VisitId;
use crate::smtp::Envelope;
use crate::topology::NodeId;
use crate::{imap, pop3, raw, smtp};

/// What a user wants done with a server whose address is being looked up.
#[derive(Clone, Debug)]
pub(in crate::sim) enum Errand {
    /// Hand this letter to the submission server.
    Submit { agent: usize, submission: Box<Submission> },
    /// Talk IMAP.
    Read { reader: Box<Reader>, port: u16, commands: Vec<imap::client::ClientCommand> },
    /// Talk POP3.
    Fetch { agent: usize, port: u16, commands: Vec<pop3::client::ClientCommand> },
    /// Fetch what is wanted next in this visit.
    Browse { visit: VisitId },
    /// Hand over a letter of the webmail program.
    WebSubmit { job: JobId, account: usize, envelope: Box<Envelope>, letter: Arc<Letter> },
    /// Talk IMAP for the webmail program.
    WebRead { job: JobId, account: usize, commands: Vec<imap::client::ClientCommand> },
    /// Type at it.
    Console { server: String, port: u16, console: Box<raw::Console> },
}

impl Programs {
    /// What the resolver tells and wants to send.
    pub(super) fn poll_names(&mut self, plane: &mut Plane, node: NodeId) {
        while let Some(output) = self.names.poll(plane.now) {
            match output {
                resolver::Output::Event(event) => plane.note_lookup(node, event),
                resolver::Output::Datagram { to, to_port, from_port, bytes } => {
                    self.effects.push_back((plane.cause, Effect::Datagram { to, to_port, from_port, bytes }));
                }
                resolver::Output::Stream { to, to_port, stream, bytes } => {
                    let app = App::DnsClient(Box::new(DnsClient { engine: stream::Client::new(bytes), stream }));
                    // By address: nobody knows its name yet, and it shows no certificate.
                    let to = Box::new(Peer { address: to, port: to_port, name: String::new(), tls: false });
                    let effect = Effect::Connect { to, app: Box::new(app) };
                    self.effects.push_back((plane.cause, effect));
                }
                resolver::Output::Answered { .. } | resolver::Output::Wait(_) => {}
            }
        }
    }

    pub(super) fn found(&mut self, plane: &mut Plane, node: NodeId, found: Found) {
        match found {
            Found::Route(ticket, result) => {
                self.causes.answered(plane, ticket);
                if let Some(mail) = &mut self.mail {
                    mail.mta_mut().resolved(plane.now, ticket, result);
                }
                // At once, so that the connection has this search as its cause and not the next one.
                self.poll_mail(plane, node, None);
            }
            Found::Check(check, question, answer) => {
                if let Some(mail) = &mut self.mail {
                    mail.known(plane.now, plane.contents(), check, &question, &answer);
                }
                self.poll_mail(plane, node, None);
            }
            Found::Errand(errand, Ok(address)) => self.go(plane, *errand, address),
            Found::Errand(errand, Err(reason)) => match *errand {
                Errand::Submit { agent, submission } => {
                    self.agents[agent].not_submitted(plane.now, submission.id, &reason);
                    self.poll_agents(plane, node);
                }
                Errand::WebSubmit { job, .. } => self.not_submitted(plane, node, job, &reason),
                Errand::WebRead { job, .. } => self.not_reached(plane, node, job, &reason),
                Errand::Browse { visit } => self.not_browsed(visit),
                Errand::Read { .. } | Errand::Fetch { .. } | Errand::Console { .. } => {}
            },
        }
    }

    /// The address is known: open the connection.
    fn go(&mut self, plane: &Plane, errand: Errand, address: Ipv4Addr) {
        let now = plane.now;
        let web = match errand {
            Errand::Browse { visit } => self.browse_at(visit, address),
            Errand::WebSubmit { job, account, envelope, letter } => {
                self.web_submit(now, (job, account), *envelope, letter, address)
            }
            Errand::WebRead { job, account, commands } => self.web_read((job, account), commands, address),
            errand => return self.go_for_agent(plane, errand, address),
        };
        if let Some((to, app)) = web {
            self.effects.push_back((plane.cause, Effect::Connect { to: Box::new(to), app: Box::new(app) }));
        }
    }

    /// The same, for a user agent.
    fn go_for_agent(&mut self, plane: &Plane, errand: Errand, address: Ipv4Addr) {
        let now = plane.now;
        let s = &self.settings;
        let (port, name, tls, app) = match errand {
            Errand::Submit { agent, submission } => {
                let Submission { id, server, port, envelope, letter, .. } = *submission;
                let mut engine = smtp::client::Client::new(Arc::clone(&s.agents[agent].smtp));
                engine.send(now, envelope, letter.bytes.clone());
                let client = SmtpClient { engine, sender: Sender::Agent(agent, id), first: letter.content };
                let tls = self.agents[agent].account().smtp_tls == ClientTls::FromStart;
                (port, server, tls, App::SmtpClient(Box::new(client)))
            }
            Errand::Read { reader, port, commands } => {
                let engine = imap::client::Client::new(Arc::clone(&s.agents[reader.agent].imap), commands);
                let account = self.agents[reader.agent].account();
                let name = account.imap.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
                (port, name, account.imap_tls == ClientTls::FromStart, App::ImapClient(Box::new(engine), reader))
            }
            Errand::Fetch { agent, port, commands } => {
                let engine = pop3::client::Client::new(Arc::clone(&s.agents[agent].pop3), commands);
                let account = self.agents[agent].account();
                let name = account.pop3.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
                (port, name, account.pop3_tls == ClientTls::FromStart, App::Pop3Client(Box::new(engine), agent))
            }
            Errand::Console { server, port, console } => (port, server, false, App::Console(console)),
            Errand::Browse { .. } | Errand::WebSubmit { .. } | Errand::WebRead { .. } => return,
        };
        let to = Box::new(Peer { address, port, name, tls });
        self.effects.push_back((plane.cause, Effect::Connect { to, app: Box::new(app) }));
    }
}
