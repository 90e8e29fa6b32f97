//! A lesson as typed, format 1: what does not depend on a language. The words stand beside it in Markdown, one
//! file a language ([`super::texts`]).

use schemars::SchemaGenerator;

use super::decimal::Decimal;
use super::words::{Clause, Kind, Level, Literal, SpotName, Unit, View, Wanted, When};
use crate::scenario::json::Json;
use crate::scenario::read::{Field, FieldInfo, Int, List, Map, Read, Reader};
use crate::scenario::source::Span;
use crate::scenario::typed::{Count, ObjectInfo, is_required, key, objects};
use crate::scenario::words::Name;
use crate::scenario::{Describe, object_schema};
use crate::time::Duration;

objects! {
    /// A whole lesson: its structure. Its words stand in `en.md` and other language files beside it.
    "a lesson" File {
        /// Version of this format: 1.
        required format: Int<0, { u64::MAX }>,
        /// Its name: "L01".
        required id: Name,
        /// Version of the lesson: raise it when a question or its probe changes. Results name it.
        required version: Count,
        /// "core" or "extended".
        required level: Level,
        /// How long it takes.
        required minutes: Int<1, 600>,
        /// Lessons that come before it.
        optional needs: List<Name>,
        /// The name of a built-in scenario, or a scenario file beside the lesson.
        required scenario: String,
        /// What a seed may change. Without a seed the lesson is as its scenario has it.
        optional vary: List<Vary>,
        /// Numbers that texts name in braces, read from the record: { "rtt": { ... } } for {rtt}.
        optional numbers: Map<Figure>,
        /// Where the run halts, in order.
        required stops: List<Stop>,
        /// The questions, in the order in which they are asked.
        required questions: List<Question>,
        /// What to try afterwards.
        optional explore: List<Explore>,
        /// Questions for a show of hands.
        optional votes: List<Name>,
        /// The question to leave the class with.
        optional exit: Name,
    }

    /// Something that a seed chooses.
    "a variation" Vary {
        /// Its name: two variations of one name always take the same choice.
        required id: Name,
        /// Only in this run of the scenario; default: in all.
        optional run: Name,
        /// New values by path, as in a scenario's runs: [{ "links.3.delay": "20 ms" }, { "links.3.delay": "98 ms" }].
        required choices: List<Map<Json>>,
    }

    /// A number in texts.
    "a number for texts" Figure {
        /// From the record of this run; default: the first stop's.
        optional run: Name,
        /// In which unit.
        optional unit: Unit,
        /// What is read.
        required probe: Probe,
    }

    /// A place at which the run halts by itself.
    "a stop" Stop {
        /// Its name: its words stand under "## Stop NAME".
        required id: Name,
        /// In which run of the scenario; default: that of the stop before.
        optional run: Name,
        /// Behind this event. "start" and "end" are events too.
        optional at: Event,
        /// Just before this event.
        optional before: Event,
        /// At this time.
        optional time: Duration,
        /// What is shown large; default "map".
        optional view: View,
        /// What is lit while the rest is dimmed: "host:mail.a", "queue:mail.a", "mailbox:mail.b", "link:r-a--r-b", "packet", "line", "connection".
        optional spotlight: List<SpotName>,
        /// The learner looks at each part that is lit, one by one, before anything moves.
        optional tour: bool,
        /// Questions that are asked here.
        optional ask: List<Name>,
    }

    /// A question, and how the record answers it.
    "a question" Question {
        /// Its name: its words stand under "## Question NAME".
        required id: Name,
        /// "predict": answered and locked before it happens. "check": asked afterwards, may be answered again.
        required when: When,
        /// What is asked; mostly one thing.
        required parts: List<Part>,
        /// The event behind which the answer is shown; for a "check" it is shown at once.
        optional reveal: Event,
        /// The event that proves it: its packet is shown beside the answer.
        required proof: Event,
        /// The learner has to find the proof himself among these events.
        optional prove: List<Event>,
    }

    /// One thing that is asked.
    "a part of a question" Part {
        /// Its name, where a question has several: its words stand under "### Part NAME".
        optional id: Name,
        /// How it is answered.
        required kind: Kind,
        /// In which unit a number is given.
        optional unit: Unit,
        /// How far a number may be off and still be right, in its unit; default 0.
        optional tolerance: Decimal,
        /// What the record says.
        required probe: Probe,
        /// What it says without a seed. Only tests and "mailpath check" look at it: nobody is marked by it.
        required golden: Literal,
        /// Answers to choose from; for a number, wrong answers that tell something.
        optional options: List<Choice>,
        /// Events to choose from, for "click".
        optional among: List<Event>,
    }

    /// An answer that can be given.
    "an option" Choice {
        /// Its name: its words stand under the question as "* NAME: ...".
        required id: Name,
        /// The answer itself.
        optional value: Literal,
        /// The answer read from the record, where it depends on the seed.
        optional probe: Probe,
        /// Wrong ideas that this answer shows: "M06".
        optional tags: List<Name>,
    }

    /// Something to try afterwards.
    "an exploration" Explore {
        /// Its name: its words stand under "## Explore NAME".
        required id: Name,
        /// Another built-in scenario; default: the lesson's.
        optional scenario: Name,
        /// One of its runs.
        optional run: Name,
        /// What is changed, by path.
        optional set: Map<Json>,
    }

    /// Something that is read from the record. Exactly one of the fields besides "run", "minus", "over" and "first_digit".
    "a probe" Probe {
        /// In which run; default: that of the stop that asks.
        optional run: Name,
        /// How many events there are.
        optional count: Event,
        /// Whether there is such an event.
        optional exists: Event,
        /// How many different values a field has.
        optional distinct: FieldOf,
        /// A field of an event.
        optional field: FieldOf,
        /// When an event is.
        optional time: Event,
        /// How long it is from one event to another.
        optional interval: Interval,
        /// The sum of a field.
        optional sum: FieldOf,
        /// A field of each event, in order.
        optional sequence: FieldOf,
        /// The events by name, in the order in which they first come.
        optional order: Map<Event>,
        /// Where the mail is.
        optional where_is: WhereIs,
        /// What lies in a mailbox: how many letters, or the number, the UID or a flag of one.
        optional mailbox: InMailbox,
        /// Bytes that cross in one direction.
        optional bytes: Crossing,
        /// On how many connections whoever listens can read this text.
        optional readable: String,
        /// A header field of a letter, or how many there are.
        optional header: Header,
        /// The body of a letter, as text, in bytes or in lines.
        optional body: Body,
        /// The body of a stored letter, or how many lines it has.
        optional stored_body: StoredBody,
        /// The password in this line of AUTH.
        optional password: Event,
        /// The event itself, for "click".
        optional event: Event,
        /// Which of these has the largest value.
        optional largest: Map<Probe>,
        /// Whether all of these say the same.
        optional equal: List<Probe>,
        /// Taken away from the value.
        optional minus: Box<Probe>,
        /// What the value, with "minus" taken away, is divided by.
        optional over: Box<Probe>,
        /// Of the number that comes out, only its first digit.
        optional first_digit: bool,
    }

    /// An event of the record, by its kind or by a display filter.
    "an event" Event {
        /// Its kind: "tcp.open", "queue.enter", "app.line" ...; "start" and "end" are the ends of the record.
        optional event: String,
        /// In place of a kind: the packets that this display filter selects, as Wireshark does, each where it is first sent. Fields are then the filter's: "tcp.len".
        optional filter: String,
        /// Conditions on its fields: { "host": "mail.a", "code": 250 }, { "flags": { "contains": "FIN" } }.
        optional conditions as "where": Map<Wanted>,
        /// Which of the events that fit, counted from 1; default 1.
        optional nth: Count,
        /// The last of the events that fit.
        optional last: bool,
        /// Only behind this event.
        optional after: Box<Event>,
        /// Only before this event.
        optional before: Box<Event>,
        /// Not earlier in the run than this: "5 min".
        optional since: Duration,
        /// Not later in the run than this.
        optional until: Duration,
        /// In which run; default: the probe's.
        optional run: Name,
    }

    /// A field of events.
    "a field of an event" FieldOf {
        /// The event.
        required of: Event,
        /// Its field.
        required field: String,
    }

    /// A length of time.
    "an interval" Interval {
        /// From this event.
        required from: Event,
        /// To this one.
        required to: Event,
    }

    /// A mail and a moment.
    "a mail at a moment" WhereIs {
        /// Just behind this event.
        optional at: Event,
        /// At this time.
        optional time: Duration,
    }

    /// A mailbox at a moment; by default at the end of the run.
    "a mailbox" InMailbox {
        /// On which mail server.
        required host: Name,
        /// Whose.
        required user: Name,
        /// Which folder; default "INBOX".
        optional folder: String,
        /// Just behind this event.
        optional at: Event,
        /// At this time.
        optional time: Duration,
        /// The letter with this UID: its sequence number, or with "flag", whether it has the flag.
        optional uid: Count,
        /// The letter with this sequence number: its UID.
        optional number: Count,
        /// A flag: "\\Seen".
        optional flag: String,
    }

    /// Bytes of streams in one direction.
    "bytes that cross" Crossing {
        /// From this host.
        required from: Name,
        /// To this host.
        required to: Name,
        /// How often this text occurs.
        optional contains: String,
        /// How many bytes have at least this value.
        optional at_least: Int<0, 255>,
        /// How many bytes this text takes: as it is, or in quoted-printable.
        optional taken_by: String,
    }

    /// A header field of a letter: in a mailbox ("host" and "user"), on its way ("from" and "to"), or else with its author.
    "a header field" Header {
        /// On which mail server.
        optional host: Name,
        /// In whose mailbox.
        optional user: Name,
        /// In which folder; default "INBOX".
        optional folder: String,
        /// From this host.
        optional from: Name,
        /// To this host.
        optional to: Name,
        /// Which of the letters there; default 1.
        optional letter: Count,
        /// Name of the field: "Received".
        required name: String,
        /// Which of them, from the top; default 1.
        optional nth: Count,
        /// How many there are, instead of what stands in it.
        optional count: bool,
        /// Of what stands in it, only this: "address", or of a Received field "from", "by", "with", "id" or "for".
        optional clause: Clause,
    }

    /// The body of a letter: in a mailbox ("host" and "user"), on its way ("from" and "to"), or else with its author.
    "a body" Body {
        /// On which mail server.
        optional host: Name,
        /// In whose mailbox.
        optional user: Name,
        /// In which folder; default "INBOX".
        optional folder: String,
        /// From this host.
        optional from: Name,
        /// To this host.
        optional to: Name,
        /// Which of the letters there; default 1.
        optional letter: Count,
        /// Only the part with this file name or type: "photo.bmp".
        optional part: String,
        /// How many bytes it has, instead of what stands in it.
        optional bytes: bool,
        /// How many lines it has.
        optional lines: bool,
        /// How many boundary lines of MIME it has.
        optional boundaries: bool,
        /// What stands in it without its transfer encoding; with the author, the file itself.
        optional decoded: bool,
    }

    /// The body of a stored mail.
    "a stored body" StoredBody {
        /// On which mail server.
        required host: Name,
        /// In whose mailbox.
        required user: Name,
        /// How many lines it has, instead of what stands in it.
        optional lines: bool,
    }
}
