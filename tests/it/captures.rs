//! The captures of all built-in scenarios: the same bytes on every machine, and right in the eyes of tshark.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use mailpath::door::{Gate, Limits, Live, Speed};
use mailpath::explain::margin::Margin;
use mailpath::export::pcapng::{self, View};
use mailpath::export::stream::{Stream, secrets_first};
use mailpath::scenario;

use crate::runs;

/// A capture as `mailpath export` writes it.
fn capture(name: &str, view: View) -> Vec<u8> {
    let run = runs::run(name);
    let (base, id) = name.split_once(':').map_or((name, None), |(n, r)| (n, Some(r)));
    let story = scenario::load_builtin(base).unwrap().ready(id).unwrap().story;
    let log = run.world.log();
    let mut margin = Margin::new(log, &run.world.names(), &story);
    pcapng::write(Vec::new(), run.world.setup(), log, view, |entry| margin.comment(log, entry)).unwrap()
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3))
}

/// Hashes of the captures. A change of a scenario, of a protocol or of the file format changes them; look at
/// the new capture before you write its hash down.
const HASHES: &[(&str, u64)] = &[
    ("six-steps", 0x2e006c4c8f91442e),
    ("one-conversation", 0x7bba74a84805b600),
    ("talk-smtp", 0xa2aed98e983a2319),
    ("talk-smtp:goal-1", 0xa2aed98e983a2319),
    ("talk-smtp:goal-2", 0xebe8e3446f6bf9e0),
    ("talk-smtp:goal-3", 0xad7b23e18a3ae84a),
    ("talk-smtp:3.1", 0xa2896d06b202b267),
    ("talk-smtp:3.2", 0xcf82266498d6fc24),
    ("talk-smtp:3.3", 0x90c557c296507aa2),
    ("talk-smtp:3.4", 0x4078af3f2f07de3b),
    ("talk-smtp:3.5", 0x2a36f03f2fb00721),
    ("talk-smtp:3.6", 0xd86dc978ebcb4357),
    ("talk-smtp:open-relay", 0x2874e904e9c918f7),
    ("push-and-pull", 0xb215ae56781c6765),
    ("push-and-pull:1", 0xb215ae56781c6765),
    ("push-and-pull:2", 0xc85741576fef6ec5),
    ("push-and-pull:3", 0x70c3660738d3e7bd),
    ("push-and-pull:4", 0x3c8243e6678656e8),
    ("push-and-pull:5", 0xde5a5cdc02238ad0),
    ("push-and-pull:6", 0x6333ddf9cd6d3e00),
    ("lone-dot", 0x29946569f4bc3cd1),
    ("lone-dot:A", 0x471eb7c9bf2cbdf2),
    ("lone-dot:B", 0x29946569f4bc3cd1),
    ("lone-dot:C", 0x49a10f04954c4030),
    ("envelope", 0x88d4e1b6e9064fe1),
    ("envelope:1", 0x88d4e1b6e9064fe1),
    ("envelope:2", 0x8fd817fb87360ab7),
    ("envelope:3", 0xe51be2622673a709),
    ("mail-exchangers", 0x908a3bf617149aa8),
    ("mail-exchangers:1", 0x908a3bf617149aa8),
    ("mail-exchangers:2", 0x2066f66efe9975c6),
    ("mail-exchangers:3", 0x6a03b64346709a6b),
    ("mail-exchangers:4", 0x73d6150a940f3206),
    ("mail-exchangers:5", 0xa40ba2058058850f),
    ("extensions", 0xf53900bbaaee5565),
    ("extensions:1a", 0xde2ca2f596d4b866),
    ("extensions:1b", 0xf53900bbaaee5565),
    ("extensions:2a", 0x2a3fa6a9373bcc24),
    ("extensions:2b", 0x8eadc4d0ce5922de),
    ("starttls", 0xc20c65d344e90518),
    ("starttls:5", 0xc20c65d344e90518),
    ("starttls:6", 0xe8b6a2ccef26dfcb),
    ("starttls:stripped", 0x33ab6fb03e738e49),
    ("starttls:stripped-required", 0x6b7c857b0b3780b3),
    ("starttls:wrong-name", 0x5c51683faba1f5b9),
    ("seven-bits", 0xe3bc0aef177cad03),
    ("seven-bits:1", 0xe3bc0aef177cad03),
    ("seven-bits:2", 0x98ab268a13039a7c),
    ("seven-bits:3", 0xe3bc0aef177cad03),
    ("seven-bits:3-return", 0xb7a3f77c41fa9d96),
    ("submission", 0x8aa1ec4e7f8c4a6d),
    ("submission:3", 0x8aa1ec4e7f8c4a6d),
    ("submission:4", 0x73dda94dd897a235),
    ("submission:4-wrong", 0x05652fb91d4ac136),
    ("who-holds-it", 0x9ca12fea135d430c),
    ("who-holds-it:1", 0x9ca12fea135d430c),
    ("who-holds-it:short", 0x0fa6f93b21e67feb),
    ("who-holds-it:2", 0xb4a65bc02f79cadd),
    ("disturbed", 0xca578697321ea0b5),
    ("disturbed:quiet", 0xca578697321ea0b5),
    ("disturbed:delay", 0x31c17a964ba4d7a9),
    ("disturbed:late", 0xda8ddf21d93b42bc),
    ("disturbed:duplicate", 0xc0e5d4d5b059122f),
    ("disturbed:corrupt", 0x2722d03a35389c53),
    ("disturbed:reorder", 0x3df48a04ebff4b03),
    ("disturbed:silent", 0xc186c865b29718d2),
    ("disturbed:far", 0x7f7f182cfdb27d6e),
    ("disturbed:refused", 0x543d6cf9d7c9c405),
    ("disturbed:hangs-up", 0xd731b65554fbdbe6),
    ("disturbed:slow", 0x1a0e710ac1ff866a),
    ("server-down", 0x4ad8f149e54c59fb),
    ("server-down:A", 0x4ad8f149e54c59fb),
    ("server-down:B", 0x823c5ea523837d6f),
    ("server-down:C", 0x852943c5f0536c46),
    ("server-down:D", 0x5f4539807b9290ad),
    ("server-down:E", 0xed4f1a675eecb00c),
    ("packet-loss", 0x622901ddb78362ae),
    ("packet-loss:0", 0x1ef3557de94908a4),
    ("packet-loss:1", 0x622901ddb78362ae),
    ("packet-loss:2", 0x239a3364423498a7),
    ("packet-loss:3", 0x072aa613e9ab7eb4),
    ("packet-loss:4", 0x10bace6b5ab22989),
    ("packet-loss:5", 0xdad90d3e0e2a9752),
    ("packet-loss:6", 0xcf3a1d37e9651ca1),
    ("imap-folders", 0x58097718fd0b5ed3),
    ("any-sender", 0x074381c9cb992ea0),
    ("any-sender:both-none", 0x074381c9cb992ea0),
    ("any-sender:both-spf", 0x84fe531c92855f22),
    ("any-sender:both-dmarc", 0x7febd9a6ec1b5c4f),
    ("any-sender:header-none", 0x7032e3b8127552dd),
    ("any-sender:header-spf", 0x49cb3a74c4296191),
    ("any-sender:header-dmarc", 0xb22e3ec9fd292933),
    ("any-sender:honest-none", 0x3db7bb1e1fee3252),
    ("any-sender:honest-spf", 0x51b310d26e417855),
    ("any-sender:honest-dmarc", 0xb40785e8af5728c3),
    ("any-sender:honest-tcp", 0x341f75a82be3a2af),
    ("mailing-list", 0xb08a049cc88801e7),
    ("mailing-list:footer", 0xb08a049cc88801e7),
    ("mailing-list:no-footer", 0x88adf91c1e35cf5c),
    ("mailing-list:none", 0xe44bdd98ae09e384),
    ("mailing-list:quarantine", 0x22fefe39a429b9ae),
    ("mailing-list:forward", 0x7f1758467011a06c),
    ("mailing-list:forward-spf", 0x7fb2335861fc6d47),
    ("mailing-list:forward-own", 0x5541b5e68710d824),
    ("smuggling", 0x38018b7508dabee3),
    ("smuggling:LL", 0x38018b7508dabee3),
    ("smuggling:SL", 0xdd975b6ea239adec),
    ("smuggling:LS", 0x8818a92e8114eb80),
    ("smuggling:SS", 0xdd975b6ea239adec),
    ("smuggling:refuse", 0xef5c6479c7f5c49b),
    ("smuggling:honest-refuse", 0x2ca99b1ea85a1fc2),
    ("smuggling:honest-normalise", 0x7215635ce32c3b6e),
    ("smuggling:normalise", 0x12599902b7bb4add),
    ("two-devices", 0xc18d83af2c3550f5),
    ("two-devices:copy", 0xc18d83af2c3550f5),
    ("two-devices:peek", 0x0bc9704f60abb3e6),
    ("two-devices:move", 0xd31be8bd1d81877c),
    ("mail-access", 0x3e100aeb4b86b24a),
    ("mail-access:4", 0x3e100aeb4b86b24a),
    ("mail-access:5", 0x693305744549a7bd),
    ("mail-access:6", 0x7a71fc9c593068eb),
    ("mail-access:7", 0x1e800948c647757e),
    ("mail-access:tls", 0xa14dbe00b90953b0),
    ("mail-access:tls-995", 0x6e739ae0a9f064b0),
    ("webmail", 0x48bf78dfafc26c1d),
    ("webmail:1", 0x48bf78dfafc26c1d),
    ("webmail:2", 0x66fc6fc0b9216cfe),
    ("webmail:3", 0x0299530a512d7cbf),
    ("webmail:submission", 0xb070a3c5eaf0025f),
    ("webmail:refused", 0xe3303141d1a4f41c),
    ("webmail:wrong-password", 0xeda61a77730c3258),
    ("webmail:strange-letters", 0xfe9fbb4ce613c63c),
    ("own-client", 0x2c9f0183be21f366),
    ("own-client:tls", 0xa8de9ca58d39b8ed),
    ("arp", 0xecd12c644177cd23),
];

