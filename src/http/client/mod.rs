//! stub
use crate::engine::*;
use crate::time::Instant;
use std::sync::Arc;
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub detail: Detail,
}
#[derive(Clone, Debug)]
pub struct Client;
#[derive(Clone, Debug)]
pub enum Event {
    Line(Line),
    Ended(()),
}
#[derive(Clone, Debug)]
pub enum Never {}
impl Client {
    pub fn new(_: Arc<Config>, _: String, _: Vec<String>, _: bool) -> Self {
        Client
    }
}
impl Engine for Client {
    type Event = Event;
    type Request = Never;
    type Answer = Never;
    fn handle_input(&mut self, _: Instant, _: Input<'_, Never>) {}
    fn poll_output(&mut self) -> Output<Event, Never> {
        Output::Wait(None)
    }
}
