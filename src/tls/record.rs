//! Records (RFC 8446 section 5): type, version, length, then the sealed bytes.

/// Bytes of a record's header.
pub const HEADER: usize = 5;
/// Plain bytes that one record may hold (section 5.1).
pub(super) const MOST_PLAIN: usize = 1 << 14;
/// Sealed bytes that one record may hold (section 5.2).
const MOST_SEALED: usize = MOST_PLAIN + 256;
/// What sealing adds to a record with all three suites of ours: header, inner type, tag of 16 bytes.
pub(super) const OVERHEAD: usize = HEADER + 1 + 16;

/// The type of a record, as it stands in the open (section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// 20: of no meaning in TLS 1.3, sent for old devices on the way (appendix D.4).
    ChangeCipherSpec,
    /// 21.
    Alert,
    /// 22.
    Handshake,
    /// 23: everything that is sealed, whatever it is inside.
    ApplicationData,
}

impl ContentType {
    /// From the number on the wire.
    pub const fn of(number: u8) -> Option<ContentType> {
        match number {
            20 => Some(ContentType::ChangeCipherSpec),
            21 => Some(ContentType::Alert),
            22 => Some(ContentType::Handshake),
            23 => Some(ContentType::ApplicationData),
            _ => None,
        }
    }

    /// As Wireshark has it.
    pub const fn name(self) -> &'static str {
        match self {
            ContentType::ChangeCipherSpec => "Change Cipher Spec",
            ContentType::Alert => "Alert",
            ContentType::Handshake => "Handshake",
            ContentType::ApplicationData => "Application Data",
        }
    }
}

/// What a handshake message is called (section 4), as Wireshark has it.
pub const fn handshake_name(number: u8) -> Option<&'static str> {
    Some(match number {
        1 => "Client Hello",
        2 => "Server Hello",
        4 => "New Session Ticket",
        8 => "Encrypted Extensions",
        11 => "Certificate",
        13 => "Certificate Request",
        15 => "Certificate Verify",
        20 => "Finished",
        24 => "Key Update",
        _ => return None,
    })
}

/// The length of the first record with its header. `None`: not all of the header is there. An error: these bytes
/// are no record.
pub(super) fn length(bytes: &[u8]) -> Result<Option<usize>, ()> {
    match *bytes {
        [kind, ..] if ContentType::of(kind).is_none() => Err(()),
        [_, major, ..] if major != 3 => Err(()),
        [_, _, _, high, low, ..] => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length > MOST_SEALED { Err(()) } else { Ok(Some(HEADER + length)) }
        }
        _ => Ok(None),
    }
}
