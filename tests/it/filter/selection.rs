//! Filters select the frames that tshark selects.

use std::sync::Mutex;

use mailpath::filter::facts::each;
use mailpath::filter::{FIELDS, Filter, Kind, Spec, Val};

use super::{Exported, exported, selected};
use crate::runs;

/// Every part of the language, on fields of every layer.
const EXPRESSIONS: &[&str] = &[
    // Presence.
    "tcp",
    "smtp",
    "not tcp",
    "!smtp && !imap && !http",
    "dns or arp",
    "imf",
    "tcp.options.mss",
    "media",
    "mime_multipart",
    "data-text-lines",
    // Numbers.
    "tcp.port == 25",
    "tcp.port != 25",
    "tcp.dstport eq 0x19",
    "tcp.srcport == 031",
    "tcp.port === 25",
    "tcp.port !== 25",
    "tcp.port ~= 25",
    "all tcp.port > 24",
    "any ip.addr != 192.0.2.25",
    "tcp.len > 0 and tcp.len <= 60",
    "frame.len ge 100",
    "ip.ttl lt 65",
    "tcp.port == '\\x19'",
    "tcp.window_size_scalefactor < 0",
    // Flags and bits.
    "tcp.flags.syn == 1 && tcp.flags.ack == 0",
    "tcp.flags.fin == True",
    "tcp.flags & 0x12 == 0x12",
    "tcp.flags bitwise_and 4",
    "tcp.flags == 0x018",
    "tcp.flags.str contains \"S\"",
    // Addresses.
    "ip.src == 192.0.2.25",
    "ip.addr == 192.0.2.0/25",
    "ip.dst in {198.51.100.0/24, 192.0.2.10}",
    "ip.src < ip.dst",
    "ip.src in {192.0.2.1 .. 192.0.2.30}",
    "eth.dst == ff:ff:ff:ff:ff:ff",
    "eth.src[4:1] == 01",
    "string(ip.src) matches \"25$\"",
    "ip.src_host == \"mail.a.example\"",
    "ip.host contains \"pc\" and ip.dst_host != \"mail.b.example\"",
    // Sets, slices, functions, arithmetic.
    "tcp.port in {25, 80, 140..150}",
    "tcp.port not in {25, 143}",
    "smtp.req.command in {\"MAIL\", \"RCPT\"}",
    "tcp.payload[0:4] == \"MAIL\"",
    "frame[54-57] == 4d:41:49:4c",
    "frame[-2:] == 0d:0a",
    "frame[57:1] != 20",
    "tcp[0:2,13] contains 18",
    "len(smtp.req.command) == 4",
    "count(ip.addr) == 2",
    "upper(imf.subject) == \"HELLO\"",
    "tcp.len + 54 == frame.len",
    "tcp.len % 2 == 1",
    "frame.len >= {tcp.len + 54}",
    "max(tcp.srcport, tcp.dstport) > 49152",
    "frame.number in {1..5, 9}",
    // Text.
    "smtp.req.command == \"DATA\"",
    "smtp.req.parameter contains \"FROM\"",
    "smtp contains \"MAIL\"",
    "tcp contains 0d:0a",
    "smtp.rsp.parameter matches \"^ok\"",
    "smtp matches r\"^\\d\\d\\d \"",
    "ip matches \"(?-i)QUIT\"",
    "dns.qry.name contains \"b.example\"",
    "frame.protocols contains \"imf\"",
    "http.host == www.a.example",
    "imap.request.command == \"FETCH\"",
    "dns.qry.type == 15",
    "dns.flags.response == 1 and dns.count.answers > 0",
    "dns.mx.preference <= 10",
    "arp.opcode == 1",
    "frame.comment contains \"step\"",
    // What needs the frames before, or behind.
    "tcp.stream == 0",
    "tcp.stream in {1, 2}",
    "tcp.seq == 1 && tcp.ack == 1",
    "tcp.nxtseq > 100",
    "tcp.completeness == 31",
    "tcp.time_relative > 0.3",
    "tcp.time_delta == 0.05",
    "frame.time_relative >= 1.1",
    "frame.time_delta > 0.01",
    "frame.time_epoch > 1740992400.5",
    "frame.time >= \"2025-03-03 09:00:00.5Z\"",
    "tcp.analysis.retransmission",
    "tcp.analysis.spurious_retransmission",
    "tcp.analysis.fast_retransmission or tcp.analysis.out_of_order",
    "tcp.analysis.duplicate_ack",
    "tcp.analysis.duplicate_ack_num == 1",
    "tcp.analysis.flags && !tcp.analysis.window_update",
    "tcp.analysis.bytes_in_flight > 1000",
    "tcp.analysis.ack_rtt > 0.05",
    "tcp.analysis.initial_rtt == 0.1",
    "tcp.analysis.acks_frame == frame.number - 1",
    "tcp.analysis.rto > 0.5",
    "tcp.segment_data",
    "tcp.reassembled_in",
    "tcp.reassembled.length > 2000",
    "tcp.connection.fin_active",
    "imf.subject",
    "imf.subject contains \"image\"",
    "imf.from contains \"alice\" and imf.to contains \"bob\"",
    "smtp.data.fragment",
    "smtp.data.reassembled.in",
    "smtp.eom",
    "http.request_in",
    "http.response_in",
    "http.time > 0.04",
    "http.request_number == 2 || http.next_request_in",
    "http.response_for.uri contains \"image\"",
    "imap.response_to == frame.number - 1",
    "imap.time < 0.02",
    "pop",
    "pop.request.command == \"RETR\"",
    "pop.request.parameter == \"1\"",
    "pop.response.indicator == \"+OK\" && !pop.response.data",
    "pop.response.description contains \"octets\"",
    "dns.time > 0.01",
    "dns.response_in",
    "tcp && dns.length > 500",
    "dns.flags.truncated == 1",
    "dns.txt contains \"v=spf1\"",
    "dns.txt.length == 255",
    "udp.stream > 0",
];

