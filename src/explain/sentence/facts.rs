//! The entries of one event, sorted by what they are.

use crate::action::Action;
use crate::dns::resolver;
use crate::engine::Way;
use crate::mail;
use crate::net::link::Loss;
use crate::tcp;
use crate::time::Instant;
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::trace::{Closed, EntryId, Line, Log, Names, PacketId, Session, What};

/// See the [module](self).
pub(super) struct Facts<'a> {
    pub from: usize,
    pub at: Instant,
    pub node: NodeId,
    /// The packet that came in.
    pub arrived: Option<PacketId>,
    /// Frames that left, in order.
    pub left: Vec<PacketId>,
    pub lost: Vec<(PacketId, Loss, Option<LinkId>)>,
    pub actions: Vec<&'a Action>,
    pub opened: Option<ConnId>,
    pub established: Option<(ConnId, Side)>,
    pub received: Option<tcp::View>,
    /// Segments that left TCP, and whether again.
    pub segments: Vec<(PacketId, bool)>,
    pub timer: Option<(ConnId, tcp::TimerKind)>,
    pub closed: Vec<(ConnId, Side, Closed)>,
    pub sessions: Vec<Session<'a>>,
    pub mail: Vec<&'a mail::Event>,
    pub dns: Vec<&'a resolver::Event>,
}

impl<'a> Facts<'a> {
    pub fn read(log: &'a Log, names: &'a Names, from: usize, place: usize) -> Self {
        let head = log.entries().get(from);
        let mut facts = Facts {
            from,
            at: head.map_or(Instant::ZERO, |e| e.at),
            node: head.map_or(NodeId(0), |e| e.node),
            arrived: None,
            left: Vec::new(),
            lost: Vec::new(),
            actions: Vec::new(),
            opened: None,
            established: None,
            received: None,
            segments: Vec::new(),
            timer: None,
            closed: Vec::new(),
            sessions: Vec::new(),
            mail: Vec::new(),
            dns: Vec::new(),
        };
        for place in from..place {
            let entry = log.entry(EntryId(place as u32));
            match &entry.what {
                What::FrameSent { packet, .. } => facts.left.push(*packet),
                What::FrameArrived { packet, .. } => facts.arrived = Some(*packet),
                What::FrameLost { packet, reason } => facts.lost.push((*packet, *reason, entry.link())),
                What::TcpOpen(conn) => facts.opened = Some(*conn),
                What::TcpEstablished(conn, side) => facts.established = Some((*conn, *side)),
                What::TcpSent { packet, retransmission, .. } => facts.segments.push((*packet, *retransmission)),
                What::TcpReceived { view, .. } => facts.received = Some(log.view(*view)),
                What::TcpTimer { conn, timer, .. } => facts.timer = Some((*conn, *timer)),
                What::TcpState { .. } => {}
                What::TcpClosed { conn, side, how } => facts.closed.push((*conn, *side, *how)),
                What::Session(session) => facts.sessions.push(*session),
                What::Mail(event) => facts.mail.push(event),
                What::Dns(event) => facts.dns.push(event),
                What::Action(id) => facts.actions.extend(names.action(*id)),
            }
        }
        facts
    }

    /// The connection that it is about.
    pub fn conn(&self) -> Option<ConnId> {
        let session = self.sessions.first().map(|s| s.conn);
        session.or(self.established.map(|e| e.0)).or(self.opened).or(self.timer.map(|t| t.0))
    }

    /// What was said on a connection in this event, either way.
    pub fn lines(&self) -> impl Iterator<Item = (Session<'a>, Line<'a>)> {
        self.sessions.iter().filter_map(|s| s.event.line().map(|l| (*s, l)))
    }

    pub fn read_line(&self) -> Option<(Session<'a>, Line<'a>)> {
        self.lines().find(|(_, l)| l.way == Way::Received)
    }

    pub fn written(&self) -> Option<(Session<'a>, Line<'a>)> {
        self.lines().filter(|(_, l)| l.way == Way::Sent).last()
    }

    /// The code of the reply that was written.
    pub fn answer(&self) -> Option<u16> {
        self.written().and_then(|(_, l)| l.code)
    }
}
