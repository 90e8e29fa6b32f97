//! RFC 1939 section 7, APOP: the password does not cross the network; the digest proves that both know it.
//!
//! MD5 is broken as a hash, and APOP with it: it is here because the RFC has it, not to be relied on.

use md5::{Digest, Md5};

/// 32 hexadecimal digits: MD5 of the timestamp (its angle brackets included) and the shared secret behind it.
pub fn digest(timestamp: &str, secret: &str) -> String {
    let hash = Md5::new().chain_update(timestamp).chain_update(secret).finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The timestamp in a greeting, its brackets included; none if the server does not offer APOP.
pub fn timestamp(greeting: &str) -> Option<&str> {
    let rest = &greeting[greeting.find('<')?..];
    let stamp = &rest[..=rest.find('>')?];
    // The syntax is that of a Message-ID: without the @ it is only a word in brackets.
    stamp.contains('@').then_some(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_the_rfc() {
        let greeting = "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>";
        let stamp = timestamp(greeting).unwrap();
        assert_eq!(stamp, "<1896.697170952@dbc.mtview.ca.us>");
        assert_eq!(digest(stamp, "tanstaaf"), "c4c9334bac560ecc979e58001b3e22fb");
        assert_eq!(timestamp("+OK <ready>"), None);
        assert_eq!(timestamp("+OK >a@b<"), None);
    }
}
