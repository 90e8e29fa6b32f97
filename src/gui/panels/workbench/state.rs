//! What both ends of the packet's connection know at the moment shown.

use eframe::egui::{Align2, CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::panels::bytes::say;
use crate::gui::theme::{Tokens, med, mono, reg};
use crate::gui::widgets::{elided, text};
use crate::tcp;
use crate::time::grouped;
use crate::topology::{ConnId, Side};
use crate::trace::PacketId;
use crate::trace::fold::{End, SessionState};

const ROW: f32 = 23.0;

/// A line of the table: what, at the client, at the server, and what it means.
struct Line {
    what: &'static str,
    ends: [String; 2],
    means: &'static str,
}

/// Draws into `ui.max_rect()`.
pub fn show(ui: &mut Ui, packet: Option<PacketId>, cx: &Cx<'_>) {
    let of_packet = packet.and_then(|p| cx.run.log.packet(p).conn).map(|(conn, _)| conn);
    let conn = of_packet.or_else(|| cx.desk.conversation());
    let opened = |c: &ConnId| cx.scene.state.connections.keys().any(|(conn, _)| conn == c);
    match conn.filter(opened) {
        Some(conn) => table(ui, conn, cx),
        None => say(ui, "No TCP connection at this moment: nobody has anything to remember.", cx),
    }
}

fn table(ui: &mut Ui, conn: ConnId, cx: &Cx<'_>) {
    let t = cx.t;
    let whole = ui.max_rect();
    let (log, state) = (&cx.run.log, &cx.scene.state);
    let side = |side: Side| state.connections.get(&(conn, side));
    let session = |side: Side| state.sessions.get(&(conn, side));
    let lines = lines([side(Side::Client), side(Side::Server)], [session(Side::Client), session(Side::Server)]);
    let columns = Columns::new(whole);
    let head = Rect::from_min_size(whole.min, vec2(whole.width(), 40.0));
    ui.painter().rect_filled(head, CornerRadius::ZERO, t.surface2);
    ui.painter().hline(head.x_range(), head.bottom(), Stroke::new(1.0, t.border));
    for (i, side) in [Side::Client, Side::Server].into_iter().enumerate() {
        let (address, port) = log.end_addr(conn, side);
        let node = log.end(conn, side).map_or_else(|| address.to_string(), |n| cx.run.node(n).to_owned());
        let role = if side == Side::Client { "client" } else { "server" };
        let (left, room) = columns.value(i);
        elided(ui.painter(), pos2(left, head.top() + 13.0), &format!("{node}:{port}"), mono(12.5), t.text, room);
        elided(ui.painter(), pos2(left, head.top() + 28.0), role, med(12.0), t.text2, room);
    }
    text(
        ui.painter(),
        pos2(head.left() + 12.0, head.center().y),
        Align2::LEFT_CENTER,
        format!("TCP {}", conn.0 + 1),
        med(13.0),
        t.text,
    );
    let rest = Rect::from_min_max(pos2(whole.left(), head.bottom() + 1.0), whole.max);
    let mut place = ui.new_child(eframe::egui::UiBuilder::new().id_salt("table").max_rect(rest));
    place.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ScrollArea::vertical().id_salt("state").auto_shrink([false, false]).show_rows(
        &mut place,
        ROW,
        lines.len(),
        |ui, range| {
            let top = ui.max_rect().min;
            for (n, line) in lines[range].iter().enumerate() {
                let rect = Rect::from_min_size(pos2(top.x, top.y + n as f32 * ROW), vec2(ui.max_rect().width(), ROW));
                row(ui, rect, n, line, &columns, t);
            }
        },
    );
}

fn row(ui: &Ui, rect: Rect, n: usize, line: &Line, columns: &Columns, t: &Tokens) {
    let y = rect.center().y;
    let p = ui.painter();
    elided(p, pos2(rect.left() + 12.0, y), line.what, reg(12.5), t.text2, columns.first - 20.0);
    for (i, value) in line.ends.iter().enumerate() {
        let (left, room) = columns.value(i);
        elided(p, pos2(left, y), value, mono(12.5), t.text, room);
    }
    let response = ui.interact(rect, ui.scope_id().with(("line", line.what, n)), Sense::hover());
    let says = format!("{}: client {}, server {}", line.what, line.ends[0], line.ends[1]);
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &says));
    response.on_hover_text(format!("{says}\n{}", line.means));
}

/// Three columns: what, client, server.
struct Columns {
    left: f32,
    first: f32,
    each: f32,
}

