//! Who writes in the form, and the letter that comes of what stands in it: made by the same code, with the same stamp,
//! as the user agent will make it when the scenario runs again.

use std::sync::Arc;

use crate::action::Action;
use crate::gui::run::Run;
use crate::mail::config::UserAgent;
use crate::mail::{AddressMistake, Event, envelope_of};
use crate::message::{self, Draft, Stamp};
use crate::sim::setup::NodeKind;
use crate::smtp::{Address, AddressError, Envelope};
use crate::topology::NodeId;
use crate::trace::{Entry, What};

/// The first mail of the scenario and who writes it.
#[derive(Clone, Debug)]
pub struct Writer {
    /// The computer.
    pub host: NodeId,
    /// The account.
    pub account: UserAgent,
    /// What the scenario has written in the form.
    pub draft: Arc<Draft>,
    stamp: Stamp,
}

impl Writer {
    /// The writer of the first mail that a user of the run sends; `None` if nobody sends one.
    pub fn new(run: &Run) -> Option<Writer> {
        let (host, agent, draft) = run.ready.setup.actions.iter().find_map(|a| match &a.action {
            Action::Send { host, agent, draft, .. } => Some((*host, *agent, Arc::clone(draft))),
            _ => None,
        })?;
        let NodeKind::Host(computer) = &run.ready.setup.nodes.get(host.0 as usize)?.kind else { return None };
        let account = computer.user_agents.get(agent)?.clone();
        let composed = |entry: &Entry<'_>| match entry.what {
            What::Mail(event) if entry.node == host => match event {
                Event::Composed { user, letter, .. } if *user == account.address => Some(letter.clone()),
                _ => None,
            },
            _ => None,
        };
        // The stamp depends on account, number and moment, not on what is typed: so it is read from the letter.
        let (at, letter) = run.log.entries().iter().find_map(|e| composed(&e).map(|l| (e.at, l)))?;
        let stamp = Stamp {
            unix_seconds: run.ready.setup.calendar.unix_seconds(at),
            message_id: letter.message_id.to_string(),
            boundary: boundary(&letter.bytes).unwrap_or_default(),
        };
        Some(Writer { host, account, draft, stamp })
    }

    /// The letter of a draft, byte for byte as the run will hold it.
    pub fn compose(&self, draft: &Draft) -> Arc<[u8]> {
        message::compose(draft, &self.stamp).bytes
    }

    /// The envelope of a draft: from the account, to everybody in To, Cc and Bcc.
    ///
    /// # Errors
    /// The first address that is none.
    pub fn envelope(&self, draft: &Draft) -> Result<Envelope, AddressMistake> {
        envelope_of(&Draft { from: self.account.address.clone(), ..draft.clone() })
    }
}

fn boundary(letter: &[u8]) -> Option<String> {
    let field = message::header(letter, "Content-Type", 0)?;
    let (_, value) = field.split_once("boundary=")?;
    Some(value.trim_start_matches('"').split(['"', ';']).next().unwrap_or_default().to_owned())
}

/// The addresses of a field, as they are typed: separated by commas.
pub fn addresses(field: &str) -> Vec<String> {
    field.split([',', ';']).map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned).collect()
}

/// What a field of addresses says to its writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It cannot be sent: what is wrong, and how to mend it.
    Wrong(String),
    /// It can be sent, and something else than delivery will come of it.
    Note(String),
}

/// What is wrong with what stands in To, or worth knowing.
pub fn judge(field: &str, run: &Run) -> Option<Said> {
    let all = addresses(field);
    if all.is_empty() {
        return Some(Said::Wrong("Nobody is addressed. Write an address, for example bob@b.example.".to_owned()));
    }
    for text in &all {
        match read(text) {
            Err(why) => return Some(Said::Wrong(mend(text, why))),
            Ok(address) if !address.local.is_ascii() && !carries_utf8(run) => {
                return Some(Said::Wrong(mend(text, AddressError::LocalPart)));
            }
            Ok(address) => {
                if let Some(note) = known(&address, run) {
                    return Some(Said::Note(note));
                }
            }
        }
    }
    None
}

/// Whether a server of this scenario takes names beyond ASCII (RFC 6531).
fn carries_utf8(run: &Run) -> bool {
    let offers = |host: &crate::sim::Host| {
        host.mail_server.as_ref().is_some_and(|s| s.extensions.iter().any(|e| e.eq_ignore_ascii_case("SMTPUTF8")))
    };
    run.ready.setup.nodes.iter().any(|n| matches!(&n.kind, NodeKind::Host(host) if offers(host)))
}

/// As the envelope's code reads it.
fn read(text: &str) -> Result<Address, AddressError> {
    let draft = Draft { from: "a@a.example".to_owned(), to: vec![text.to_owned()], ..Draft::default() };
    let mut envelope = envelope_of(&draft).map_err(|m| m.why)?;
    envelope.to.pop().ok_or(AddressError::LocalPart)
}

