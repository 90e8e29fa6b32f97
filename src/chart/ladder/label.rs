//! What a packet carries, in words for an arrow.

use crate::dissect::Carries;

/// The label of a packet with so many bytes of a program in it.
pub(super) fn label(carries: &Carries, bytes: u32) -> String {
    let part = |name: &str, part: u32, of: u32| match of {
        0 | 1 => name.to_owned(),
        _ => format!("{name}, {part} of {of}"),
    };
    match carries {
        Carries::Syn => "SYN".to_owned(),
        Carries::SynAck => "SYN, ACK".to_owned(),
        Carries::Ack => "ACK".to_owned(),
        Carries::Fin => "FIN".to_owned(),
        Carries::Rst => "RST".to_owned(),
        Carries::Letter { part: n, of, .. } => part("mail", *n, *of),
        Carries::HttpObject { name, part: n, of } => part(name, *n, *of),
        Carries::Command(text)
        | Carries::Reply(text)
        | Carries::Query(text)
        | Carries::Answer(text)
        | Carries::HttpRequest(text)
        | Carries::Arp(text)
        | Carries::Sealed(text)
        | Carries::Icmp(text) => match text.split_once('\n') {
            // Lines that travel together: the first says enough where there is room for one.
            Some((first, _)) => format!("{first} ..."),
            None => text.clone(),
        },
        Carries::Other => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line() {
        assert_eq!(label(&Carries::SynAck, 0), "SYN, ACK");
        assert_eq!(label(&Carries::Command("QUIT".to_owned()), 6), "QUIT");
        assert_eq!(label(&Carries::Reply("* 1 EXISTS\n* 1 RECENT".to_owned()), 26), "* 1 EXISTS ...");
        assert_eq!(label(&Carries::Letter { part: 1, of: 1, bytes: 9 }, 9), "mail");
        assert_eq!(label(&Carries::Letter { part: 2, of: 3, bytes: 9 }, 9), "mail, 2 of 3");
        assert_eq!(label(&Carries::HttpObject { name: "/".to_owned(), part: 1, of: 2 }, 9), "/, 1 of 2");
        assert_eq!(label(&Carries::Other, 12), "12 bytes");
    }
}
