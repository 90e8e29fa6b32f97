//! What the user has in hand: the run, the moment, the selection, the layout, the settings.
//!
//! *Now* is a place between entries of the record; everything on the screen is the state behind the last entry before
//! it. Only [`Desk::apply`] changes anything here.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lesson::Course;
use super::motion::Motion;
use super::run::Run;
use crate::explain::stops::Grain;
use crate::mail::{ContentId, QueueId};
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::trace::{EntryId, PacketId};

/// The four arrangements in the top bar. A layout only arranges views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// The stage, the ribbon, the sentence.
    #[default]
    Story,
    /// A lesson, or the list of them.
    Lesson,
    /// Two ladders beside each other.
    Compare,
    /// Packet list, layers, bytes.
    Workbench,
}

impl Layout {
    /// In the order of the top bar.
    pub const ALL: [Layout; 4] = [Layout::Story, Layout::Lesson, Layout::Compare, Layout::Workbench];

    /// The word in the top bar.
    pub const fn name(self) -> &'static str {
        match self {
            Layout::Story => "Story",
            Layout::Lesson => "Lesson",
            Layout::Compare => "Compare",
            Layout::Workbench => "Workbench",
        }
    }
}

/// What can be shown in the large place or beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The stage.
    Map,
    /// The sequence chart of one conversation.
    Ladder,
    /// What was said.
    Conversation,
    /// Layers and bytes of the packet.
    Bytes,
    /// Queue and mailbox.
    Stores,
}

impl View {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            View::Map => "Map",
            View::Ladder => "Ladder",
            View::Conversation => "Conversation",
            View::Bytes => "Layers and bytes",
            View::Stores => "Queue and mailbox",
        }
    }

    /// Whether it takes the large place (and not the one beside it).
    pub const fn is_main(self) -> bool {
        matches!(self, View::Map | View::Ladder)
    }
}

/// What can be selected or pointed at. Selecting a thing does not move now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A host, switch or router.
    Node(NodeId),
    /// A link.
    Link(LinkId),
    /// A TCP connection.
    Connection(ConnId),
    /// A packet.
    Packet(PacketId),
    /// Bytes of a packet: range in the frame as first sent.
    Bytes(PacketId, usize, usize),
    /// A line or the mail in a conversation: a range of one direction's stream.
    Stream(ConnId, Side, u64, u64),
    /// A mail in a queue.
    Queued(NodeId, QueueId),
    /// A mail in a mailbox: user, folder, UID.
    Stored(NodeId, String, String, u32),
    /// A version of a letter.
    Letter(ContentId),
    /// A step of the story.
    Step(usize),
}

/// What lies above the views until Esc.
#[derive(Clone, Debug, PartialEq)]
pub enum Sheet {
    /// All keys.
    Keys,
    /// Search of commands, scenarios, hosts.
    Search,
    /// Go to a packet, a time, a mark.
    GoTo,
    /// Open a scenario: built-in, recent, path.
    Open,
    /// The letter unwrapped: which version, and the packet around it.
    Letter(ContentId),
    /// Step 1: the mail form.
    MailForm,
    /// Somebody types at a server.
    Console,
    /// Mistakes of a file that could not be opened, over what was open.
    Problems,
    /// Why: the chain of causes of an entry.
    Why(EntryId),
    /// What can be done with a thing.
    Menu(Thing),
}

/// A copy of an inspector that stays at its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Which: queue and mailbox, the conversation, layers and bytes.
    pub view: View,
    /// The moment, as a place in the record.
    pub place: usize,
    /// The conversation that was shown: the copy keeps it whatever is selected later.
    pub conn: Option<ConnId>,
    /// The packet of layers and bytes.
    pub packet: Option<PacketId>,
}

/// Where a scenario comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// One of the built-in ones.
    BuiltIn(String),
    /// A file.
    File(PathBuf),
    /// The scenario of a lesson, or one of its explorations: their names.
    Lesson(String, Option<String>),
}

/// What is kept from one start to the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Dark theme.
    pub dark: bool,
    /// 1 is 100 %.
    pub zoom: f32,
    /// No flights: start and end are joined by a numbered arrow.
    pub reduce_motion: bool,
    /// 0.5, 1, 2, 4 times.
    pub speed: f32,
    /// Routers stop packets too.
    pub every_link: bool,
    /// CR and LF are shown.
    pub line_ends: bool,
    /// Phases as RFC 5321 has them, beside the course's.
    pub rfc_phases: bool,
    /// Keys of one letter act.
    pub letter_keys: bool,
    /// The learner's name or number, as typed; it leaves the machine in a results file only.
    pub learner: String,
    /// In which language lessons are told, where they have it (BCP 47).
    pub language: String,
    /// Texts of a lesson's stops are folded; its questions stay.
    pub skip_texts: bool,
    /// Files opened before, the newest first.
    pub recent: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            dark: false,
            zoom: 1.0,
            reduce_motion: false,
            speed: 1.0,
            every_link: false,
            line_ends: false,
            rfc_phases: false,
            letter_keys: true,
            learner: String::new(),
            language: "en".to_owned(),
            skip_texts: false,
            recent: Vec::new(),
        }
    }
}

