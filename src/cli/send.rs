//! `mailpath send`: one mail out of the simulated network to a real SMTP server.

use std::io::{Read, Write};

use super::args::Send;
use super::serve::{Session, ready};
use super::{Failure, address, open};
use crate::door::{Limits, Outlet, Speed};
use crate::scenario::doors::Wanted;
use crate::scenario::recording::text_or_base64;
use crate::sim::setup::NodeKind;
use crate::topology::NodeId;

/// Exit status of a temporary failure, as sysexits.h has it (EX_TEMPFAIL).
const TEMPORARY: u8 = 75;
/// Of a permanent one (EX_UNAVAILABLE).
const PERMANENT: u8 = 69;
/// The port of the door; it is the one at which mail is taken.
const PORT: u16 = 25;
/// How long the end of a dialogue is waited for when its result is known.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(5);

/// Sends, and tells by the exit status what became of it.
pub(super) fn send(args: &Send, out: &mut impl Write) -> Result<(), Failure> {
    let to = address::parse("--smtp", &args.smtp, args.allow_remote)?;
    let letter = letter(args)?;
    let (scenario, run) = open::parts_of(&args.scenario)?;
    let plain = scenario.ready(run.as_deref()).map_err(Failure::Input)?;
    let place = plain.setup.nodes.iter().position(|n| match &n.kind {
        NodeKind::Host(host) => !host.user_agents.is_empty() && !host.starts_off,
        _ => false,
    });
    let place = place.ok_or_else(|| Failure::Use(format!("{}: nobody in it has a mail program", args.scenario)))?;
    let host = plain.setup.nodes[place].name.clone();
    let wanted = Wanted {
        servers: vec![host.clone()],
        sender: Some((args.from.clone(), PORT)),
        without_actions: true,
        ..Wanted::default()
    };
    let mut head = scenario.with_doors(run.as_deref(), &wanted).map_err(Failure::Use)?;
    let (field, text) = text_or_base64(&letter);
    let field = if field == "text" { "letter" } else { "letter_base64" };
    let action = serde_json::json!({ "at": "0 ns", "send": {
        "host": host, "account": args.from, field: text, "envelope": { "from": args.from, "to": args.to },
    }});
    head.text.push_str(&format!("{action}\n"));
    let ready = ready(&head)?;
    let node = |name: &str| {
        let place = ready.setup.nodes.iter().position(|n| n.name == name);
        NodeId(place.expect("the head has the hosts that were asked for") as u32)
    };
    let sender = node(&host);
    let agent = match &ready.setup.nodes[sender.0 as usize].kind {
        NodeKind::Host(host) => host.user_agents.len() - 1,
        _ => 0,
    };
    let door = node(&head.doors[0].1);
    let mut waits = None;
    let (mut began, mut over) = (false, None);
    let done = |world: &crate::sim::World, open: usize| {
        let Some(agent) = world.agent(sender, agent) else { return true };
        began |= agent.under_way() > 0;
        let finished = !agent.outbox().is_empty() || (began && agent.under_way() == 0);
        if finished && over.is_none() {
            over = Some(super::clock());
        }
        // The server has its last word, if it does not take too long.
        waits = over.as_ref().map(|since| since());
        finished && (open == 0 || waits.is_some_and(|waited| waited > GOODBYE))
    };
    let session = Session {
        ready: &ready,
        head: &head,
        speed: args.speed.unwrap_or(Speed::Fast),
        record: args.record.as_deref(),
        pcapng: args.pcapng.as_deref(),
        limits: Limits::default(),
    };
    let outlets = vec![Outlet { door, port: PORT, to }];
    let mut quiet = std::io::sink();
    let live = session.run(Vec::new(), outlets, done, &mut quiet)?;
    let agent = live.world().agent(sender, agent);
    let (outbox, under_way) = agent.map_or((&[][..], 0), |a| (a.outbox(), a.under_way()));
    match outbox.first() {
        None if under_way > 0 => Err(Failure::Status(TEMPORARY, "interrupted before the server had answered".into())),
        None => writeln!(out, "{to}: accepted for {}", args.to.join(", ")).map_err(Failure::output),
        Some(unsent) => {
            let (code, how) = if unsent.permanent { (PERMANENT, "refused") } else { (TEMPORARY, "not now") };
            let who: Vec<String> = unsent.to.iter().map(ToString::to_string).collect();
            let of_all = if who.len() < args.to.len() { "; the others have it" } else { "" };
            Err(Failure::Status(code, format!("{to}: {how} for {}: {}{of_all}", who.join(", "), unsent.reason)))
        }
    }
}

/// The letter as it goes over the line: with CRLF, whatever the file has.
fn letter(args: &Send) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::Use(format!("{}: {e}", args.data.display()));
    let bytes = if args.data.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        bytes
    } else {
        std::fs::read(&args.data).map_err(failed)?
    };
    let mut letter = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut before = 0;
    for byte in bytes {
        if byte == b'\n' && before != b'\r' {
            letter.push(b'\r');
        }
        letter.push(byte);
        before = byte;
    }
    if !letter.ends_with(b"\r\n") {
        letter.extend_from_slice(b"\r\n");
    }
    Ok(letter)
}
