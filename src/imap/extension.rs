//! What a server may offer beyond RFC 3501, by the names in its CAPABILITY response. A server knows no command of an
//! extension that it does not offer.

/// An extension, or a way of logging in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extension {
    /// RFC 7888: `{5+}`, a literal that does not wait for `+`.
    LiteralPlus,
    /// RFC 4959: AUTHENTICATE with its first response in the same line.
    SaslIr,
    /// RFC 4616: AUTHENTICATE PLAIN.
    AuthPlain,
    /// RFC 3501 section 6.2.3: LOGIN is refused.
    LoginDisabled,
    /// RFC 2177: the server tells of news by itself.
    Idle,
    /// RFC 4315: UID EXPUNGE, and the UIDs that APPEND and COPY gave.
    UidPlus,
    /// RFC 6851: MOVE.
    Move,
    /// RFC 2342: NAMESPACE.
    Namespace,
    /// RFC 3691: UNSELECT, a CLOSE that removes nothing.
    Unselect,
    /// RFC 3348: LIST tells which names have others below them.
    Children,
    /// RFC 6154: LIST tells what a folder is for.
    SpecialUse,
    /// RFC 5161: ENABLE.
    Enable,
    /// RFC 2971: ID.
    Id,
}

impl Extension {
    /// All.
    pub const ALL: [Extension; 13] = [
        Extension::LiteralPlus,
        Extension::SaslIr,
        Extension::AuthPlain,
        Extension::LoginDisabled,
        Extension::Idle,
        Extension::UidPlus,
        Extension::Move,
        Extension::Namespace,
        Extension::Unselect,
        Extension::Children,
        Extension::SpecialUse,
        Extension::Enable,
        Extension::Id,
    ];

    /// As CAPABILITY has it.
    pub const fn name(self) -> &'static str {
        match self {
            Extension::LiteralPlus => "LITERAL+",
            Extension::SaslIr => "SASL-IR",
            Extension::AuthPlain => "AUTH=PLAIN",
            Extension::LoginDisabled => "LOGINDISABLED",
            Extension::Idle => "IDLE",
            Extension::UidPlus => "UIDPLUS",
            Extension::Move => "MOVE",
            Extension::Namespace => "NAMESPACE",
            Extension::Unselect => "UNSELECT",
            Extension::Children => "CHILDREN",
            Extension::SpecialUse => "SPECIAL-USE",
            Extension::Enable => "ENABLE",
            Extension::Id => "ID",
        }
    }

    /// The extension of that name.
    pub fn named(name: &str) -> Option<Self> {
        Extension::ALL.into_iter().find(|extension| extension.name() == name)
    }

    /// It is about logging in, and means nothing afterwards.
    pub(crate) fn is_for_login(self) -> bool {
        matches!(self, Extension::SaslIr | Extension::AuthPlain | Extension::LoginDisabled)
    }
}