#[test]
fn the_captures_are_the_same_bytes_on_every_machine() {
    let table: Vec<(String, u64)> =
        runs::all().into_iter().map(|n| (n.clone(), hash(&capture(&n, View::Senders)))).collect();
    let known: Vec<(String, u64)> = HASHES.iter().map(|(n, h)| ((*n).to_string(), *h)).collect();
    let lines: Vec<String> = table.iter().map(|(n, h)| format!("    (\"{n}\", {h:#018x}),")).collect();
    assert!(table == known, "now it is:\n{}", lines.join("\n"));
}

#[test]
fn every_view_of_a_run_is_a_capture() {
    let run = runs::run("six-steps");
    let packets = run.world.log().packets().len();
    let count = |view| {
        let file = capture("six-steps", view);
        let mut reader = pcap_file::pcapng::PcapNgReader::new(file.as_slice()).unwrap();
        let mut frames = 0;
        let mut last = None;
        while let Some(block) = reader.next_block() {
            if let pcap_file::pcapng::Block::EnhancedPacket(packet) = block.unwrap() {
                assert!(last.is_none_or(|l| l <= packet.timestamp), "time never goes backward");
                last = Some(packet.timestamp);
                frames += 1;
            }
        }
        frames
    };
    assert_eq!(count(View::Senders), packets, "every packet once");
    let hops = run.told().filter(|(_, t)| t.kind == "frame.sent").count();
    assert_eq!(count(View::EveryLink), hops);
    let links = (0..run.world.setup().links.len() as u32).map(mailpath::topology::LinkId);
    assert_eq!(links.map(|l| count(View::Link(l))).sum::<usize>(), hops);
    let routers = run.world.setup().nodes.iter().position(|n| n.name == "r-a").unwrap();
    let through = count(View::Node(mailpath::topology::NodeId(routers as u32)));
    assert!(through > 0 && through % 2 == 0, "a router sends on what it receives");
}