/// Runs of which no two show the same: losses, MIME, DNS, ARP, IMAP, HTTP, small segments, bounces, login, TLS, twins.
const RUNS: [&str; 19] = [
    "six-steps",
    "push-and-pull",
    "push-and-pull:3",
    "lone-dot:A",
    "lone-dot:C",
    "envelope:3",
    "server-down:C",
    "packet-loss:1",
    "packet-loss:3",
    "packet-loss:5",
    "imap-folders",
    "any-sender:honest-tcp",
    "mail-access:5",
    "arp",
    "seven-bits:2",
    "submission:4",
    "starttls:6",
    "two-devices",
    "disturbed:duplicate",
];

/// Does many things on two threads: most of the time is spent waiting for tshark.
fn each_of<T: Sync>(all: &[T], work: impl Fn(&T) + Sync) {
    let next = Mutex::new(all.iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(one) = next.lock().unwrap().next() else { return };
                    work(one);
                }
            });
        }
    });
}

/// What differs between ours and theirs.
pub(super) fn difference(run: &Exported, expression: &str) -> Option<String> {
    let ours = Filter::new(expression).map(|filter| filter.select(&run.capture));
    let theirs = selected(&run.file, expression);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let ours: Vec<u32> = ours.into_iter().map(|n| n + 1).collect();
            (ours != theirs).then(|| format!("{}: {expression}: {ours:?}, tshark {theirs:?}", run.name))
        }
        (Err(wrong), Err(theirs)) => Some(format!("{expression}: both refuse it: {wrong}; {theirs}")),
        (Ok(ours), Err(wrong)) => Some(format!("{expression}: {} frames, tshark: {wrong}", ours.len())),
        (Err(wrong), Ok(theirs)) => Some(format!("{expression}: {wrong}, tshark {theirs:?}")),
    }
}

