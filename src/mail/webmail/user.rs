//! Somebody who writes or reads mail in a browser: looks at each page that comes, fills in the form or clicks the link that
//! is on it, and nothing that is not there.

use std::collections::VecDeque;
use std::sync::Arc;

use super::html::{self, Form, Page};
use crate::action::{Look, WebDeed};
use crate::http::client::Request;
use crate::message::Draft;

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct User {
    name: String,
    password: String,
    deed: WebDeed,
    state: State,
    /// Links to letters that will be opened.
    letters: VecDeque<String>,
}

/// What the user has done already; nothing is done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    AtTheDoor,
    LoggingIn,
    /// The form of the mail is open, or the inbox.
    At,
    Done,
}

impl User {
    /// Somebody with this name and password.
    pub fn new(name: &str, password: &str, deed: WebDeed) -> Self {
        let state = State::AtTheDoor;
        User { name: name.to_owned(), password: password.to_owned(), deed, state, letters: VecDeque::new() }
    }

    /// The first page.
    pub fn begin(&self) -> Request {
        Request::get("/")
    }

    /// A page is on the screen: what is done there; nothing if there is nothing more to do, or no way to do it.
    pub fn look(&mut self, status: u16, page: &[u8]) -> Option<Request> {
        if status != 200 {
            self.state = State::Done;
            return None;
        }
        let page = html::read(page);
        if let Some(form) = page.forms.iter().find(|f| f.has("password")).filter(|_| self.state == State::AtTheDoor) {
            self.state = State::LoggingIn;
            return Some(send(form.clone(), &[("user", &self.name), ("password", &self.password)]));
        }
        if self.state < State::At {
            self.state = State::At;
            let link = match self.deed {
                WebDeed::Write(_) => "Write a mail",
                WebDeed::Look(_) => "Inbox",
            };
            return click(&page, link);
        }
        let deed = self.deed.clone();
        match deed {
            WebDeed::Write(draft) if self.state == State::At => {
                self.state = State::Done;
                let form = page.forms.iter().find(|f| f.has("text") && f.has("to"))?;
                Some(write(form.clone(), &draft))
            }
            WebDeed::Look(look) if self.state == State::At => {
                self.state = State::Done;
                let mut letters = page.links.into_iter().map(|(to, _)| to).filter(|to| to.starts_with("/read"));
                self.letters = match look {
                    Look::List => VecDeque::new(),
                    Look::Newest => letters.next_back().into_iter().collect(),
                    Look::All => letters.collect(),
                };
                self.letters.pop_front().map(Request::get)
            }
            WebDeed::Look(_) => self.letters.pop_front().map(Request::get),
            WebDeed::Write(_) => None,
        }
    }
}

fn click(page: &Page, link: &str) -> Option<Request> {
    page.links.iter().find(|(_, text)| text == link).map(|(to, _)| Request::get(to.as_str()))
}

fn send(mut form: Form, values: &[(&str, &str)]) -> Request {
    values.iter().for_each(|(name, value)| form.fill(name, value));
    Request::post(form.action.as_str(), form.encoded())
}

fn write(form: Form, draft: &Arc<Draft>) -> Request {
    let (to, cc) = (draft.to.join(", "), draft.cc.join(", "));
    send(form, &[("to", &to), ("cc", &cc), ("subject", &draft.subject), ("text", &draft.text)])
}
