//! stub
#![allow(missing_docs)]
use crate::trace::*; use super::stops::*; use super::phases::*;use crate::sim::setup::Setup; use crate::scenario::story::Story;
pub struct Sentence{pub now:String,pub next:Option<String>,pub step:Option<usize>}
pub fn sentence(_:&Log,_:&Names,_:&Setup,_:&Story,_:&Stops,_:&[Conversation],_:usize,_:Grain)->Sentence{Sentence{now:"Alice has written a mail to bob@b.example.".into(),next:Some("Press \u{2192} to send it.".into()),step:Some(0)}}
