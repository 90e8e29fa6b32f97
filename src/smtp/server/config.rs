//! Settings of a server.

use crate::engine::Detail;
use crate::smtp::{Address, LineEnds, Reply, StartTls, Syntax};
use crate::time::Duration;

/// Sizes (RFC 5321 section 4.5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a command with its CRLF; a longer one gets 500.
    pub command_line: usize,
    /// Bytes of a line of the letter with its CRLF; a longer one gets 500 at the end of data.
    pub text_line: usize,
    /// Recipients of one mail; the next one gets 452.
    pub recipients: usize,
    /// Bytes of a letter; a larger one gets 552.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { command_line: 512, text_line: 1000, recipients: 100, message: 10 * 1024 * 1024 }
    }
}

/// What VRFY is answered with (RFC 5321 sections 3.5.3 and 7.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verify {
    /// The host is asked: 250, 251, 550.
    #[default]
    Answer,
    /// 252 to everything: nobody can collect addresses.
    Vague,
}

/// Settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The server's own full name.
    pub hostname: String,
    /// What stands behind it in the 220.
    pub greeting: String,
    /// Greets with this instead of 220: 554, or 421, after which it closes (RFC 5321 section 3.1).
    pub refuse: Option<Reply>,
    /// Lines of the EHLO reply: `SIZE 10240`, `8BITMIME`, `AUTH PLAIN CRAM-MD5`. What is not here is not understood.
    pub extensions: Vec<String>,
    /// Whether STARTTLS is offered, until it is done.
    pub starttls: Option<StartTls>,
    /// This is the submission service (RFC 6409), not the one where servers hand over mail.
    pub submission: bool,
    /// Who has not logged in gets 530 to everything that is not a preparation for it (RFC 4954 section 6).
    pub login_required: bool,
    /// What VRFY is answered with.
    pub verify: Verify,
    /// EXPN is answered (RFC 5321 section 3.5.2 leaves it to each site); otherwise 502.
    pub expand: bool,
    /// It asks who is calling before it greets.
    pub looks_up_peer: bool,
    /// How exactly commands must be written.
    pub syntax: Syntax,
    /// What ends a line.
    pub line_ends: LineEnds,
    /// Sizes.
    pub limits: Limits,
    /// How long it waits for the client (RFC 5321 section 4.5.3.2.7).
    pub timeout: Duration,
    /// Who `<Postmaster>` is; without it, postmaster at `hostname`.
    pub postmaster: Option<Address>,
    /// How much it tells.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            hostname: "mail.example".to_owned(),
            greeting: "Simple Mail Transfer Service Ready".to_owned(),
            refuse: None,
            extensions: Vec::new(),
            starttls: None,
            submission: false,
            login_required: false,
            verify: Verify::default(),
            expand: false,
            looks_up_peer: false,
            syntax: Syntax::default(),
            line_ends: LineEnds::default(),
            limits: Limits::default(),
            timeout: Duration::from_secs(300),
            postmaster: None,
            detail: Detail::default(),
        }
    }
}

impl Config {
    /// Whether EHLO offers it.
    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.offered(keyword).is_some()
    }

    /// What stands behind a keyword in the EHLO reply.
    pub(super) fn offered(&self, keyword: &str) -> Option<impl Iterator<Item = &str>> {
        self.extensions.iter().find_map(|line| {
            let mut words = line.split(' ');
            words.next().filter(|first| first.eq_ignore_ascii_case(keyword))?;
            Some(words)
        })
    }

    /// Bytes of a command with its CRLF, once EHLO was said: each extension adds its parameters (RFC 5321 section
    /// 4.1.1.11; RFC 1870, 6152, 6531 section 3.4, 3461 section 5, 4954 section 5).
    pub(super) fn longest_command(&self) -> usize {
        let body = if self.offers("8BITMIME") { "8BITMIME" } else { "BINARYMIME" };
        let more = [("SIZE", 26), (body, 17), ("SMTPUTF8", 10), ("DSN", 107 + 500), ("AUTH", 500)].into_iter();
        let more: usize = more.filter(|(keyword, _)| self.offers(keyword)).map(|(_, bytes)| bytes).sum();
        self.limits.command_line + more
    }
}
