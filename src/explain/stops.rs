//! stub
#![allow(missing_docs)]
use crate::trace::*; use super::phases::*;use super::story::StepSpan;use crate::sim::setup::Setup; use crate::topology::*;
#[derive(Clone,Copy,Debug,PartialEq,Eq,PartialOrd,Ord)] pub enum Grain{Packet,Line,Phase,Step}
impl Grain{pub fn name(self)->&'static str{"line"} pub fn finer(self)->Grain{self} pub fn coarser(self)->Grain{self}}
#[derive(Clone,Copy,Debug,PartialEq,Eq)] pub enum Mark{Begin,Done}
#[derive(Clone,Debug,PartialEq,Eq)] pub enum StopKind{Start,End,Arrival(PacketId),Loss(PacketId),Timer}
#[derive(Clone,Debug)] pub struct Stop{pub place:usize,pub grain:Grain,pub entry:Option<EntryId>,pub kind:StopKind}
pub struct Stops; impl Stops{pub fn new(_:&Log,_:&Names,_:&Setup,_:&[StepSpan],_:&[Conversation])->Stops{Stops} pub fn next(&self,_:Grain,_:usize)->Option<&Stop>{None} pub fn previous(&self,_:Grain,_:usize)->Option<&Stop>{None} pub fn at(&self,_:usize)->Option<&Stop>{None} pub fn step(&self,_:usize,_:Mark)->Option<usize>{None} pub fn in_conversation(&self,_:ConnId,_:usize,_:bool)->Option<usize>{None} pub fn after_wait(&self,_:usize)->Option<usize>{None}}
