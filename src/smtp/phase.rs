//! Which part of a session it is, in two ways of counting.
//!
//! The textbook has three phases, and counts the naming of sender and recipients to the handshaking; RFC 5321
//! section 3 begins the mail transaction at MAIL. Neither is wrong, so both are told.
//!
//! | command        | textbook    | RFC 5321                    |
//! |----------------|-------------|-----------------------------|
//! | (220)          | handshaking | session initiation (3.1)    |
//! | EHLO, HELO     | handshaking | client initiation (3.2)     |
//! | MAIL, RCPT     | handshaking | mail transaction (3.3)      |
//! | DATA, letter   | transfer    | mail transaction (3.3)      |
//! | QUIT, 421      | closure     | session termination (3.8)   |

/// The textbook's three phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoursePhase {
    /// Greeting, and who writes to whom.
    Handshaking,
    /// The letter.
    Transfer,
    /// The goodbye.
    Closure,
}

impl CoursePhase {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            CoursePhase::Handshaking => "handshaking",
            CoursePhase::Transfer => "transfer",
            CoursePhase::Closure => "closure",
        }
    }
}

/// The parts of a session as RFC 5321 section 3 has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RfcPhase {
    /// Section 3.1: the server greets.
    SessionInitiation,
    /// Section 3.2: the client says who it is.
    ClientInitiation,
    /// Section 3.3: MAIL, RCPT, DATA.
    MailTransaction,
    /// Section 3.8.
    Termination,
}

impl RfcPhase {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            RfcPhase::SessionInitiation => "session initiation",
            RfcPhase::ClientInitiation => "client initiation",
            RfcPhase::MailTransaction => "mail transaction",
            RfcPhase::Termination => "session termination",
        }
    }
}

/// The phase from here on. Told when either of the two has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhaseChange {
    /// As the textbook counts.
    pub course: CoursePhase,
    /// As RFC 5321 counts.
    pub rfc: RfcPhase,
}

impl PhaseChange {
    /// The connection is open.
    pub const GREETING: PhaseChange =
        PhaseChange { course: CoursePhase::Handshaking, rfc: RfcPhase::SessionInitiation };
    /// EHLO or HELO.
    pub const HELLO: PhaseChange = PhaseChange { course: CoursePhase::Handshaking, rfc: RfcPhase::ClientInitiation };
    /// MAIL.
    pub const MAIL: PhaseChange = PhaseChange { course: CoursePhase::Handshaking, rfc: RfcPhase::MailTransaction };
    /// DATA.
    pub const DATA: PhaseChange = PhaseChange { course: CoursePhase::Transfer, rfc: RfcPhase::MailTransaction };
    /// QUIT or 421.
    pub const END: PhaseChange = PhaseChange { course: CoursePhase::Closure, rfc: RfcPhase::Termination };

    /// The textbook's name and RFC 5321's.
    pub const fn names(self) -> (&'static str, &'static str) {
        (self.course.name(), self.rfc.name())
    }
}
