//! Requests: request line and header fields (RFC 9112 section 3, RFC 9110 section 7.2).

use std::fmt::Write;

use super::Config;
use crate::http::one_line;

/// The head of a GET, up to and with its empty line.
pub(super) fn head(config: &Config, host: &str, path: &str, close: bool) -> Vec<u8> {
    let mut head = String::from("GET ");
    push_target(&mut head, path);
    head.push_str(" HTTP/1.1\r\nHost: ");
    head.push_str(&one_line(host));
    head.push_str("\r\nUser-Agent: ");
    head.push_str(&one_line(&config.software));
    head.push_str("\r\nAccept: */*\r\n");
    if close {
        head.push_str("Connection: close\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A path as a request target: it begins with a slash, and what may not stand in it is written as the
/// hexadecimal digits of its bytes (RFC 3986 section 2.1).
fn push_target(head: &mut String, path: &str) {
    if !path.starts_with('/') {
        head.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                write!(head, "%{byte:02X}").expect("a String takes everything");
            }
            b'!'..=b'~' => head.push(char::from(byte)),
            _ => write!(head, "%{byte:02X}").expect("a String takes everything"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_break_out_of_its_line() {
        let head = String::from_utf8(head(&Config::default(), "a\r\nX: 1", "a b\r\nü?q=%41", true)).unwrap();
        assert_eq!(
            head,
            "GET /a%20b%0D%0A%C3%BC?q=%41 HTTP/1.1\r\nHost: aX: 1\r\nUser-Agent: Mailpath\r\nAccept: */*\r\n\
             Connection: close\r\n\r\n"
        );
    }
}
