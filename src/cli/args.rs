//! The command line, as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::door::Speed;
use crate::time::Duration;
use crate::trace::Level;

/// A teaching lab for e-mail: mail servers, user agents, DNS and TCP exchange real bytes in a simulated
/// network.
#[derive(Debug, Parser)]
#[command(name = "mailpath", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; without it, the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to open in the window: a scenario file, or the name of a built-in one; `NAME:RUN` names one of its runs;
    /// `L01` is a lesson.
    pub scenario: Option<String>,
    /// With what the window is drawn.
    #[arg(long, value_enum, default_value_t = Renderer::Auto)]
    pub renderer: Renderer,
}

/// With what the window is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    /// Vulkan, Metal or Direct3D 12, and OpenGL where that fails.
    Auto,
    /// Vulkan, Metal or Direct3D 12.
    Wgpu,
    /// OpenGL.
    Gl,
}

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario and tell what happens.
    Run(Run),
    /// Run a scenario and write its packets to a capture for Wireshark.
    Export(Export),
    /// Take a lesson in the terminal: predict, see, compare.
    Lesson(Lesson),
    /// List the built-in lessons.
    Lessons,
    /// Mark results files by running their lessons again.
    Grade(Grade),
    /// Check scenario files and lessons and report every mistake in them.
    Check {
        /// Scenario files, and folders of lessons or files in them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of a file format.
    Schema {
        /// Which format.
        format: SchemaOf,
    },
    /// List the built-in scenarios.
    Scenarios,
    /// List the fields of display filters.
    Fields {
        /// Only those whose name begins so, such as tcp.analysis.
        prefix: Option<String>,
    },
    /// Let real mail programs on this computer talk to the servers of a scenario.
    Serve(Serve),
    /// Send one mail out of the simulated network to a real SMTP server. Exit status: 0 accepted, 75 not now, 69 refused.
    Send(Send),
    /// Run the work of the benchmark: pairs of hosts, each sending mails of 10 kB.
    Load(Load),
}

/// A scenario and what may be changed about it.
#[derive(Debug, Args)]
pub struct Which {
    /// A file, or the name of a built-in scenario; `NAME:RUN` names one of its runs.
    pub scenario: String,
    /// Seed in place of the scenario's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// `mailpath run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Which scenario.
    #[command(flatten)]
    pub which: Which,
    /// Stop at this simulated time, such as 65ms, 3s or 2h.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub until: Option<Duration>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How much to record.
    #[arg(long, value_enum, default_value_t = Record::All)]
    pub record: Record,
    /// Only the packets and events that pass a display filter, such as 'smtp.req.command == "MAIL"'.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
}

/// What `run` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The story: steps, phases, dialogue, queue and mailbox events with their times.
    Text,
    /// One entry of the record on each line.
    Jsonl,
    /// Numbers.
    Summary,
}

/// How much of a run is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Record {
    /// Every packet at every hop.
    All,
    /// What programs did.
    Milestones,
    /// Numbers only.
    Counters,
}

impl From<Record> for Level {
    fn from(record: Record) -> Level {
        match record {
            Record::All => Level::All,
            Record::Milestones => Level::Milestones,
            Record::Counters => Level::Counters,
        }
    }
}

/// `mailpath export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Which scenario.
    #[command(flatten)]
    pub which: Which,
    /// The capture to write.
    #[arg(long, value_name = "FILE")]
    pub pcapng: PathBuf,
    /// Only what one host (`mail.a`) or one link (`mail.a--sw-a`) sees.
    #[arg(long, value_name = "HOST|LINK", conflicts_with = "every_link")]
    pub at: Option<String>,
    /// Every packet on every link, with one interface for each link.
    #[arg(long)]
    pub every_link: bool,
    /// Only the packets that pass a display filter, such as 'tcp.analysis.retransmission'.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
}

/// Formats that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// The structure of lessons, `lesson.json`.
    Lesson,
}

/// `mailpath lesson`.
#[derive(Debug, Args)]
pub struct Lesson {
    /// The name of a built-in lesson, such as L01, or the folder of another.
    pub lesson: String,
    /// Whose variant: other numbers, marked the same way. Without it the lesson is as printed.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// In which language, if the lesson has it.
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub language: String,
    /// Name or number of the learner, for the results.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub name: String,
    /// Where to write what was answered.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
}

/// `mailpath grade`.
#[derive(Debug, Args)]
pub struct Grade {
    /// Results files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A table of all of them.
    #[arg(long, value_name = "OUT")]
    pub csv: Option<PathBuf>,
    /// The folder of a lesson that is not built in; may be given several times.
    #[arg(long = "lesson", value_name = "FOLDER")]
    pub lessons: Vec<PathBuf>,
}

