//! From bytes to command lines (RFC 5321 sections 2.3.8, 4.5.3.1.4).

use super::{Event, Server, State};
use crate::engine::Way;
use crate::smtp::{LineEnds, auth, command, telling};

/// A line that is longer than it may be: only its beginning is kept, for telling.
#[derive(Clone, Debug)]
pub(super) struct Overlong {
    from: u64,
    start: Vec<u8>,
}

/// Length of the first line with its end, and of the end.
fn first_line(bytes: &[u8], ends: LineEnds) -> Option<(usize, usize)> {
    let mut ends_at = memchr::memchr_iter(b'\n', bytes).map(|lf| (lf, lf > 0 && bytes[lf - 1] == b'\r'));
    let (lf, cr) = ends_at.find(|&(_, cr)| cr || ends == LineEnds::Lenient)?;
    Some((lf + 1, 1 + usize::from(cr)))
}

impl Server {
    /// Reads one command, if one is whole; says whether something was read.
    pub(super) fn read_line(&mut self) -> bool {
        let limit = match self.state {
            State::Auth => auth::LONGEST_LINE,
            // EHLO may be among the commands that came ahead: what it allows counts for those behind it only.
            _ if self.extended => self.cfg.longest_command(),
            _ => self.cfg.limits.command_line,
        };
        let rest = self.inbox.rest();
        if rest.is_empty() {
            return false;
        }
        match first_line(rest, self.cfg.line_ends) {
            Some((len, end)) if self.overlong.is_none() && len <= limit && self.state == State::Auth => {
                let range = self.inbox.read()..self.inbox.read() + len as u64;
                let words = telling::lossy(&rest[..len - end]);
                let line = self
                    .everything()
                    .then(|| self.out.words.line(Way::Received, range, &rest[..len - end], None, None));
                self.inbox.consume(len);
                self.handle_response(line, &words);
                true
            }
            Some((len, end)) if self.overlong.is_none() && len <= limit => {
                let command = match self.offers("SMTPUTF8") {
                    true => command::parse_utf8(&rest[..len - end], self.cfg.syntax),
                    false => command::parse(&rest[..len - end], self.cfg.syntax),
                };
                let range = self.inbox.read()..self.inbox.read() + len as u64;
                let line = self.everything().then(|| {
                    let verb = match &command {
                        Ok(command) => Some(command.verb()),
                        Err(error) => error.verb,
                    };
                    self.out.words.line(Way::Received, range, &rest[..len - end], verb, None)
                });
                self.inbox.consume(len);
                match command {
                    Ok(command) => self.handle_command(line, command),
                    Err(error) => self.handle_syntax_error(line, error),
                }
                true
            }
            Some((len, _)) => {
                self.begin_overlong(limit);
                self.inbox.consume(len);
                self.handle_overlong();
                true
            }
            None if self.overlong.is_some() || rest.len() > limit => {
                self.begin_overlong(limit);
                // The last byte may be the CR of a CRLF whose LF is still to come.
                let keep = usize::from(self.inbox.rest().ends_with(b"\r"));
                let n = self.inbox.len() - keep;
                self.inbox.consume(n);
                n > 0
            }
            None => false,
        }
    }

    fn begin_overlong(&mut self, limit: usize) {
        if self.overlong.is_none() {
            let rest = self.inbox.rest();
            let start = rest[..rest.len().min(limit)].to_vec();
            self.overlong = Some(Overlong { from: self.inbox.read(), start });
        }
    }

    /// The end of an overlong line was read.
    fn handle_overlong(&mut self) {
        let Some(Overlong { from, start }) = self.overlong.take() else { return };
        if self.everything() {
            let range = from..self.inbox.read();
            let line = self.out.words.line(Way::Received, range, &start, None, None);
            self.out.event(Event::Line(line));
        }
        self.unexpected(|| "a line that is too long".to_owned());
        if self.state == State::Auth {
            return self.fail_login(500, "5.5.6", "Authentication exchange line is too long");
        }
        self.say(500, "5.5.2", "Line too long");
    }
}