fn mend(text: &str, why: AddressError) -> String {
    if let Some(sign) = text.chars().find(|c| !c.is_ascii()) {
        return format!(
            "\u{201c}{text}\u{201d}: \u{201c}{sign}\u{201d} is no ASCII, and SMTP's addresses are: no server here offers SMTPUTF8. Write it without, for example bob@b.example."
        );
    }
    let how = match why {
        AddressError::NoAt => "there is no @. Write name@domain, for example bob@b.example.",
        AddressError::LocalPart if text.starts_with('@') => {
            "nothing stands before the @. Write a name there, for example bob."
        }
        AddressError::LocalPart => {
            "the part before the @ has a sign that may not stand there. Write letters, digits and dots, for example bob."
        }
        AddressError::Domain => "what follows the @ is no domain. Write one, for example b.example.",
        AddressError::TooLong => "it is too long. At most 64 signs stand before the @ and 255 behind it.",
        AddressError::Rest => "something follows the address. Put a comma between two addresses.",
    };
    format!("\u{201c}{text}\u{201d}: {how}")
}

/// What will come of an address that is well formed, if it is not delivery.
fn known(address: &Address, run: &Run) -> Option<String> {
    let servers = run.ready.setup.nodes.iter().filter_map(|n| match &n.kind {
        NodeKind::Host(host) => host.mail_server.as_ref().map(|s| (n.name.as_str(), s)),
        _ => None,
    });
    let mut of_domain =
        servers.filter(|(_, s)| s.domains.iter().any(|d| d.eq_ignore_ascii_case(&address.domain))).peekable();
    if of_domain.peek().is_none() {
        let domain = &address.domain;
        return Some(format!("No server of this scenario has mailboxes for {domain}: the mail will come back."));
    }
    let local = address.local.to_ascii_lowercase();
    let mut name = "";
    for (server, settings) in of_domain {
        let has =
            settings.users.iter().any(|u| u.name.eq_ignore_ascii_case(&local)) || settings.aliases.contains_key(&local);
        if has || local == "postmaster" {
            return None;
        }
        name = server;
    }
    Some(format!("{name} knows no {}: it will answer 550, and the mail comes back.", address.local))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::opening::Progress;
    use crate::scenario;

    fn run(change: impl FnOnce(&mut Draft)) -> Run {
        let mut ready = scenario::load_builtin("six-steps").unwrap().ready(None).unwrap();
        for timed in &mut ready.setup.actions {
            if let Action::Send { draft, .. } = &mut timed.action {
                let mut new = (**draft).clone();
                change(&mut new);
                *draft = Arc::new(new);
                break;
            }
        }
        Run::new(ready, &Progress::default()).unwrap()
    }

    fn composed(run: &Run) -> Arc<[u8]> {
        let found = run.log.entries().iter().find_map(|e| match e.what {
            What::Mail(Event::Composed { letter, .. }) => Some(letter.bytes.clone()),
            _ => None,
        });
        found.unwrap().into()
    }

    #[test]
    fn the_letter_in_the_form_is_byte_for_byte_the_one_that_the_run_holds() {
        let as_opened = run(|_| ());
        let writer = Writer::new(&as_opened).unwrap();
        assert_eq!(writer.compose(&writer.draft), composed(&as_opened));
        for text in ["another text\n.\nwith a dot", "gr\u{fc}n", ""] {
            let change = |d: &mut Draft| {
                d.subject = "caf\u{e9}".to_owned();
                d.text = text.to_owned();
            };
            let mut draft = (*writer.draft).clone();
            change(&mut draft);
            assert_eq!(writer.compose(&draft), composed(&run(change)), "{text}");
        }
    }

    #[test]
    fn every_mistake_in_an_address_says_how_to_mend_it() {
        let run = run(|_| ());
        assert_eq!(judge("bob@b.example", &run), None);
        assert_eq!(judge("Bob <bob@b.example>, alice@a.example", &run), None);
        for (typed, says) in [
            ("", "Nobody is addressed"),
            ("bob", "there is no @"),
            ("@b.example", "nothing stands before"),
            ("bob@", "no domain"),
            ("bob@b..example", "no domain"),
            ("bob@b.example alice@a.example", "comma"),
            ("b\u{fc}cher@b.example", "no ASCII"),
        ] {
            let Some(Said::Wrong(words)) = judge(typed, &run) else { panic!("{typed}: {:?}", judge(typed, &run)) };
            assert!(words.contains(says), "{typed}: {words}");
        }
        assert!(matches!(judge("carol@b.example", &run), Some(Said::Note(w)) if w.contains("550")));
        assert!(matches!(judge("bob@c.example", &run), Some(Said::Note(w)) if w.contains("come back")));
    }
}
