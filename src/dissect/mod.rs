//! stub
#![allow(missing_docs)]
use crate::trace::{Log,Names,PacketId};
pub struct Packets; impl Packets { pub fn new(_:&Log,_:&Names)->Packets{Packets} pub fn last_moved(&self,_:usize)->Option<PacketId>{None} }
