//! stub
use crate::engine::*;
use crate::time::Instant;
use std::sync::Arc;
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub detail: Detail,
    pub keep_alive: bool,
    pub calendar: crate::time::Calendar,
}
#[derive(Clone, Debug)]
pub struct Server;
#[derive(Clone, Debug)]
pub enum Event {
    Line(Line),
    Ended(()),
}
#[derive(Clone, Debug)]
pub enum Request {
    Get { path: String },
}
#[derive(Clone, Debug)]
pub struct Object {
    pub content_type: String,
    pub body: Arc<[u8]>,
}
#[derive(Clone, Debug)]
pub enum Answer {
    Object(Option<Object>),
}
impl Server {
    pub fn new(_: Arc<Config>) -> Self {
        Server
    }
}
impl Engine for Server {
    type Event = Event;
    type Request = Request;
    type Answer = Answer;
    fn handle_input(&mut self, _: Instant, _: Input<'_, Answer>) {}
    fn poll_output(&mut self) -> Output<Event, Request> {
        Output::Wait(None)
    }
}
