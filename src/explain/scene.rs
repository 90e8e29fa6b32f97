//! stub
#![allow(missing_docs)]
use crate::trace::*; use crate::trace::fold::*; use crate::time::*; use crate::mail::ContentId;use crate::sim::setup::Setup;
#[derive(Clone,Debug)] pub struct Letter{pub content:Option<ContentId>,pub copy:bool}
#[derive(Clone,Debug)] pub struct Flight{pub packet:PacketId,pub sent_at:Instant,pub ends_at:Instant}
#[derive(Clone,Debug)] pub struct Scene{pub place:usize,pub letters:Vec<Letter>}
pub struct Scenes; impl Scenes{pub fn new(_:&Log,_:&Setup)->Scenes{Scenes} pub fn at(&self,_:&Log,_:&Timeline,place:usize)->Scene{Scene{place,letters:vec![]}} pub fn flights(&self,_:&Log,_:usize,_:usize)->Vec<Flight>{vec![]} pub fn why_waiting(&self,_:usize,_:usize)->String{String::new()}}