impl Columns {
    fn new(rect: Rect) -> Columns {
        let first = (rect.width() * 0.38).clamp(90.0, 190.0);
        Columns { left: rect.left(), first, each: (rect.width() - first - 8.0) / 2.0 }
    }

    fn value(&self, i: usize) -> (f32, f32) {
        (self.left + self.first + i as f32 * self.each, self.each - 8.0)
    }
}

fn lines(ends: [Option<&End>; 2], sessions: [Option<&SessionState>; 2]) -> Vec<Line> {
    let none = || "\u{2013}".to_owned();
    let mut lines = Vec::new();
    let state = ends.map(|e| e.map_or_else(none, |e| e.state.name().to_owned()));
    lines.push(Line { what: "TCP state", ends: state, means: "RFC 9293, section 3.3.2" });
    if let Some(protocol) = sessions.iter().flatten().map(|s| s.protocol).next() {
        let what = match protocol {
            "smtp" => "SMTP state",
            "imap" => "IMAP state",
            "pop3" => "POP3 state",
            _ => "HTTP state",
        };
        let name =
            |s: Option<&SessionState>| s.map(|s| s.state).filter(|s| !s.is_empty()).map_or_else(none, str::to_owned);
        lines.push(Line { what, ends: sessions.map(name), means: "Which commands and replies are waited for now" });
        let phase = |s: Option<&SessionState>| s.and_then(|s| s.phase);
        if sessions.iter().any(|s| phase(*s).is_some()) {
            let course = sessions.map(|s| phase(s).map_or_else(none, |p| p.course.name().to_owned()));
            lines.push(Line {
                what: "Phase",
                ends: course,
                means: "Handshaking, transfer, closure, as the course counts",
            });
        }
    }
    let view = |f: fn(&tcp::View) -> String| ends.map(|e| e.and_then(|e| e.view.as_ref()).map_or_else(none, f));
    let bytes = |n: u32| grouped(u64::from(n));
    lines.push(Line {
        what: "Next to send",
        ends: view(|v| grouped(u64::from(v.snd_nxt.wrapping_sub(v.iss)))),
        means: "SND.NXT, counted from the first sequence number (the SYN is 0)",
    });
    lines.push(Line {
        what: "Oldest unacknowledged",
        ends: view(|v| grouped(u64::from(v.snd_una.wrapping_sub(v.iss)))),
        means: "SND.UNA: everything before it has arrived at the other end, and it has said so",
    });
    lines.push(Line {
        what: "Next expected",
        ends: view(|v| {
            if v.irs == 0 && v.rcv_nxt == 0 {
                "\u{2013}".to_owned()
            } else {
                grouped(u64::from(v.rcv_nxt.wrapping_sub(v.irs)))
            }
        }),
        means: "RCV.NXT: the acknowledgement number that this end sends",
    });
    lines.push(Line {
        what: "Window offered",
        ends: view(|v| grouped(u64::from(v.rcv_wnd))),
        means: "How many bytes this end takes (flow control)",
    });
    lines.push(Line {
        what: "Congestion window",
        ends: view(|v| grouped(u64::from(v.cwnd))),
        means: "How many bytes may be under way (RFC 5681)",
    });
    let ssthresh = view(|v| if v.ssthresh == u32::MAX { "not set".to_owned() } else { grouped(u64::from(v.ssthresh)) });
    lines.push(Line {
        what: "Slow start threshold",
        ends: ssthresh,
        means: "Below it the congestion window doubles each round trip",
    });
    lines.push(Line {
        what: "Waiting for ACK",
        ends: ends.map(|e| e.and_then(|e| e.view.as_ref()).map_or_else(none, |v| format!("{} bytes", bytes(v.queued)))),
        means: "Bytes that the program has written and that are not acknowledged yet",
    });
    lines.push(Line {
        what: "Round trip (SRTT)",
        ends: view(|v| v.srtt.map_or_else(|| "not measured".to_owned(), |d| d.to_string())),
        means: "Smoothed round-trip time (RFC 6298)",
    });
    lines.push(Line {
        what: "Timeout (RTO)",
        ends: view(|v| v.rto.to_string()),
        means: "After so long without an acknowledgement it is sent again",
    });
    lines.push(Line {
        what: "Timer fires at",
        ends: view(|v| v.retransmit_at.map_or_else(|| "off".to_owned(), |at| at.to_string())),
        means: "The retransmission timer",
    });
    lines.push(Line {
        what: "Sent again in a row",
        ends: view(|v| v.retries.to_string()),
        means: "How often the oldest segment has been sent again without an answer",
    });
    lines
}