/// `mailpath load`.
#[derive(Debug, Args)]
pub struct Load {
    /// Hosts; every second one sends to the next.
    #[arg(long, default_value_t = 100)]
    pub hosts: u32,
    /// Mails of each pair, one a second.
    #[arg(long, default_value_t = 40)]
    pub mails: u32,
    /// Hosts behind each pair of routers.
    #[arg(long, default_value_t = 10)]
    pub group: u32,
    /// Part of the packets that the trunks lose, from 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = part)]
    pub loss: f64,
    /// Root of all luck.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How much to record.
    #[arg(long, value_enum, default_value_t = Record::Counters)]
    pub record: Record,
    /// Write the packets of the trunks to a capture.
    #[arg(long, value_name = "FILE")]
    pub pcapng: Option<PathBuf>,
    /// Do it so many times, one line for each. The first time takes its memory from the system, which on some machines
    /// costs more than the work; later ones find it there.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,
}

/// `mailpath serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// A file, or the name of a built-in scenario; `NAME:RUN` names one of its runs.
    pub scenario: String,
    /// Seed in place of the scenario's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Listen here for the SMTP service of the sender's server, or of another one: mail.b=127.0.0.1:2525. May be given
    /// several times, as all of these. Without any of them everything that the scenario has is opened on 127.0.0.1: SMTP
    /// 2525, submission 2587, IMAP 2143, POP3 2110, HTTP 2080.
    #[arg(long, value_name = "[SERVER=]ADDR")]
    pub smtp: Vec<String>,
    /// Listen here for the submission service of the sender's server.
    #[arg(long, value_name = "[SERVER=]ADDR")]
    pub submission: Vec<String>,
    /// Listen here for the IMAP service of the reader's server.
    #[arg(long, value_name = "[SERVER=]ADDR")]
    pub imap: Vec<String>,
    /// Listen here for the POP3 service of the reader's server.
    #[arg(long, value_name = "[SERVER=]ADDR")]
    pub pop3: Vec<String>,
    /// Listen here for the web server.
    #[arg(long, value_name = "[SERVER=]ADDR")]
    pub http: Vec<String>,
    /// Mail for this domain goes to a real server: real.example=127.0.0.1:2526. May be given several times.
    #[arg(long = "route", value_name = "DOMAIN=ADDR")]
    pub routes: Vec<String>,
    /// How simulated time goes: real, fast (what is on its way arrives at once), or so many simulated seconds in a real
    /// one.
    #[arg(long, value_name = "real|fast|N", default_value_t = Speed::REAL)]
    pub speed: Speed,
    /// Write down what comes in, so that the session can be run again.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write the packets to a capture, as they are sent.
    #[arg(long, value_name = "FILE")]
    pub pcapng: Option<PathBuf>,
    /// Write the certificate of the scenario's authority, in PEM, for programs that are to trust it.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Most connections at a time; default 500.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub most_connections: Option<u32>,
    /// Addresses of other computers are allowed.
    #[arg(long)]
    pub allow_remote: bool,
}

/// `mailpath send`.
#[derive(Debug, Args)]
pub struct Send {
    /// In which scenario; its first mail program sends.
    #[arg(default_value = "six-steps")]
    pub scenario: String,
    /// The real SMTP server.
    #[arg(long, value_name = "ADDR")]
    pub smtp: String,
    /// MAIL FROM.
    #[arg(long, value_name = "ADDRESS")]
    pub from: String,
    /// RCPT TO; may be given several times.
    #[arg(long, value_name = "ADDRESS", required = true)]
    pub to: Vec<String>,
    /// The letter, header and all; - reads it from standard input.
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// How simulated time goes; default fast.
    #[arg(long, value_name = "real|fast|N")]
    pub speed: Option<Speed>,
    /// Write down what comes in, so that the session can be run again.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write the packets to a capture.
    #[arg(long, value_name = "FILE")]
    pub pcapng: Option<PathBuf>,
    /// Addresses of other computers are allowed.
    #[arg(long)]
    pub allow_remote: bool,
}

fn part(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(part) if (0.0..1.0).contains(&part) => Ok(part),
        _ => Err("expected a number from 0 to 1, such as 0.05 for five in a hundred".into()),
    }
}

/// `65ms`, `65 ms`, `1.5s`, `2h`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u128 = match unit.trim() {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "" | "s" => 1_000_000_000,
        "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return Err("expected a number and one of ns, us, ms, s, min, h, d, such as 65ms or 2h".into()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let wrong = || "expected a time such as 65ms, 1.5s or 2h".to_string();
    let digits = |t: &str| if t.is_empty() { Ok(0) } else { t.parse::<u128>().map_err(|_| wrong()) };
    if number.is_empty() || part.len() > 9 || whole.len() > 9 {
        return Err(wrong());
    }
    let nanos = digits(whole)? * unit + digits(part)? * unit / 10u128.pow(part.len() as u32);
    u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_made() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("65 ms"), Ok(Duration::from_millis(65)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        assert!(duration("soon").is_err() && duration("3 parsecs").is_err() && duration("-1s").is_err());
    }

    #[test]
    fn a_scenario_alone_opens_the_window() {
        let cli = Cli::parse_from(["mailpath", "six-steps"]);
        assert_eq!((cli.scenario.as_deref(), cli.command.is_none()), (Some("six-steps"), true));
    }
}
