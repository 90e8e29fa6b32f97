//! POP3 sessions as people write them: everything at once, or commands (RFC 1939 sections 4 to 7), one text each.

use super::Check;
use crate::pop3::client::ClientCommand as Command;
use crate::scenario::problem::{nearest, quoted};
use crate::scenario::source::At;
use crate::scenario::typed::FetchMail;

/// Every command that can be written, and how.
const COMMANDS: [(&str, &str); 11] = [
    ("LOGIN", "LOGIN, or LOGIN bob secret"),
    ("CAPA", "CAPA"),
    ("STAT", "STAT"),
    ("LIST", "LIST, or LIST 1"),
    ("UIDL", "UIDL, or UIDL 1"),
    ("RETR", "RETR 1"),
    ("TOP", "TOP 1 5"),
    ("DELE", "DELE 1"),
    ("NOOP", "NOOP"),
    ("RSET", "RSET"),
    ("QUIT", "QUIT"),
];

/// What is said in the session; LOGIN without arguments takes the account's.
pub(super) fn commands(check: &mut Check, fetch: &At<FetchMail>, user: &str, password: &str) -> Vec<Command> {
    let login = || Command::Login { user: user.to_owned(), password: password.to_owned() };
    let Some(list) = fetch.commands.get() else {
        let all = match fetch.delete.or(true) {
            true => Command::FetchAndDelete,
            false => Command::FetchNew { known: Default::default() },
        };
        return vec![login(), Command::Stat, all, Command::Quit];
    };
    if let Some(delete) = fetch.delete.get() {
        let problem = check
            .problem("delete_and_commands", delete.span, "`delete` says nothing beside `commands`")
            .label("not looked at")
            .help("write \"DELE 1\" among the commands, or take `commands` away");
        check.tell(problem);
    }
    if list.items.is_empty() && !list.broken {
        let problem = check.problem("empty_list", list.span, "`commands` says nothing").label("empty").help(
            "write \"commands\": [\"LOGIN\", \"LIST\", \"RETR 1\", \"QUIT\"], or leave it out to fetch everything",
        );
        check.tell(problem);
    }
    let mut ready = Vec::with_capacity(list.items.len());
    for line in &list.items {
        if ready.last() == Some(&Command::Quit) {
            let problem = check
                .problem("after_quit", line.span, format!("`{}` comes after QUIT", line.escape_debug()))
                .label("nobody listens any more")
                .help("QUIT is the last command of a session");
            check.tell(problem);
            break;
        }
        match parse(line, &login) {
            Ok(command) => ready.push(command),
            Err((why, help)) => {
                let problem = check
                    .problem("bad_command", line.span, format!("`{}` {why}", line.escape_debug()))
                    .label("POP3 command")
                    .help(help);
                check.tell(problem);
            }
        }
    }
    ready
}

fn parse(line: &str, login: &impl Fn() -> Command) -> Result<Command, (String, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let verb = words.first().copied().unwrap_or_default().to_ascii_uppercase();
    let Some((_, usage)) = COMMANDS.iter().find(|c| c.0 == verb) else {
        let known: Vec<&str> = COMMANDS.iter().map(|c| c.0).collect();
        let help = match (verb.as_str(), nearest(&verb, &known)) {
            ("USER" | "PASS" | "APOP", _) => "write LOGIN: it says USER and PASS, or APOP".to_owned(),
            (_, Some(near)) => format!("did you mean {near}?"),
            (_, None) => format!("there is: {}", quoted(&known)),
        };
        return Err(("is no command of POP3 that can be written here".into(), help));
    };
    let wrong = || ("is not written as it should be".to_owned(), format!("write it like {usage}"));
    let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
    Ok(match (verb.as_str(), &words[1..]) {
        ("LOGIN", []) => login(),
        ("LOGIN", [user, password]) if line.is_ascii() => {
            Command::Login { user: (*user).to_owned(), password: (*password).to_owned() }
        }
        ("CAPA", []) => Command::Capa,
        ("STAT", []) => Command::Stat,
        ("LIST", []) => Command::List(None),
        ("LIST", [n]) => Command::List(Some(number(n)?)),
        ("UIDL", []) => Command::Uidl(None),
        ("UIDL", [n]) => Command::Uidl(Some(number(n)?)),
        ("RETR", [n]) => Command::Retr { number: number(n)?, delete: false },
        ("TOP", [n, lines]) => Command::Top { number: number(n)?, lines: number(lines)? },
        ("DELE", [n]) => Command::Dele(number(n)?),
        ("NOOP", []) => Command::Noop,
        ("RSET", []) => Command::Rset,
        ("QUIT", []) => Command::Quit,
        _ => return Err(wrong()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_or_it_is_told_how_to_write_them() {
        let login = || Command::Login { user: "bob".into(), password: "secret".into() };
        let read = |line| parse(line, &login);
        assert_eq!(read("login"), Ok(login()));
        assert_eq!(read("LIST 2"), Ok(Command::List(Some(2))));
        assert_eq!(read("top 1 5"), Ok(Command::Top { number: 1, lines: 5 }));
        assert_eq!(read("USER bob").unwrap_err().1, "write LOGIN: it says USER and PASS, or APOP");
        assert_eq!(read("RETT 1").unwrap_err().1, "did you mean RETR?");
        assert_eq!(read("RETR").unwrap_err().1, "write it like RETR 1");
        assert_eq!(read("RETR -1").unwrap_err().1, "write it like RETR 1");
        assert!(read("").is_err());
    }
}
