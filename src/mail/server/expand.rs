//! One address that stands for others: forwarding, and mailing lists (RFC 5321 section 3.9).
//!
//! ```text
//!              envelope's sender          letter
//!  forwarding  stays (or the forwarder)   Delivered-To on top
//!  list        owner-LIST@DOMAIN          Delivered-To, List-Id, List-Post, List-Unsubscribe on top; a footer
//! ```
//! The sender on the envelope decides who is told of failures, and whose SPF record is asked. Section 3.9.2: a list
//! "MUST" put its own there, "all other fields of the message header section" stay, From above all. A server that
//! keeps somebody else's sender sends in a name for which it does not speak.
//!
//! A letter that comes back to an address that it has been to (`Delivered-To`, RFC 9228) goes in a circle.

use std::sync::Arc;

use super::MailSystem;
use super::accept::failed;
use crate::mail::config::{ForwardSender, MailingList};
use crate::mail::letter::wrap;
use crate::mail::mta::Output;
use crate::mail::{Event, Expansion, Letter};
use crate::message::{self, Failed};
use crate::smtp::options::{Body, Wish, to_xtext};
use crate::smtp::{Address, Envelope, Options, ReversePath};
use crate::time::Instant;

/// Why a letter is not sent on a second time.
const CIRCLE: &str = "5.4.6 this mail has been to this address before, it goes in a circle";

/// The moment, and the counter of letters.
pub(super) type Around<'a> = (Instant, &'a mut u32);

impl MailSystem {
    /// Sends a letter for a user on to where the user wants it. Gives it back if it has been here before.
    pub(super) fn forward(
        &mut self,
        (now, ids): Around<'_>,
        envelope: &Envelope,
        user: u32,
        address: &Address,
        letter: &Letter,
        due: Instant,
    ) -> Option<Failed> {
        if has_been_to(&letter.bytes, address) {
            return Some(failed(address, CIRCLE));
        }
        let cfg = Arc::clone(&self.cfg);
        let to = cfg.users[user as usize].forward.clone();
        let from = match (&envelope.from, cfg.forward_sender) {
            (ReversePath::Address(_), ForwardSender::Own) => ReversePath::Address(address.clone()),
            (from, _) => from.clone(),
        };
        let options = carried(envelope.options(), address, &to);
        let new = Envelope { from, to, options: (options != Options::default()).then(|| Arc::new(options)) };
        let letter = Arc::new(wrap(&format!("Delivered-To: {address}\r\n"), letter, "", ids, self.records));
        self.expanded(address, Expansion::Forward, &new, &letter);
        self.take_in(now, ids, &new, letter, due);
        None
    }

    /// Sends a letter to the members of a list. Gives it back if it has been here before.
    pub(super) fn post(
        &mut self,
        (now, ids): Around<'_>,
        list: u32,
        address: &Address,
        (letter, binary): (&Letter, bool),
        due: Instant,
    ) -> Option<Failed> {
        if has_been_to(&letter.bytes, address) {
            return Some(failed(address, CIRCLE));
        }
        let cfg = Arc::clone(&self.cfg);
        let list = &cfg.lists[list as usize];
        let owner = Address { local: format!("owner-{}", list.name), domain: address.domain.clone() };
        // Another mail, and yet of the same bytes.
        let options = binary.then(|| Arc::new(Options { body: Some(Body::BinaryMime), ..Options::default() }));
        let envelope = Envelope { options, ..Envelope::new(ReversePath::Address(owner), list.members.clone()) };
        let footer = footer(list, &letter.bytes);
        let letter = Arc::new(wrap(&list_fields(list, address), letter, &footer, ids, self.records));
        self.expanded(address, Expansion::List, &envelope, &letter);
        self.take_in(now, ids, &envelope, letter, due);
        None
    }

    fn expanded(&mut self, address: &Address, by: Expansion, envelope: &Envelope, letter: &Arc<Letter>) {
        if self.records {
            let (address, envelope, letter) = (Box::new(address.clone()), envelope.clone(), Arc::clone(letter));
            self.out.push_back(Output::Event(Event::Expanded { address, by, envelope, letter }));
        }
    }
}

/// Whether a `Delivered-To` of the letter names this address.
fn has_been_to(letter: &[u8], address: &Address) -> bool {
    let address = address.to_string();
    let count = message::header_count(letter, "Delivered-To");
    (0..count).filter_map(|k| message::header(letter, "Delivered-To", k)).any(|to| to.eq_ignore_ascii_case(&address))
}

/// RFC 2919 section 3, RFC 2369 sections 3.2 and 3.4.
fn list_fields(list: &MailingList, address: &Address) -> String {
    let (name, domain) = (&list.name, &address.domain);
    format!(
        "Delivered-To: {address}\r\nList-Id: <{name}.{domain}>\r\nList-Post: <mailto:{address}>\r\n\
         List-Unsubscribe: <mailto:{name}-request@{domain}?subject=unsubscribe>\r\n"
    )
}

/// What the list puts below the text. Below parts of MIME, or a text that is encoded, it would not be seen.
fn footer(list: &MailingList, letter: &[u8]) -> String {
    let value = |name: &str| message::header(letter, name, 0).unwrap_or_default().to_ascii_lowercase();
    let (kind, encoding) = (value("Content-Type"), value("Content-Transfer-Encoding"));
    let plain = kind.is_empty() || kind.starts_with("text/plain");
    match &list.footer {
        Some(footer) if plain && matches!(encoding.as_str(), "" | "7bit" | "8bit") => {
            let end = if letter.ends_with(b"\r\n") { "" } else { "\r\n" };
            let text = footer.replace("\r\n", "\n").trim_end_matches('\n').replace('\n', "\r\n");
            format!("{end}{text}\r\n")
        }
        _ => String::new(),
    }
}

/// The sender's wishes go on with the letter (RFC 3461 section 5.2.7.1), and say to whom it was first addressed.
fn carried(options: &Options, address: &Address, to: &[Address]) -> Options {
    let mut new = Options { recipients: Default::default(), ..options.clone() };
    if let Some(wish) = options.recipients.get(address) {
        let orcpt = wish.orcpt.clone().unwrap_or_else(|| format!("rfc822;{}", to_xtext(&address.to_string())));
        let wish = Wish { orcpt: Some(orcpt), ..wish.clone() };
        new.recipients.extend(to.iter().map(|to| (to.clone(), wish.clone())));
    }
    new
}
