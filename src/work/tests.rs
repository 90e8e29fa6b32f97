use std::sync::Arc;

use super::*;
use crate::sim::World;
use crate::trace::Level;

#[test]
fn every_mail_of_a_small_work_arrives() {
    for level in [Level::Counters, Level::Milestones, Level::All] {
        let work = Work { hosts: 20, mails: 3, group: 10, loss: 0, seed: 1 };
        let mut world = World::new(Arc::new(work.setup()), level);
        world.run();
        let letter = letter();
        let mut stored = 0;
        for n in 0..world.setup().nodes.len() {
            if let Some(mail) = world.mail_system(NodeId(n as u32)) {
                stored +=
                    mail.store().messages("bob", "INBOX").iter().filter(|m| m.letter.bytes.ends_with(&letter)).count();
            }
        }
        assert_eq!(stored, 30);
    }
}
