//! IMAP commands as people write them (RFC 3501 section 6), one text each.

use super::Check;
use crate::action::CopyChange;
use crate::imap::client::ClientCommand as Command;
use crate::scenario::problem::{nearest, quoted};
use crate::scenario::read::{Field, List};
use crate::scenario::source::At;
use crate::time::Duration;

/// Every command that can be written, and how.
const COMMANDS: [(&str, &str); 30] = [
    ("CAPABILITY", "CAPABILITY"),
    ("NOOP", "NOOP"),
    ("LOGOUT", "LOGOUT"),
    ("LOGIN", "LOGIN, or LOGIN bob secret"),
    ("AUTHENTICATE", "AUTHENTICATE PLAIN, or AUTHENTICATE PLAIN AT ONCE"),
    ("SELECT", "SELECT INBOX"),
    ("EXAMINE", "EXAMINE INBOX"),
    ("CREATE", "CREATE Work"),
    ("DELETE", "DELETE Work"),
    ("RENAME", "RENAME Work Old"),
    ("SUBSCRIBE", "SUBSCRIBE Work"),
    ("UNSUBSCRIBE", "UNSUBSCRIBE Work"),
    ("LIST", "LIST \"\" *"),
    ("LSUB", "LSUB \"\" *"),
    ("STATUS", "STATUS INBOX"),
    ("APPEND", "APPEND Work (\\Seen) {the letter, with line ends}"),
    ("CHECK", "CHECK"),
    ("CLOSE", "CLOSE"),
    ("UNSELECT", "UNSELECT"),
    ("EXPUNGE", "EXPUNGE, or UID EXPUNGE 104"),
    ("IDLE", "IDLE, or IDLE 5 min"),
    ("NAMESPACE", "NAMESPACE"),
    ("ENABLE", "ENABLE CONDSTORE"),
    ("ID", "ID"),
    ("SEARCH", "SEARCH UNSEEN"),
    ("FETCH", "FETCH 1 BODY[]"),
    ("STORE", "STORE 2,3 +FLAGS (\\Deleted)"),
    ("COPY", "COPY 7 Work"),
    ("MOVE", "MOVE 7 Work"),
    ("UID", "UID FETCH 104 BODY[]"),
];

/// Reads the commands of a session; LOGIN without arguments takes the account's.
pub(super) fn commands(check: &mut Check, list: &At<List<String>>, user: &str, password: &str) -> Vec<Command> {
    if list.items.is_empty() && !list.broken {
        let problem = check
            .problem("empty_list", list.span, "`commands` says nothing")
            .label("empty")
            .help("write \"commands\": [\"LOGIN\", \"SELECT INBOX\", \"FETCH 1 BODY[]\", \"LOGOUT\"]");
        check.tell(problem);
    }
    let mut ready = Vec::with_capacity(list.items.len());
    let mut ended = false;
    for line in &list.items {
        if ended {
            let problem = check
                .problem("after_logout", line.span, format!("`{}` comes after LOGOUT", line.escape_debug()))
                .label("nobody listens any more")
                .help("LOGOUT is the last command of a session");
            check.tell(problem);
            break;
        }
        match parse(line, user, password) {
            Ok(command) => {
                ended = command == Command::Logout;
                ready.push(command);
            }
            Err((why, help)) => {
                let problem = check
                    .problem("bad_command", line.span, format!("`{}` {why}", line.escape_debug()))
                    .label("IMAP command")
                    .help(help);
                check.tell(problem);
            }
        }
    }
    ready
}

/// The folder of a copy.
pub(super) fn folder(field: &Field<String>) -> String {
    let name = field.get().map_or("INBOX", |name| name.value.as_str());
    if name.eq_ignore_ascii_case("INBOX") { "INBOX".to_owned() } else { name.to_owned() }
}

/// Reads what is done to a copy.
pub(super) fn changes(check: &mut Check, list: &At<List<String>>) -> Vec<(u32, CopyChange)> {
    let mut ready = Vec::with_capacity(list.items.len());
    for line in &list.items {
        match change(line) {
            Some(change) => ready.push(change),
            None => {
                let help = "there is \"STORE 104 +FLAGS (\\\\Flagged)\", \"MOVE 107 Work\" and \"DELETE 105\", with one UID each";
                let problem = check
                    .problem("bad_change", line.span, format!("`{}` is no change of a copy", line.escape_debug()))
                    .label("one letter, one change")
                    .help(help);
                check.tell(problem);
            }
        }
    }
    ready
}

