//! What a network is made of, without programs: links, switches, neighbours, and how a host hands
//! segments to connections.

pub mod arp;
pub mod link;
pub mod switch;
