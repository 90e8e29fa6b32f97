//! Compare's table as the window says it, held against the bytes of the packets: from the cell to the trace in one step.

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui::Key;
use eframe::egui::Modifiers;
use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Thing};
use mailpath::gui::run::Run;
use mailpath::packet::{Ipv4, Tcp, TcpFlags, parse_ipv4, parse_tcp};
use mailpath::time::{Instant, grouped};
use mailpath::trace::What;

use super::{press, send, still, window};

/// A segment as first put on a link, and when it reached its host.
struct Segment {
    from: String,
    sent: Instant,
    arrived: Instant,
    to_server: bool,
    client_port: u16,
    flags: TcpFlags,
    seq: u32,
    data: Vec<u8>,
}

/// All segments of a server's port, read from the frames of the record and from nothing else.
fn segments(run: &Run, port: u16) -> Vec<Segment> {
    let mut found: BTreeMap<u32, Segment> = BTreeMap::new();
    for entry in run.log.entries().iter() {
        let packet = match entry.what {
            What::FrameSent { packet, .. } | What::FrameArrived { packet, .. } => packet,
            _ => continue,
        };
        let bytes = run.log.packet_bytes(packet);
        let Ok(Ipv4 { src, dst, payload, .. }) = parse_ipv4(&bytes) else { continue };
        let Ok(Tcp { header, payload, .. }) = parse_tcp(src, dst, payload) else { continue };
        let to_server = header.dst_port == port;
        if !to_server && header.src_port != port {
            continue;
        }
        let first = || Segment {
            from: run.names.node(entry.node).to_owned(),
            sent: entry.at,
            arrived: entry.at,
            to_server,
            client_port: if to_server { header.src_port } else { header.dst_port },
            flags: header.flags,
            seq: header.seq,
            data: payload.to_vec(),
        };
        // The last node at which it arrives is its destination.
        found.entry(packet.0).or_insert_with(first).arrived = entry.at;
    }
    found.into_values().collect()
}

/// What was sent in one direction, connection after connection, put together by sequence number.
fn said(all: &[Segment], to_server: bool) -> Vec<u8> {
    let clients: BTreeSet<u16> = all.iter().map(|s| s.client_port).collect();
    let mut bytes = Vec::new();
    for client in clients {
        let mine = || all.iter().filter(move |s| s.client_port == client && s.to_server == to_server);
        let first = mine().find(|s| s.flags.contains(TcpFlags::SYN)).expect("it begins with a SYN").seq;
        let mut stream: BTreeMap<u32, u8> = BTreeMap::new();
        for segment in mine() {
            let at = segment.seq.wrapping_sub(first);
            stream.extend(segment.data.iter().enumerate().map(|(i, b)| (at.wrapping_add(i as u32), *b)));
        }
        bytes.extend(stream.into_values());
    }
    bytes
}

fn count(bytes: &[u8], what: &str) -> usize {
    memchr::memmem::find_iter(bytes, what.as_bytes()).count()
}

/// The first line that was said in this direction.
fn first_line(all: &[Segment], to_server: bool) -> String {
    let bytes = said(all, to_server);
    String::from_utf8_lossy(&bytes).lines().next().expect("a line").to_owned()
}

