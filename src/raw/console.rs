//! A person who types at an SMTP server, as with `telnet mail.b 25`.
//!
//! ```text
//!   greeting -> line 1 -> reply -> line 2 -> reply ... "DATA" -> 354 -> lines of the letter -> "." -> reply ...
//! ```
//! She waits for the answer to each line before she types the next one (RFC 5321 section 4.2: one reply for each
//! command), and reads a reply of several lines to its end, which is the line without a hyphen behind the code
//! (section 4.2.1). After 354 she types the letter without waiting, up to the line with a dot alone. When the last line
//! has its answer she closes the window, or stays and thinks what to type next. The console tells nothing: what was
//! typed is told by who reads it.

use std::collections::VecDeque;

use super::Never;
use crate::engine::{Engine, Input, Output};
use crate::time::Instant;

/// Longest line that is looked at; of a longer one only the beginning counts.
const LONGEST: usize = 4096;

/// Somebody who types, as an engine: lines go out one by one.
#[derive(Clone, Debug)]
pub struct Console {
    lines: VecDeque<String>,
    /// An answer is waited for: the greeting first.
    waits: bool,
    /// The server has asked for the letter.
    letter: bool,
    /// The line of the server that is not whole yet.
    line: Vec<u8>,
    /// Typed, and not yet handed to TCP.
    typed: VecDeque<Vec<u8>>,
    room: usize,
    /// Nothing more is known of what will be typed, and yet the window stays open.
    stays: bool,
    peer_closed: bool,
    closed: bool,
    over: bool,
}

impl Console {
    /// Somebody who will type these lines, without their line ends, and then close the window, or stay before it until
    /// the server ends.
    pub fn new(lines: Vec<String>, stays: bool) -> Self {
        Console {
            lines: lines.into(),
            waits: true,
            letter: false,
            line: Vec::new(),
            typed: VecDeque::new(),
            room: 0,
            stays,
            peer_closed: false,
            closed: false,
            over: false,
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte != b'\n' {
                if self.line.len() < LONGEST {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let code = line.get(..3).filter(|code| code.iter().all(u8::is_ascii_digit));
            if let Some(code) = code
                && line.get(3) != Some(&b'-')
            {
                self.waits = false;
                self.letter = code == b"354";
                self.go_on();
            }
        }
    }

    /// Types until there is something to wait for.
    fn go_on(&mut self) {
        while !self.waits {
            let Some(line) = self.lines.pop_front() else { return };
            let ends_letter = line == ".";
            self.typed.push_back((line + "\r\n").into_bytes());
            self.waits = !self.letter || ends_letter;
        }
    }
}

impl Engine for Console {
    type Event = Never;
    type Request = Never;
    type Answer = Never;

    fn handle_input(&mut self, _: Instant, input: Input<'_, Never>) {
        match input {
            Input::Bytes(bytes) if !self.over => self.read(bytes),
            Input::Writable(room) => self.room = self.room.saturating_add(room),
            // The server has ended it: nothing that is typed now would be read.
            Input::PeerClosed => {
                self.peer_closed = true;
                self.lines.clear();
                self.typed.clear();
                self.waits = false;
            }
            Input::Reset => self.over = true,
            Input::Answer(_, never) => match never {},
            _ => {}
        }
    }

    fn poll_output(&mut self) -> Output<Never, Never> {
        if self.over || self.closed {
            return Output::Wait(None);
        }
        if let Some(line) = self.typed.front_mut() {
            let length = self.room.min(line.len());
            if length == 0 {
                return Output::Wait(None);
            }
            let rest = line.split_off(length);
            let bytes = std::mem::replace(line, rest);
            if line.is_empty() {
                self.typed.pop_front();
            }
            self.room -= length;
            return Output::Transmit(bytes);
        }
        if !self.waits && self.lines.is_empty() && (self.peer_closed || !self.stays) {
            self.closed = true;
            return Output::Close;
        }
        Output::Wait(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is typed when the server says this; `<close>` for the end.
    fn answer(console: &mut Console, bytes: &str) -> String {
        console.handle_input(Instant::ZERO, Input::Writable(1000));
        console.handle_input(Instant::ZERO, Input::Bytes(bytes.as_bytes()));
        let mut typed = String::new();
        loop {
            match console.poll_output() {
                Output::Transmit(bytes) => typed += std::str::from_utf8(&bytes).unwrap(),
                Output::Close => typed += "<close>",
                _ => return typed,
            }
        }
    }

    #[test]
    fn each_line_is_typed_when_the_answer_to_the_last_has_come() {
        let lines = ["EHLO x", "DATA", "Subject: hi", "", ".", "QUIT"];
        let mut console = Console::new(lines.map(str::to_owned).to_vec(), false);
        assert_eq!(answer(&mut console, "220 mail.b"), "");
        assert_eq!(answer(&mut console, ".example\r\n"), "EHLO x\r\n");
        assert_eq!(answer(&mut console, "250-mail.b.example\r\n250-SIZE\r\n"), "");
        assert_eq!(answer(&mut console, "250 HELP\r\n"), "DATA\r\n");
        assert_eq!(answer(&mut console, "354 go\r\n"), "Subject: hi\r\n\r\n.\r\n");
        assert_eq!(answer(&mut console, "250 OK\r\n"), "QUIT\r\n");
        assert_eq!(answer(&mut console, "221 bye\r\n"), "<close>");
    }

    #[test]
    fn who_stays_closes_when_the_server_does() {
        let mut console = Console::new(vec!["NOOP".to_owned()], true);
        assert_eq!(answer(&mut console, "220 mail.b\r\n"), "NOOP\r\n");
        assert_eq!(answer(&mut console, "250 OK\r\n"), "");
        assert_eq!(answer(&mut console, "421 too long\r\n"), "");
        console.handle_input(Instant::ZERO, Input::PeerClosed);
        assert_eq!(answer(&mut console, ""), "<close>");
        let mut silent = Console::new(Vec::new(), true);
        assert_eq!(answer(&mut silent, "220 mail.b\r\n"), "");
    }

    #[test]
    fn nothing_is_typed_to_a_server_that_has_closed() {
        let mut console = Console::new(vec!["EHLO x".to_owned()], false);
        console.handle_input(Instant::ZERO, Input::PeerClosed);
        assert_eq!(answer(&mut console, "220 late\r\n"), "<close>");
    }
}
