//! A line cut into what is drawn with weight and what is not.

use super::super::phases::Protocol;
use crate::topology::Side;

/// A line in three parts; written one behind the other they are the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What stands before the head: a tag of IMAP, the version of HTTP. Mostly empty.
    pub lead: String,
    /// The word that carries the line: the command, the three digits of a reply. Drawn semibold.
    pub head: String,
    /// The rest, its leading blank included.
    pub rest: String,
}

impl Words {
    /// The whole line.
    pub fn line(&self) -> String {
        [self.lead.as_str(), &self.head, &self.rest].concat()
    }

    /// A line as its protocol means it.
    ///
    /// | protocol | client | server |
    /// |---|---|---|
    /// | SMTP | **MAIL** FROM:<...> | **250** OK |
    /// | IMAP | A003 **FETCH** 1 BODY\[\] | A003 **OK** FETCH completed; * 1 **FETCH** (...) |
    /// | POP3 | **RETR** 1 | **+OK** 120 octets |
    /// | HTTP | **GET** / HTTP/1.1 | HTTP/1.1 **200** OK |
    pub(super) fn of(protocol: Protocol, speaker: Side, line: &str) -> Words {
        let lead = match (protocol, speaker) {
            (Protocol::Imap, Side::Client) => word_end(line, 0).map_or(0, |at| at + 1),
            (Protocol::Imap, Side::Server) => {
                let lead = word_end(line, 0).map_or(0, |at| at + 1);
                match line[lead..].starts_with(|c: char| c.is_ascii_digit()) {
                    true => word_end(line, lead).map_or(lead, |at| at + 1),
                    false => lead,
                }
            }
            (Protocol::Http, Side::Server) if line.starts_with("HTTP/") => word_end(line, 0).map_or(0, |at| at + 1),
            _ => 0,
        };
        let digits = matches!((protocol, speaker), (Protocol::Smtp, Side::Server));
        let head = match line.as_bytes() {
            [a, b, c, ..] if digits && [a, b, c].iter().all(|d| d.is_ascii_digit()) => 3,
            _ => word_end(line, lead).unwrap_or(line.len()),
        };
        Words { lead: line[..lead].to_owned(), head: line[lead..head].to_owned(), rest: line[head..].to_owned() }
    }

    /// A line without any weight: a field of a head.
    pub(super) fn plain(line: &str) -> Words {
        Words { rest: line.to_owned(), ..Words::default() }
    }
}

/// Where the word that begins at `from` has its blank.
fn word_end(line: &str, from: usize) -> Option<usize> {
    line[from..].find(' ').map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_weight_at_its_own_place() {
        let parts = |protocol, side, line| {
            let w = Words::of(protocol, side, line);
            assert_eq!(w.line(), line);
            [w.lead, w.head, w.rest]
        };
        use Protocol::{Http, Imap, Other, Smtp};
        use Side::{Client, Server};
        assert_eq!(parts(Smtp, Client, "MAIL FROM:<a@b>"), ["", "MAIL", " FROM:<a@b>"]);
        assert_eq!(parts(Smtp, Client, "QUIT"), ["", "QUIT", ""]);
        assert_eq!(parts(Smtp, Server, "250-SIZE"), ["", "250", "-SIZE"]);
        assert_eq!(parts(Smtp, Server, "250"), ["", "250", ""]);
        assert_eq!(parts(Smtp, Server, "hello you"), ["", "hello", " you"]);
        assert_eq!(parts(Imap, Client, "A003 FETCH 1 BODY[]"), ["A003 ", "FETCH", " 1 BODY[]"]);
        assert_eq!(parts(Imap, Client, ""), ["", "", ""]);
        assert_eq!(parts(Imap, Server, "A003 OK done"), ["A003 ", "OK", " done"]);
        assert_eq!(parts(Imap, Server, "* 12 EXISTS"), ["* 12 ", "EXISTS", ""]);
        assert_eq!(parts(Imap, Server, ")"), ["", ")", ""]);
        assert_eq!(parts(Imap, Server, "* 12"), ["* ", "12", ""]);
        assert_eq!(parts(Http, Client, "GET / HTTP/1.1"), ["", "GET", " / HTTP/1.1"]);
        assert_eq!(parts(Http, Server, "HTTP/1.1 200 OK"), ["HTTP/1.1 ", "200", " OK"]);
        assert_eq!(parts(Other, Server, "é ü"), ["", "é", " ü"]);
    }

    proptest::proptest! {
        #[test]
        fn the_parts_of_any_line_are_the_line(line in "([A-Z0-9*]{0,4} ?){0,3}.*") {
            for protocol in [Protocol::Smtp, Protocol::Imap, Protocol::Pop3, Protocol::Http, Protocol::Other] {
                for side in [Side::Client, Side::Server] {
                    proptest::prop_assert_eq!(&Words::of(protocol, side, &line).line(), &line);
                }
            }
        }
    }
}