fn change(line: &str) -> Option<(u32, CopyChange)> {
    let mut rest = Rest(line);
    let verb = rest.word().to_ascii_uppercase();
    let uid = rest.word().parse::<u32>().ok().filter(|uid| *uid > 0)?;
    let change = match verb.as_str() {
        "STORE" => {
            let add = match rest.word().to_ascii_uppercase().as_str() {
                "+FLAGS" => true,
                "-FLAGS" => false,
                _ => return None,
            };
            CopyChange::Flag { add, flags: rest.flags().filter(|flags| !flags.is_empty())? }
        }
        "MOVE" => CopyChange::Move(rest.string()?),
        "DELETE" => CopyChange::Delete,
        _ => return None,
    };
    rest.all().is_empty().then_some((uid, change))
}

fn parse(line: &str, user: &str, password: &str) -> Result<Command, (String, String)> {
    let mut rest = Rest(line);
    let mut verb = rest.word().to_ascii_uppercase();
    let uid = verb == "UID";
    if uid {
        verb = rest.word().to_ascii_uppercase();
    }
    let usage = COMMANDS.iter().find(|c| c.0 == verb && verb != "UID").map(|c| c.1);
    let numbered = ["FETCH", "STORE", "COPY", "MOVE", "SEARCH", "EXPUNGE"];
    let Some(usage) = usage else {
        let known: Vec<&str> = COMMANDS.iter().map(|c| c.0).collect();
        let known: &[&str] = if uid { &numbered } else { &known };
        let help = match nearest(&verb, known) {
            Some(near) => format!("did you mean {}{near}?", if uid { "UID " } else { "" }),
            None => format!("there is: {}", quoted(known)),
        };
        return Err(("is no command of IMAP that can be written here".into(), help));
    };
    if uid && !numbered.contains(&verb.as_str()) {
        return Err((format!("puts UID in front of {verb}"), format!("UID goes with {}", quoted(&numbered))));
    }
    let short = || ("is not complete".to_owned(), format!("write it like {usage}"));
    let command = match verb.as_str() {
        "CAPABILITY" => Command::Capability,
        "NOOP" => Command::Noop,
        "LOGOUT" => Command::Logout,
        "CHECK" => Command::Check,
        "CLOSE" => Command::Close,
        "UNSELECT" => Command::Unselect,
        "EXPUNGE" if uid => Command::UidExpunge(set(&mut rest)?),
        "EXPUNGE" => Command::Expunge,
        "NAMESPACE" => Command::Namespace,
        "ID" => Command::Id,
        "ENABLE" => {
            let names = rest.all();
            if names.is_empty() || names.chars().any(char::is_control) {
                return Err(short());
            }
            Command::Enable(names)
        }
        "IDLE" => {
            let longest = rest.all();
            if longest.is_empty() {
                Command::Idle { longest: Command::LONGEST_IDLE, until_news: true }
            } else {
                let longest = crate::scenario::units::duration(&longest).map_err(|_| short())?;
                if longest == Duration::ZERO || longest > Command::LONGEST_IDLE {
                    return Err(("idles for no time or too long".into(), "at most IDLE 29 min (RFC 2177)".into()));
                }
                Command::Idle { longest, until_news: false }
            }
        }
        "AUTHENTICATE" => {
            let (user, password) = (user.to_owned(), password.to_owned());
            match rest.all().to_ascii_uppercase().as_str() {
                "PLAIN" => Command::Authenticate { user, password, at_once: false },
                "PLAIN AT ONCE" => Command::Authenticate { user, password, at_once: true },
                _ => return Err(short()),
            }
        }
        "LOGIN" => match (rest.string(), rest.string()) {
            (None, None) => Command::Login { user: user.to_owned(), password: password.to_owned() },
            (Some(user), Some(password)) => Command::Login { user, password },
            _ => return Err(short()),
        },
        "SELECT" => Command::Select(rest.string().ok_or_else(short)?),
        "EXAMINE" => Command::Examine(rest.string().ok_or_else(short)?),
        "CREATE" => Command::Create(rest.string().ok_or_else(short)?),
        "DELETE" => Command::Delete(rest.string().ok_or_else(short)?),
        "STATUS" => Command::Status(rest.string().ok_or_else(short)?),
        "RENAME" => Command::Rename(rest.string().ok_or_else(short)?, rest.string().ok_or_else(short)?),
        "SUBSCRIBE" => Command::Subscribe(rest.string().ok_or_else(short)?),
        "UNSUBSCRIBE" => Command::Unsubscribe(rest.string().ok_or_else(short)?),
        "LSUB" => Command::Lsub(rest.string().ok_or_else(short)?, rest.string().ok_or_else(short)?),
        "LIST" => Command::List(rest.string().ok_or_else(short)?, rest.string().ok_or_else(short)?),
        "APPEND" => {
            let mailbox = rest.string().ok_or_else(short)?;
            let flags = if rest.0.trim_start().starts_with('(') { rest.flags().ok_or_else(short)? } else { Vec::new() };
            let letter = rest.all();
            if letter.is_empty() {
                return Err(short());
            }
            Command::Append { mailbox, flags, message: letter.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes() }
        }
        "SEARCH" => {
            let key = rest.all();
            if key.is_empty() || key.chars().any(char::is_control) {
                return Err(short());
            }
            Command::Search { key, uid }
        }
        "FETCH" => {
            let (set, items) = (set(&mut rest)?, rest.all());
            let balanced = |a, b| items.matches(a).count() == items.matches(b).count();
            if items.is_empty() || items.chars().any(char::is_control) || !balanced('(', ')') || !balanced('[', ']') {
                return Err(short());
            }
            Command::Fetch { set, items, uid }
        }
        "STORE" => {
            let set = set(&mut rest)?;
            let action = rest.word().to_ascii_uppercase();
            let name = action.strip_suffix(".SILENT").unwrap_or(&action);
            if !["FLAGS", "+FLAGS", "-FLAGS"].contains(&name) {
                return Err((
                    format!("has `{action}` where +FLAGS, -FLAGS or FLAGS belongs"),
                    format!("write it like {usage}"),
                ));
            }
            Command::Store { set, action, flags: rest.flags().ok_or_else(short)?, uid }
        }
        "MOVE" => Command::Move { set: set(&mut rest)?, mailbox: rest.string().ok_or_else(short)?, uid },
        _ => Command::Copy { set: set(&mut rest)?, mailbox: rest.string().ok_or_else(short)?, uid },
    };
    let left = rest.all();
    if left.is_empty() {
        return Ok(command);
    }
    Err((format!("has `{}` behind its end", left.escape_debug()), format!("write it like {usage}")))
}