/// What tshark says of a capture with this display filter: a line for each packet.
fn tshark(file: &Path, filter: &str) -> Vec<String> {
    let checks = ["ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"];
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(file).args(["-Y", filter]);
    for check in checks {
        command.args(["-o", check]);
    }
    let out = command.output().expect("tshark is installed (.ci/run does it)");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).lines().map(str::to_string).collect()
}

#[test]
#[ignore = "needs tshark; .ci/run installs it and runs this"]
fn tshark_finds_nothing_wrong_with_any_capture() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // `FROM=mail-access:5` begins there.
    let from = std::env::var("FROM").unwrap_or_default();
    for name in runs::all().into_iter().skip_while(|name| !from.is_empty() && *name != from) {
        let file = folder.join(format!("{}.pcapng", name.replace(':', "-")));
        fs::write(&file, capture(&name, View::Senders)).unwrap();
        let is_empty = |filter: &str| {
            let lines = tshark(&file, filter);
            assert!(lines.is_empty(), "{name}: {filter}:\n{}", lines.join("\n"));
        };
        is_empty("_ws.malformed || _ws.short || _ws.unreassembled");
        let wrong = "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";
        match name.as_str() {
            // One packet whose bytes were changed on the way; it is seen behind that.
            "disturbed:corrupt" => assert_eq!(tshark(&file, wrong).len(), 1),
            _ => is_empty(wrong),
        }
        is_empty("_ws.expert.severity == error && !(tcp.checksum.status == 0)");
        is_empty("tcp.analysis.ack_lost_segment || tcp.analysis.window_full || tcp.analysis.zero_window");
        // In starttls:stripped a man in the middle sends a packet a second time, changed.
        // In mail-exchangers:2 a host is off, in who-holds-it a link is dead in one direction, in mail-access:5 it is cut.
        let lossy = [
            "packet-loss",
            "arp",
            "mail-exchangers:2",
            "who-holds-it",
            "disturbed",
            "starttls:stripped",
            "mail-access:5",
        ];
        if !lossy.iter().any(|lossy| name.starts_with(lossy)) {
            is_empty("tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.duplicate_ack");
        }
        let letters = tshark(&file, "smtp.rsp.parameter contains \"Start mail input\"").len();
        // A server that is taken in by smuggling asks for one letter more than was sent.
        let smuggled = usize::from(matches!(name.as_str(), "smuggling" | "smuggling:LL"));
        assert!(tshark(&file, "smtp && imf").len() + smuggled >= letters, "{name}: every letter is put together");
        assert!(tshark(&file, "frame").len() > 10);
        fs::remove_file(&file).unwrap();
    }
}