fn several(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// What must stand in the ten rows of one side, in the words of the table.
fn expected(run: &Run, port: u16) -> Vec<(&'static str, String)> {
    let all = segments(run, port);
    let pull = port == 80;
    let (asked, answered) = (said(&all, true), said(&all, false));
    // The content goes where most bytes go.
    let opener_has = asked.len() > answered.len();
    let content = if opener_has { &asked } else { &answered };
    let opener = &all[0].from;
    let role = if opener_has { "has the content: client push" } else { "wants the content: client pull" };
    let talk = all.iter().find(|s| !s.data.is_empty()).expect("somebody speaks");
    let speaks = if talk.to_server { "client" } else { "server" };
    let connections = all.iter().filter(|s| s.flags == TcpFlags::SYN).count();
    let units = if pull { count(&answered, "HTTP/1.1 200 OK\r\n") } else { count(&asked, "\r\n.\r\n") };
    // Each part of a letter begins with its type, and so does the whole.
    let objects = count(&asked, "Content-Type: ") - count(&asked, "Content-Type: multipart/");
    let round = all.iter().find(|s| !s.to_server).expect("a SYN-ACK").arrived.since(all[0].sent);
    // All is there when the last content has come; of a mail, when the server has said that it has it.
    let is_last = |s: &&Segment| !s.to_server && if pull { !s.data.is_empty() } else { s.data.starts_with(b"250") };
    let took = all.iter().filter(is_last).map(|s| s.arrived).max().expect("it ends").since(all[0].sent);
    let above = content.iter().filter(|b| **b > 127).count() as u64;
    let end = String::from_utf8_lossy(&answered).lines().find(|l| l.starts_with("Content-Length")).map(str::to_owned);
    let status = first_line(&all, false);
    vec![
        ("who opens", format!("{opener}, which {role}")),
        ("who speaks first", format!("the {speaks}, {}: {}", talk.from, first_line(&all, talk.to_server))),
        (
            "objects",
            match pull {
                true => format!("{}, one object each", several(units, "response")),
                false => format!("{units} multipart mail with {}", several(objects, "object")),
            },
        ),
        ("end of object", if pull { end.expect("a response says its length") } else { "CRLF . CRLF".to_owned() }),
        ("bytes above 127", grouped(above)),
        ("round trips", format!("{}, {took}", took.as_nanos() / round.as_nanos())),
        ("carried by", format!("TCP, port {port}")),
        ("ASCII command", first_line(&all, true)),
        ("status code and phrase", status.trim_start_matches("HTTP/1.1 ").to_owned()),
        (
            "connections",
            format!(
                "{} over {}",
                several(units, if pull { "response" } else { "mail" }),
                several(connections, "connection")
            ),
        ),
    ]
}

/// The cells that the window tells, in order.
fn cells(harness: &Harness<'_, App>) -> Vec<String> {
    let buttons = harness.root().children_recursive().filter(|n| n.accesskit_node().role() == Role::Button);
    buttons.filter_map(|n| n.accesskit_node().label()).filter(|l| l.ends_with(". Go to its packet")).collect()
}

#[test]
fn every_cell_of_compare_says_what_the_packets_say() {
    // The table is tall: in a tall window nothing of it is scrolled away.
    let mut harness = window("push-and-pull", (1366.0, 1400.0), 1.0, still());
    send(&mut harness, Command::Layout(Layout::Compare));
    press(&mut harness, Modifiers::NONE, Key::End);
    harness.run_steps(20);
    let run = std::sync::Arc::clone(&harness.state().desk.run);
    let mut wanted = BTreeSet::new();
    for (side, port) in [("pull", 80), ("push", 25)] {
        for (title, text) in expected(&run, port) {
            wanted.insert(format!("{side}, {title}: {text}. Go to its packet"));
        }
    }
    let told: BTreeSet<String> = cells(&harness).into_iter().collect();
    assert_eq!(told, wanted);
    // And each leads to a packet between the two hosts of its side.
    for cell in told {
        let port = if cell.starts_with("pull") { 80 } else { 25 };
        harness.get_by_label(&cell).click();
        harness.run_steps(4);
        let Some(Thing::Packet(packet)) = harness.state().desk.selection else { panic!("{cell}: no packet") };
        let bytes = run.log.packet_bytes(packet);
        let ip = parse_ipv4(&bytes).expect("IP");
        let tcp = parse_tcp(ip.src, ip.dst, ip.payload).expect("TCP").header;
        assert!(tcp.src_port == port || tcp.dst_port == port, "{cell}");
        press(&mut harness, Modifiers::NONE, Key::End);
        harness.run_steps(10);
    }
}
