//! The menu of a thing: each act that the mouse can do on it, with its key.

use eframe::egui::{Key, Modifiers, Ui};

use super::{row, scrolling};
use crate::gui::command::{Command, keys_of};
use crate::gui::console::Console;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing, View};
use crate::sim::NodeKind;

/// See the [module](self).
#[derive(Default)]
pub struct Menu {
    chosen: usize,
}

/// An act: its words, and what is asked for.
type Entry = (String, Vec<Command>);

impl Menu {
    /// Draws the list; arrows and Enter choose.
    pub fn show(&mut self, ui: &mut Ui, thing: &Thing, cx: &Cx<'_>) {
        let (down, up, enter) = ui.input_mut(|i| {
            let mut key = |k| i.consume_key(Modifiers::NONE, k);
            (key(Key::ArrowDown), key(Key::ArrowUp), key(Key::Enter))
        });
        let entries = acts(thing, cx);
        if down {
            self.chosen = (self.chosen + 1).min(entries.len().saturating_sub(1));
        }
        if up {
            self.chosen = self.chosen.saturating_sub(1);
        }
        let mut done = None;
        scrolling(ui, "acts", |ui| {
            for (i, (words, commands)) in entries.iter().enumerate() {
                let keys = commands.last().map(keys_of).unwrap_or_default();
                let response = row(ui, words, &keys, i == self.chosen, cx);
                if response.clicked() || (enter && i == self.chosen) {
                    done = Some(commands.clone());
                }
            }
        });
        if let Some(commands) = done {
            cx.send(Command::Close);
            commands.into_iter().for_each(|command| cx.send(command));
        }
    }
}

/// What a thing is called in the title of its menu.
pub fn title(thing: &Thing, cx: &Cx<'_>) -> String {
    let run = cx.run;
    match thing {
        Thing::Node(node) => run.node(*node).to_owned(),
        Thing::Link(link) => format!("Link {}", run.names.link(*link)),
        Thing::Connection(conn) | Thing::Stream(conn, ..) => {
            let end = |side| run.log.end(*conn, side).map_or("?", |n| run.node(n));
            let (client, server) = (end(crate::topology::Side::Client), end(crate::topology::Side::Server));
            format!("Connection {client} \u{2192} {server}")
        }
        Thing::Packet(packet) | Thing::Bytes(packet, ..) => {
            format!("Packet {}", run.packets.place(*packet).unwrap_or_default() + 1)
        }
        Thing::Queued(node, _) => format!("A mail in the queue of {}", run.node(*node)),
        Thing::Stored(node, user, folder, uid) => format!("Mail {uid} in {folder} of {user} on {}", run.node(*node)),
        Thing::Letter(_) => "The letter".to_owned(),
        Thing::Step(step) => run.short_title(*step).to_owned(),
    }
}

fn acts(thing: &Thing, cx: &Cx<'_>) -> Vec<Entry> {
    let select = || Command::Select(Some(thing.clone()));
    let act = |words: &str, commands: Vec<Command>| (words.to_owned(), commands);
    let see = |words: &str, view: View| act(words, vec![select(), Command::View(view)]);
    match thing {
        Thing::Node(node) => {
            let kind = cx.run.ready.setup.nodes.get(node.0 as usize).map(|n| &n.kind);
            let mut list = vec![act("Select it", vec![select()])];
            if matches!(kind, Some(NodeKind::Host(host)) if host.mail_server.is_some()) {
                list.push(see("Its queue and mailboxes", View::Stores));
            }
            if matches!(kind, Some(NodeKind::Host(host)) if !host.user_agents.is_empty()) && cx.run.draft().is_some() {
                list.push(act("Write the mail (step 1)", vec![Command::Sheet(Sheet::MailForm)]));
            }
            if Console::of(cx.run).is_some_and(|console| console.host == *node) {
                list.push(act("Type at the server", vec![Command::Sheet(Sheet::Console)]));
            }
            list.push(act("Why: the cause of what happened last", vec![Command::Why]));
            list
        }
        Thing::Link(_) => vec![act("Select it", vec![select()])],
        Thing::Connection(_) | Thing::Stream(..) => vec![
            act("Select it", vec![select()]),
            see("What is said on it", View::Conversation),
            see("Its ladder", View::Ladder),
            act("Next in this conversation", vec![select(), Command::InConversation(true)]),
            act("Previous in this conversation", vec![select(), Command::InConversation(false)]),
        ],
        Thing::Packet(packet) | Thing::Bytes(packet, ..) => {
            let row = cx.run.packets.row(*packet);
            let arrival = row.map(|r| Command::ShowEntry(r.arrived.or(r.lost).unwrap_or(r.sent)));
            let sent = row.map(|r| Command::ShowEntry(r.sent));
            let select = || Command::Select(Some(Thing::Packet(*packet)));
            let mut list = vec![act("Its layers and bytes", vec![select(), Command::View(View::Bytes)])];
            list.extend(arrival.map(|go| act("To its arrival", vec![go, select()])));
            list.extend(sent.map(|go| act("To its sending", vec![go, select()])));
            list.push(act("Mark it, or take its mark away", vec![select(), Command::Mark]));
            list.push(act("Why was it sent?", row.map(|r| Command::Sheet(Sheet::Why(r.sent))).into_iter().collect()));
            list
        }
        Thing::Queued(node, id) => {
            let letter = cx.scene.state.queues.get(&(*node, *id)).map(|queued| queued.letter.content);
            let mut list = vec![see("Look into the queue", View::Stores)];
            list.extend(letter.map(|l| act("Unwrap the letter", vec![Command::Sheet(Sheet::Letter(l))])));
            list.push(act("To the next try", vec![Command::SkipWait]));
            list
        }
        Thing::Stored(node, user, folder, uid) => {
            let mailbox = cx.scene.state.mailboxes.get(&(*node, user.clone(), folder.clone()));
            let letter = mailbox.and_then(|letters| letters.get(uid)).map(|stored| stored.letter.content);
            let mut list = vec![see("Look into the mailbox", View::Stores)];
            list.extend(letter.map(|l| act("Unwrap the letter", vec![Command::Sheet(Sheet::Letter(l))])));
            list
        }
        Thing::Letter(content) => vec![
            act("Unwrap it", vec![Command::Sheet(Sheet::Letter(*content))]),
            act("Queue and mailbox", vec![Command::View(View::Stores)]),
        ],
        Thing::Step(step) => vec![act("To its beginning; again: to its end", vec![Command::Step(*step)])],
    }
}