#[test]
#[ignore = "needs tshark; .ci/run installs it and runs this"]
fn tshark_opens_what_is_sealed_with_the_secrets_in_the_capture_and_not_without() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sealed.pcapng");
    let run = runs::run("starttls:5");
    let setup = run.world.setup();
    fs::write(&file, capture("starttls:5", View::Senders)).unwrap();
    let commands = |file: &Path| tshark(file, "tcp.port == 587 && smtp.req").len();
    assert_eq!(commands(&file), 8, "EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, QUIT");
    assert_eq!(tshark(&file, "tls && imf").len(), 1, "the letter");
    assert_eq!(tshark(&file, "tls.handshake.extensions_server_name == \"mail.a.example\"").len(), 1);
    // The same packets without the block of secrets.
    let log = run.world.log();
    let view = View::Senders;
    let mut bare = pcapng::Writer::new(Vec::new(), setup, view.links(setup)).unwrap();
    for sight in view.packets(log) {
        let at = log.entry(sight.entry).at;
        bare.packet(at, sight.link, &log.frame(sight.packet, sight.hop), None).unwrap();
    }
    fs::write(&file, bare.into_inner()).unwrap();
    assert_eq!(commands(&file), 2, "EHLO and STARTTLS");
    assert_eq!(tshark(&file, "tls && imf").len(), 0);
    fs::remove_file(&file).unwrap();
}

/// A file in memory; each write is kept apart.
#[derive(Clone, Default)]
struct Writes(Rc<RefCell<Vec<Vec<u8>>>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().push(bytes.to_vec());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A session at the door writes its capture while it goes on and lets go of everything that it has written; a run of
/// its recording writes it at the end, from a record that has everything.
#[test]
fn a_capture_that_is_written_while_a_run_goes_on_is_the_same() {
    let mut sealed = 0;
    for (name, _) in HASHES {
        let (base, id) = name.split_once(':').map_or((*name, None), |(n, r)| (n, Some(r)));
        let ready = scenario::load_builtin(base).unwrap().ready(id).unwrap();
        let writes = Writes::default();
        let live = Live::capturing(&ready.setup, Speed::Fast);
        let mut gate = Gate::new(live, Vec::new(), Vec::new(), Limits::default(), None).unwrap();
        let stream = Stream::new(writes.clone(), &ready.setup, &ready.story).unwrap();
        let stream = Rc::new(RefCell::new(stream));
        let own = Rc::clone(&stream);
        gate.keep(Box::new(move |world| own.borrow_mut().take(world).map_err(io::Error::other)));
        let live = gate.finish().unwrap();
        let log = live.world().log();
        assert_eq!((log.entries().iter().count(), log.packets().iter().count()), (0, 0), "{name}: it is let go of");
        let mut file = writes.0.borrow().concat();
        if stream.borrow().has_secrets() {
            sealed += 1;
            file = secrets_first(file.as_slice(), Vec::new(), live.world().setup(), log).unwrap();
        }
        assert!(file == capture(name, View::Senders), "{name}: the captures differ");
        // A kill between two writes leaves whole blocks.
        let mut so_far = Vec::new();
        for write in writes.0.borrow().iter() {
            so_far.extend_from_slice(write);
            let mut reader = pcap_file::pcapng::PcapNgReader::new(so_far.as_slice()).unwrap();
            while let Some(block) = reader.next_block() {
                block.unwrap();
            }
        }
    }
    assert!(sealed > 0, "some of them speak TLS");
}
