//! RFC 1939 section 3: answers. "+OK" or "-ERR" first; of some commands more lines follow +OK, up to one with a dot.

use super::engine::{Client, Current};
use super::{ClientCommand, Ending, Event};
use crate::engine::{Line, Way};
use crate::pop3::inbox::Found;
use crate::pop3::{State, apop, stuff};

impl Client {
    /// One step of reading. False: nothing can be done before the next input.
    pub(super) fn read(&mut self) -> bool {
        if self.current.as_ref().is_some_and(|c| c.first.is_some()) {
            return self.read_data();
        }
        match self.inbox.line(self.config.line_limit) {
            Some(Found::Line(line, range)) => {
                self.answer(String::from_utf8_lossy(&line).into_owned(), range);
                true
            }
            Some(Found::TooLong(first, range)) => {
                self.tell(format!("{} ...", String::from_utf8_lossy(&first)), range);
                let limit = self.config.line_limit;
                self.unexpected("an answer within the limit", format!("a line of more than {limit} octets"));
                self.give_up(Ending::Unreadable);
                true
            }
            None => false,
        }
    }

    fn tell(&mut self, text: String, range: std::ops::Range<u64>) {
        if self.tells_all() {
            let line = Line { way: Way::Received, range, text, verb: None, code: None };
            self.events.push_back(Event::Line(line));
        }
    }

    fn answer(&mut self, line: String, range: std::ops::Range<u64>) {
        let (indicator, words) = line.split_once(' ').unwrap_or((&line, ""));
        let ok = match indicator {
            "+OK" => true,
            "-ERR" => false,
            _ => {
                let got: String = line.chars().take(40).collect();
                self.tell(line, range);
                self.unexpected("+OK or -ERR", got);
                return self.give_up(Ending::Unreadable);
            }
        };
        let words = words.to_string();
        if self.state() == State::Greeting {
            self.tell(line, range);
            self.timestamp = apop::timestamp(&words).map(str::to_string);
            match ok {
                true => self.set_state(State::Authorization),
                // "-ERR" instead of a greeting: there is nobody to say QUIT to.
                false => self.give_up(Ending::PeerClosed),
            }
            return;
        }
        let Some(mut current) = self.current.take() else {
            self.tell(line, range);
            return self.unexpected("nothing, no command waits for an answer", words);
        };
        if ok && current.command.has_lines() {
            if current.command.has_letter() {
                // Its first line is told at once; the letter is no line.
                self.tell(line, range);
                current.first = Some((words, 0));
            } else {
                current.first = Some((line, range.start));
            }
            self.current = Some(current);
            return;
        }
        self.tell(line, range);
        self.completed(current, ok, words);
    }

    /// The lines behind the first one, all of them.
    fn read_data(&mut self) -> bool {
        let Some((data, range)) = self.inbox.data() else { return false };
        let Some(Current { command, verb, first: Some((words, start)) }) = self.current.take() else { return false };
        if command.has_letter() {
            if let ClientCommand::Retr { number, .. } = command {
                let (bytes, map) = stuff::unstuff(&data, range.start);
                let unique = self.uniques.get(&number).cloned();
                self.events.push_back(Event::Letter { number, unique, range, map, bytes: bytes.into() });
            }
            self.completed(Current { command, verb, first: None }, true, words);
            return true;
        }
        let text = format!("{words}\n{}", String::from_utf8_lossy(&data).trim_end().replace("\r\n", "\n"));
        self.tell(text, start..range.end);
        let (list, _) = stuff::unstuff(&data, range.start);
        let list = String::from_utf8_lossy(&list).into_owned();
        self.listed(&command, &list);
        let words = words.split_once(' ').map_or(String::new(), |(_, rest)| rest.to_string());
        self.completed(Current { command, verb, first: None }, true, words);
        true
    }

    /// What is to be fetched is known now.
    fn listed(&mut self, command: &ClientCommand, list: &str) {
        let entries = list.lines().filter_map(|line| {
            let (number, rest) = line.split_once(' ').unwrap_or((line, ""));
            Some((number.parse::<u32>().ok()?, rest.trim().to_string()))
        });
        let entries: Vec<(u32, String)> = entries.collect();
        match command {
            ClientCommand::FetchAndDelete => {
                self.first(entries.iter().map(|(number, _)| ClientCommand::Retr { number: *number, delete: true }));
            }
            ClientCommand::FetchNew { known } => {
                let new = entries.iter().filter(|(_, unique)| !known.contains(unique));
                let numbers: Vec<u32> = new.map(|(number, _)| *number).collect();
                self.uniques = entries.into_iter().collect();
                self.first(numbers.into_iter().map(|number| ClientCommand::Retr { number, delete: false }));
            }
            ClientCommand::Capa => self.capabilities(list),
            ClientCommand::Uidl(None) => self.uniques = entries.into_iter().collect(),
            _ => {}
        }
    }

    /// The answer to a command is here, as a whole.
    fn completed(&mut self, current: Current, ok: bool, text: String) {
        let Current { command, verb, .. } = current;
        self.events.push_back(Event::Completed { verb, ok, text });
        self.answered_about_tls(&command, ok);
        match (command, ok) {
            (ClientCommand::Login { user, password }, true) if verb == "USER" => {
                self.say("PASS", format!("PASS {password}"));
                let command = ClientCommand::Login { user, password };
                self.current = Some(Current { command, verb: "PASS", first: None });
            }
            (ClientCommand::Login { .. }, true) => self.set_state(State::Transaction),
            (ClientCommand::Login { .. }, false) => self.skip_all(),
            (ClientCommand::Retr { number, delete: true }, true) => {
                self.first([ClientCommand::Dele(number)].into_iter());
            }
            (ClientCommand::Quit, _) => self.close(),
            _ => {}
        }
    }
}
