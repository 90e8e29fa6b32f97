//! The views. Each reads a [`Cx`] and answers with commands; what it keeps for itself (where a list is scrolled to) is
//! no part of the moment.

pub mod bands;
pub mod blank;
pub mod bytes;
pub mod compare;
pub mod console;
pub mod conversation;
pub mod follow;
pub mod ladder;
pub mod lesson;
pub mod letter;
pub mod mail_form;
pub mod pinned;
pub mod pointing;
pub mod ribbon;
pub mod sentence;
pub mod sheets;
pub mod stage;
pub mod stores;
pub mod time;
pub mod top;
pub mod workbench;

use eframe::egui::Ui;

use super::cx::Cx;
use super::desk::View;

/// All of them.
#[derive(Default)]
pub struct Panels {
    /// The six steps and the connections.
    pub ribbon: ribbon::Ribbon,
    /// The map.
    pub stage: stage::Stage,
    /// The sequence chart.
    pub ladder: ladder::LadderView,
    /// What was said.
    pub conversation: conversation::ConversationView,
    /// Layers and bytes.
    pub bytes: bytes::BytesView,
    /// Queue and mailbox.
    pub stores: stores::StoresView,
    /// A copy of an inspector at another moment.
    pub pinned: pinned::Pinned,
    /// Pull beside push.
    pub compare: compare::CompareView,
    /// Packet list, layers, bytes.
    pub workbench: workbench::Workbench,
    /// What a lesson says and asks.
    pub lesson: lesson::LessonPanel,
    /// What happened and what comes next.
    pub sentence: sentence::SentenceRow,
    /// Back, play, forward, axis.
    pub time: time::TimeRow,
    /// Name of the scenario, layouts.
    pub top: top::TopBar,
    /// What lies above the views.
    pub sheets: sheets::Sheets,
}

impl Panels {
    /// The workbench, with the views that it shares with the other layouts.
    pub fn workbench(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let shared = workbench::Shared {
            stage: &mut self.stage,
            ladder: &mut self.ladder,
            conversation: &mut self.conversation,
            stores: &mut self.stores,
        };
        self.workbench.show(ui, shared, cx);
    }

    /// One of the views that share places.
    pub fn view(&mut self, ui: &mut Ui, view: View, cx: &Cx<'_>) {
        match view {
            View::Map => self.stage.show(ui, cx),
            View::Ladder => self.ladder.show(ui, cx),
            View::Conversation => self.conversation.show(ui, cx),
            View::Bytes => self.bytes.show(ui, cx),
            View::Stores => self.stores.show(ui, cx),
        }
    }
}