/// A sequence set: `1:3,5`, `*`.
fn set(rest: &mut Rest<'_>) -> Result<String, (String, String)> {
    let set = rest.word();
    let number = |n: &str| n == "*" || n.parse::<u32>().is_ok_and(|n| n > 0) && n.bytes().all(|b| b.is_ascii_digit());
    let range = |r: &str| match r.split_once(':') {
        Some((a, b)) => number(a) && number(b),
        None => number(r),
    };
    if set.split(',').all(range) {
        return Ok(set.to_owned());
    }
    Err((format!("has `{}` where numbers of messages belong", set.escape_debug()), "write them like 1:3,5 or *".into()))
}

/// What is left of a command.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    /// Up to the next blank.
    fn word(&mut self) -> &'t str {
        let text = self.0.trim_start_matches(' ');
        let (word, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
        self.0 = rest;
        word
    }

    /// A word or a text in quotes.
    fn string(&mut self) -> Option<String> {
        let text = self.0.trim_start_matches(' ');
        let Some(quoted) = text.strip_prefix('"') else {
            let word = self.word();
            return (!word.is_empty() && !word.chars().any(char::is_control)).then(|| word.to_owned());
        };
        let end = quoted.find('"')?;
        self.0 = &quoted[end + 1..];
        let inner = &quoted[..end];
        (!inner.chars().any(char::is_control)).then(|| inner.to_owned())
    }

    /// `(\Seen \Deleted)`, or one flag without brackets.
    fn flags(&mut self) -> Option<Vec<String>> {
        let text = self.0.trim_start_matches(' ');
        let inner = match text.strip_prefix('(') {
            Some(list) => {
                let end = list.find(')')?;
                self.0 = &list[end + 1..];
                &list[..end]
            }
            None => self.word(),
        };
        let flags: Vec<String> = inner.split_ascii_whitespace().map(str::to_owned).collect();
        let plain = |f: &String| {
            let name = f.strip_prefix('\\').unwrap_or(f);
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"$_-".contains(&b))
        };
        flags.iter().all(plain).then_some(flags)
    }

    /// Everything that is left.
    fn all(&mut self) -> String {
        let text = std::mem::take(&mut self.0);
        text.trim_matches(' ').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(line: &str) -> Command {
        parse(line, "bob", "secret").unwrap_or_else(|e| panic!("{line}: {e:?}"))
    }

    #[test]
    fn commands_are_written_as_on_the_wire_without_the_tag() {
        assert_eq!(ok("LOGIN"), Command::Login { user: "bob".into(), password: "secret".into() });
        assert_eq!(ok("login eve \"two words\""), Command::Login { user: "eve".into(), password: "two words".into() });
        assert_eq!(ok("SELECT INBOX"), Command::Select("INBOX".into()));
        assert_eq!(ok("LIST \"\" *"), Command::List(String::new(), "*".into()));
        assert_eq!(
            ok("UID FETCH 104 (FLAGS BODY[])"),
            Command::Fetch { set: "104".into(), items: "(FLAGS BODY[])".into(), uid: true }
        );
        assert_eq!(
            ok("STORE 2,3,6 +FLAGS (\\Deleted)"),
            Command::Store {
                set: "2,3,6".into(),
                action: "+FLAGS".into(),
                flags: vec!["\\Deleted".into()],
                uid: false
            }
        );
        assert_eq!(ok("UID COPY 107 Work"), Command::Copy { set: "107".into(), mailbox: "Work".into(), uid: true });
        let letter = Command::Append {
            mailbox: "Work".into(),
            flags: vec!["\\Seen".into()],
            message: b"Subject: x\r\n\r\nhello".to_vec(),
        };
        assert_eq!(ok("APPEND Work (\\Seen) Subject: x\n\nhello"), letter);
    }

    #[test]
    fn changes_of_a_copy_name_one_letter_by_its_uid() {
        let flagged = CopyChange::Flag { add: true, flags: vec!["\\Flagged".into()] };
        assert_eq!(change("STORE 104 +FLAGS (\\Flagged)"), Some((104, flagged)));
        assert_eq!(change("move 107 Work"), Some((107, CopyChange::Move("Work".into()))));
        assert_eq!(change("DELETE 105"), Some((105, CopyChange::Delete)));
        for wrong in [
            "DELETE",
            "DELETE 0",
            "DELETE 1:3",
            "STORE 1 FLAGS (x)",
            "STORE 1 +FLAGS ()",
            "MOVE 1",
            "READ 1",
            "DELETE 1 x",
        ] {
            assert_eq!(change(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for line in [
            "",
            "FETHC 1 BODY[]",
            "FETCH",
            "FETCH 0 BODY[]",
            "FETCH a BODY[]",
            "FETCH 1 BODY[",
            "STORE 1 FLAG (x)",
            "STORE 1 FLAGS (\\Deleted",
            "SELECT",
            "NOOP now",
            "LOGIN bob",
            "UID",
            "UID NOOP",
            "UID UID FETCH 1 X",
            "SELECT \"INBOX",
            "COPY 1",
            "SEARCH",
            "SELECT a\u{1}b",
            "APPEND Work",
            "FETCH 1: BODY[]",
            "FETCH +1 BODY[]",
        ] {
            assert!(parse(line, "bob", "secret").is_err(), "{line}");
        }
    }

    #[test]
    fn every_listed_command_can_be_written_as_it_is_shown() {
        for (verb, usage) in COMMANDS {
            for form in usage.split(", or ") {
                assert!(parse(form, "bob", "secret").is_ok(), "{verb}: {form}");
            }
        }
    }
}
