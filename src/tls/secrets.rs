//! The secrets of a connection, as a key log has them (RFC 9850): who has them can open the records.

use std::fmt;
use std::sync::Mutex;

use rustls::KeyLog;

/// One line of a key log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// `CLIENT_TRAFFIC_SECRET_0` and its like.
    pub label: String,
    /// The ClientHello's random: it names the connection.
    pub client_random: [u8; 32],
    /// The secret itself.
    pub secret: Vec<u8>,
}

/// As in a file: label, random and secret in hexadecimal digits.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = |f: &mut fmt::Formatter<'_>, bytes: &[u8]| bytes.iter().try_for_each(|b| write!(f, "{b:02x}"));
        write!(f, "{} ", self.label)?;
        hex(f, &self.client_random)?;
        f.write_str(" ")?;
        hex(f, &self.secret)
    }
}

/// Where rustls puts them.
#[derive(Debug, Default)]
pub(super) struct Collected(Mutex<Vec<Secret>>);

impl Collected {
    /// Those that came since the last call.
    pub fn take(&self) -> Vec<Secret> {
        // A lock is poisoned by a panic only, and then nobody comes here.
        self.0.lock().map(|mut secrets| std::mem::take(&mut *secrets)).unwrap_or_default()
    }
}

impl KeyLog for Collected {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        if let (Ok(client_random), Ok(mut secrets)) = (client_random.try_into(), self.0.lock()) {
            secrets.push(Secret { label: label.to_owned(), client_random, secret: secret.to_vec() });
        }
    }
}