/// A mistake list of a file, ready to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistakes {
    /// The file's name.
    pub file: String,
    /// Each with line, column, what is wrong, how to mend it, and the lines of the file around it.
    pub list: Vec<Mistake>,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// Line, from 1; 0 if it has no place (a file that cannot be read).
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub text: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The line of the file.
    pub excerpt: String,
    /// Which characters of the excerpt.
    pub span: (usize, usize),
}

/// See the [module](self).
pub struct Desk {
    /// The run that is looked at.
    pub run: Arc<Run>,
    /// Where its scenario comes from.
    pub source: Source,
    /// Which of its runs.
    pub run_id: Option<String>,
    /// The moment, as a place in the record; during a flight, where the flight leads.
    pub now: usize,
    /// How far forward and back go.
    pub grain: Grain,
    /// Story, Lesson, Compare, Workbench.
    pub layout: Layout,
    /// In the large place.
    pub main: View,
    /// Beside it.
    pub side: Option<View>,
    /// Fills the window.
    pub fill: Option<View>,
    /// A thing.
    pub selection: Option<Thing>,
    /// Pointer or keyboard is there. Set by views through commands, one frame late.
    pub hover: Option<Thing>,
    /// Going on by itself.
    pub playing: bool,
    /// A flight.
    pub motion: Option<Motion>,
    /// Above the views, the topmost last.
    pub sheets: Vec<Sheet>,
    /// Workbench shows the future unless it was asked not to; the others hide it.
    pub hide_future_in_workbench: bool,
    /// The region to which the keyboard was sent, and whether it has still to go there.
    pub region: Option<(&'static str, bool)>,
    /// Text filter of the packet list.
    pub filter: String,
    /// The screen is blanked.
    pub blank: bool,
    /// The keyboard is wanted in the filter's field, in this frame.
    pub find: bool,
    /// A copy of an inspector.
    pub pin: Option<Pin>,
    /// Packets that were marked, to be found again.
    pub marks: BTreeSet<PacketId>,
    /// What was there before the last Reset.
    pub(super) before_reset: Option<(usize, Option<Thing>)>,
    /// Until when Undo is offered behind a Reset, in seconds of the window's clock.
    pub undo_until: f64,
    /// The lesson that is taken.
    pub course: Course,
    /// Moments before jumps, for Alt+Left.
    pub history: Vec<usize>,
    /// Moments from which one went back.
    pub ahead: Vec<usize>,
    /// Mistakes of the last file that could not be opened.
    pub mistakes: Option<Mistakes>,
    /// A short word after an act, and until when (seconds of the window's clock).
    pub notice: Option<(String, f64)>,
    /// Counts the stops for the screen reader: each is announced once.
    pub announcements: u64,
    /// When a play without flights goes on.
    pub(super) play_due: Option<f64>,
    /// Whether it has gone on since it began.
    pub(super) stepped: bool,
    /// Kept from one start to the next.
    pub settings: Settings,
}

impl Desk {
    /// The desk on a run, paused before its first step.
    pub fn new(run: Arc<Run>, source: Source, run_id: Option<String>, settings: Settings) -> Desk {
        Desk {
            run,
            source,
            run_id,
            now: 0,
            grain: Grain::Line,
            layout: Layout::Story,
            main: View::Map,
            side: None,
            fill: None,
            selection: None,
            hover: None,
            playing: false,
            motion: None,
            sheets: Vec::new(),
            hide_future_in_workbench: false,
            region: None,
            filter: String::new(),
            blank: false,
            find: false,
            pin: None,
            marks: BTreeSet::new(),
            before_reset: None,
            undo_until: 0.0,
            course: Course::default(),
            history: Vec::new(),
            ahead: Vec::new(),
            mistakes: None,
            notice: None,
            announcements: 0,
            play_due: None,
            stepped: false,
            settings,
        }
    }

    /// The moment that the views show: during a flight, the one at which its leg began.
    pub fn shown(&self) -> usize {
        self.motion.as_ref().map_or(self.now, Motion::shown)
    }

    /// Whether what comes after now is drawn.
    pub fn shows_future(&self) -> bool {
        self.layout == Layout::Workbench && !self.hide_future_in_workbench
    }

    /// The packet that everything is about now: the selected one, else the last that moved.
    pub fn packet(&self) -> Option<PacketId> {
        match &self.selection {
            Some(Thing::Packet(packet) | Thing::Bytes(packet, ..)) => Some(*packet),
            _ => self.run.last_packet(self.shown()),
        }
    }

    /// The conversation that everything is about now: the selected one, else the last in which something happened.
    pub fn conversation(&self) -> Option<ConnId> {
        match &self.selection {
            Some(Thing::Connection(conn) | Thing::Stream(conn, ..)) => Some(*conn),
            Some(Thing::Packet(p) | Thing::Bytes(p, ..)) => {
                self.run.log.packet(*p).conn.map(|(c, _)| c).or_else(|| self.run.conversation_at(self.shown()))
            }
            _ => self.run.conversation_at(self.shown()),
        }
    }
}