fn compare(runs: &[Exported], pairs: &[(usize, String)]) {
    let wrong = Mutex::new(Vec::new());
    each_of(pairs, |(run, expression)| {
        if let Some(text) = difference(&runs[*run], expression) {
            wrong.lock().unwrap().push(text);
        }
    });
    runs.iter().for_each(|run| std::fs::remove_file(&run.file).unwrap());
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_expression_selects_something_somewhere_and_not_everything() {
    let captures: Vec<_> = runs::all().iter().map(|name| super::captured(&runs::run(name))).collect();
    for expression in EXPRESSIONS {
        let filter = Filter::new(expression).unwrap_or_else(|wrong| panic!("{}", wrong.shown(expression)));
        let some = captures.iter().filter(|capture| !filter.select(capture).is_empty()).count();
        let all = captures.iter().all(|capture| filter.select(capture).len() == capture.frames.len());
        // What does not happen in the built-in scenarios: no port is both of source and destination.
        let rare = ["fast_retransmission", "window_update", "==="].iter().any(|part| expression.contains(part));
        assert!((some > 0 || rare) && !all, "{expression}: in {some} of {} captures", captures.len());
    }
    assert!(captures.len() >= 12 && EXPRESSIONS.len() >= 60);
}

#[test]
#[ignore = "needs tshark; .ci/run installs it and runs this"]
fn filters_select_what_tshark_selects() {
    // `ONLY=two-devices,arp` for those who look at some only.
    let only = std::env::var("ONLY").unwrap_or_default();
    let wanted = |run: &&str| only.is_empty() || only.split(',').any(|name| name == *run);
    let names: Vec<String> = RUNS.iter().copied().filter(|run| wanted(run)).map(str::to_owned).collect();
    let runs = exported(&names);
    let pairs = (0..runs.len()).flat_map(|run| EXPRESSIONS.iter().map(move |e| (run, (*e).to_owned())));
    compare(&runs, &pairs.collect::<Vec<_>>());
}

#[test]
#[ignore = "needs tshark; .ci/run installs it and runs this"]
fn filters_made_by_chance_select_what_tshark_selects() {
    let runs = exported(&runs::all());
    let mut luck = Luck(0x6d61_696c_7061_7468);
    let pairs: Vec<(usize, String)> =
        (0..200).map(|n| (n % runs.len(), luck.expression(&runs[n % runs.len()]))).collect();
    compare(&runs, &pairs);
}

/// Numbers that are the same in every run of the test (xorshift).
struct Luck(u64);

impl Luck {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }

    fn one<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }

    /// One to three comparisons of fields with values that the capture has, or nearly.
    fn expression(&mut self, run: &Exported) -> String {
        let mut text = self.comparison(run);
        for _ in 0..self.below(3) {
            let joint = self.one(&[" and ", " or ", " && !", " || not "]);
            text = format!("{text}{joint}{}", self.comparison(run));
        }
        if self.below(4) == 0 { format!("!({text})") } else { text }
    }

    fn comparison(&mut self, run: &Exported) -> String {
        let fields: Vec<&'static Spec> = FIELDS.iter().filter(|spec| !spec.field.is_ours()).collect();
        let mut values: Vec<Val> = Vec::new();
        let mut spec = fields[self.below(fields.len())];
        // Mostly fields that are there.
        for _ in 0..8 {
            each(&run.capture, &[spec.field], |_, facts| values.extend(facts.all(spec.field).map(|(_, v)| v.clone())));
            if !values.is_empty() {
                break;
            }
            spec = fields[self.below(fields.len())];
        }
        let (name, kind) = (spec.name, spec.kind);
        if values.is_empty() || kind == Kind::Label || self.below(6) == 0 {
            return name.to_owned();
        }
        let value = values[self.below(values.len())].clone();
        let order = ["==", "!=", "<", "<=", ">", ">=", "===", "!=="];
        match (kind, value) {
            (Kind::Boolean, Val::Truth(truth)) => format!("{name} {} {}", self.one(&["==", "!="]), u8::from(truth)),
            (Kind::Time, _) => name.to_owned(),
            (_, Val::Number(n)) => match self.below(5) {
                0 => format!("{name} in {{{}..{}, {n}}}", (n - 3).max(0), n.max(0) - 1),
                1 if n >= 0 => format!("{name} & {} != 0", self.one(&["1", "2", "0x10"])),
                2 => format!("{name} + 1 {} {}", self.one(&order), n + 1),
                _ => format!("{name} {} {n}", self.one(&order)),
            },
            (_, Val::Nanos(n)) => {
                format!("{name} {} {}.{:09}", self.one(&order), n / 1_000_000_000, n.rem_euclid(1_000_000_000))
            }
            (_, Val::Ipv4(address, _)) => {
                let address = std::net::Ipv4Addr::from_bits(address);
                let bits = self.one(&["", "", "/24", "/16"]);
                format!("{name} {} {address}{bits}", self.one(&["==", "!=", "===", "!=="]))
            }
            (Kind::Text, Val::Text(text)) => {
                let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
                let plain = |text: &str| text.bytes().all(|b| (32..127).contains(&b));
                if text.is_empty() || !plain(&text) {
                    return name.to_owned();
                }
                let from = self.below(text.len());
                match self.below(4) {
                    0 => format!("{name} contains {}", quoted(&text[from..])),
                    1 => format!("len({name}) {} {}", self.one(&order), text.len()),
                    2 => format!("{name}[{from}:1] == {}", quoted(&text[from..=from])),
                    _ => format!("{name} {} {}", self.one(&order), quoted(&text)),
                }
            }
            (_, Val::Bytes(bytes) | Val::Protocol(bytes, _)) if !bytes.is_empty() => {
                let from = self.below(bytes.len().min(12));
                let part = &bytes[from..(from + 3).min(bytes.len())];
                let hex: Vec<String> = part.iter().map(|b| format!("{b:02x}")).collect();
                match self.below(3) {
                    0 => format!("{name} contains {}", hex.join(":")),
                    1 => format!("{name}[{from}:{}] {} {}", part.len(), self.one(&["==", "!="]), hex.join(":")),
                    _ => name.to_owned(),
                }
            }
            _ => name.to_owned(),
        }
    }
}
