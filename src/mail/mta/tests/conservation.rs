//! Every (letter, recipient) that was put into the queue is at every moment in the queue, or delivered, or returned,
//! or discarded because nobody is to be told; and it leaves the queue once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Copy = (u32, String);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Delivered,
    Returned,
    Discarded,
}

#[derive(Debug, Default)]
struct Ledger {
    put: BTreeMap<Copy, bool>,
    fates: BTreeMap<Copy, Fate>,
    sessions: Vec<(SessionId, u32, Envelope)>,
    tickets: Vec<Ticket>,
}

impl Ledger {
    fn settle(&mut self, letter: u32, to: &Address, fate: Fate) {
        let before = self.fates.insert((letter, to.to_string()), fate);
        assert_eq!(before, None, "{letter} for {to} had a fate already");
    }

    fn drain(&mut self, mta: &mut Mta) {
        while let Some(output) = mta.poll() {
            match output {
                Output::Resolve { ticket, .. } => self.tickets.push(ticket),
                Output::Connect { session, envelope, letter, .. } => {
                    self.sessions.push((session, letter.content.0, envelope));
                }
                Output::Send { session, envelope, letter } => {
                    self.sessions.retain(|(s, ..)| *s != session);
                    self.sessions.push((session, letter.content.0, envelope));
                }
                Output::Quit { session } => self.sessions.retain(|(s, ..)| *s != session),
                Output::Return(u) => {
                    for f in &u.failed {
                        self.settle(u.letter.content.0, &f.recipient, Fate::Returned);
                    }
                }
                Output::Event(_) | Output::Convert { .. } => {}
            }
        }
    }

    /// What a mail from `<>` that is gone without having been delivered has become, and the check itself.
    fn check(&mut self, mta: &Mta) {
        let mut waiting: Vec<Copy> = Vec::new();
        for e in mta.queue().entries() {
            waiting.extend(e.envelope.to.iter().map(|to| (e.letter.content.0, to.to_string())));
        }
        for (copy, null) in &self.put {
            match (waiting.contains(copy), self.fates.get(copy)) {
                (true, None) | (false, Some(_)) => {}
                (false, None) if *null => {
                    self.fates.insert(copy.clone(), Fate::Discarded);
                }
                (here, fate) => panic!("{copy:?}: in the queue {here}, fate {fate:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_mail_is_lost_whatever_happens(
        steps in proptest::collection::vec((0u8..12, 0u16..1000, 0u8..4, 0u8..4), 1..150),
        reuse: bool,
        records: bool,
    ) {
        let retry = vec![Duration::from_secs(30), Duration::from_secs(120)];
        let cfg = MailServer { reuse_connection: reuse, retry, expire: Duration::from_secs(600), ..cfg() };
        let mut mta = Mta::new(&cfg, records);
        let mut ledger = Ledger::default();
        let mut now = Instant::ZERO;
        let mut number = 0;
        for (what, n, a, b) in steps {
            let code = |n: u8| [250, 450, 550, 251][usize::from(n)];
            let pick = usize::from(n) % ledger.sessions.len().max(1);
            let session = ledger.sessions.get(pick).cloned();
            match (what, session) {
                (0 | 1, _) => {
                    number += 1;
                    let all = ["bob@b.example", "carol@b.example", "dave@c.example"];
                    let to = &all[usize::from(a % 3)..];
                    let from = if b == 0 { "" } else { "alice@a.example" };
                    for address in to {
                        ledger.put.insert((number, (*address).to_owned()), b == 0);
                    }
                    mta.enqueue(now, envelope(from, to), letter(number), now + Duration::from_secs(u64::from(b)));
                }
                (2, _) => now += Duration::from_secs(u64::from(n)),
                (3 | 4, _) => {
                    if let Some(ticket) = ledger.tickets.pop() {
                        let result = match a {
                            0 => Err(RouteFailure { permanent: b == 0, reason: "no route".to_owned() }),
                            _ => Ok(hosts(&[("mx1", 10), ("mx2", 20)][..usize::from(a) - 1])),
                        };
                        mta.resolved(now, ticket, result);
                    }
                }
                (5, Some((session, ..))) => mta.idle(now, session),
                (6, Some((session, ..))) => mta.session_ended(now, session),
                (7, Some((session, ..))) => mta.not_connected(now, session, "connection refused"),
                (8 | 9, Some((session, content, envelope))) => {
                    let codes = [code(a), code(b), 250];
                    let recipients: Vec<_> = envelope.to.iter().cloned().zip(codes.map(|c| Reply::new(c, "x"))).collect();
                    let end = (n % 5 > 0).then(|| Reply::new(code((n % 4) as u8), "y"));
                    let stage = if n % 2 == 0 { At::Greeting } else { At::EndOfData };
                    let cause = if n % 3 == 0 { FailureCause::Reply } else { FailureCause::ConnectionLost };
                    let reply = (cause == FailureCause::Reply).then(|| Reply::new(code(a), "z"));
                    let failure = end.is_none().then_some(Failure { cause, stage, reply });
                    let outcome = Outcome { envelope, recipients, end, failure, carries_wishes: false };
                    // What the other server really has; only the first outcome of a letter counts.
                    let before = mta.queue().len();
                    let holds = |mta: &Mta, to: &Address| mta.queue().entries().any(|e| e.letter.content.0 == content && e.envelope.to.contains(to));
                    let held: Vec<Address> = outcome.envelope.to.iter().filter(|to| holds(&mta, to)).cloned().collect();
                    mta.outcome(now, session, &outcome);
                    prop_assert!(mta.queue().len() <= before);
                    for (to, verdict) in outcome.verdicts() {
                        if let client::Verdict::Delivered(_) = verdict
                            && held.contains(&to)
                            && !holds(&mta, &to)
                        {
                            ledger.settle(content, &to, Fate::Delivered);
                        }
                    }
                }
                (10, _) if a == 0 => {
                    mta.power_off();
                    ledger.drain(&mut mta);
                    ledger.sessions.clear();
                    ledger.tickets.clear();
                    ledger.check(&mta);
                    now += Duration::from_secs(u64::from(n));
                    mta.power_on(now);
                }
                _ => {
                    if let Some(at) = mta.wait() {
                        now = now.max(at);
                        mta.handle_timeout(now);
                    }
                }
            }
            ledger.drain(&mut mta);
            ledger.check(&mta);
        }
        // Left to itself, with nobody answering, everything comes to an end.
        for _ in 0..10_000 {
            while let Some(ticket) = ledger.tickets.pop() {
                mta.resolved(now, ticket, Err(RouteFailure { permanent: false, reason: "no route".to_owned() }));
            }
            for (session, ..) in std::mem::take(&mut ledger.sessions) {
                mta.session_ended(now, session);
            }
            if let Some(at) = mta.wait() {
                now = now.max(at);
                mta.handle_timeout(now);
            }
            ledger.drain(&mut mta);
            ledger.check(&mta);
            if mta.queue().is_empty() {
                break;
            }
        }
        prop_assert!(mta.queue().is_empty());
        prop_assert_eq!(ledger.fates.len(), ledger.put.len());
        // No session and no domain is kept beyond its mails.
        prop_assert!(mta.runs.is_empty() && mta.by_session.is_empty() && mta.by_domain.is_empty());
    }
}
