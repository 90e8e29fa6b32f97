//! Ours against smoltcp's whole stack, in both roles, and ours against ours.
//!
//! smoltcp shares no line with our engine, so where both misread the standard they would have to do so
//! alike to pass.

use super::rough::{Kind, converse_often};

const SMOLTCP: Kind = Kind::Smoltcp;

fn ours(seed: u64) -> Kind {
    // smoltcp sends SACK blocks and speaks the option; it ignores those that it receives.
    Kind::Ours { sack: seed % 2 == 1 }
}

#[test]
fn our_client_and_smoltcps_server_understand_each_other_on_a_rough_network() {
    converse_often(|seed| [ours(seed), SMOLTCP], 0..5000);
}

#[test]
fn smoltcps_client_and_our_server_understand_each_other_on_a_rough_network() {
    converse_often(|seed| [SMOLTCP, ours(seed)], 0..5000);
}

#[test]
fn our_client_and_our_server_understand_each_other_on_a_rough_network() {
    converse_often(|seed| [ours(seed), ours(seed / 2)], 0..5000);
}

#[test]
#[ignore = "the same, longer: some seconds"]
fn fifty_thousand_conversations_in_each_role() {
    std::thread::scope(|s| {
        s.spawn(|| converse_often(|seed| [ours(seed), SMOLTCP], 10_000..60_000));
        s.spawn(|| converse_often(|seed| [SMOLTCP, ours(seed)], 10_000..60_000));
        s.spawn(|| converse_often(|seed| [ours(seed), ours(seed / 2)], 10_000..60_000));
    });
}
