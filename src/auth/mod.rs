//! Who may say that a mail comes from a domain: SPF (RFC 7208), DKIM (RFC 6376, RFC 8463), DMARC (RFC 7489), and the
//! field that tells what was found (RFC 8601).
//!
//! ```text
//!              looks at                                   asks DNS for
//!  spf         address of the client, MAIL FROM (or HELO) TXT of that domain, and what the record names
//!  dkim        the letter's bytes, DKIM-Signature fields  TXT of <selector>._domainkey.<d=>
//!  dmarc       the domain in From, and what the two found TXT of _dmarc.<domain>
//! ```
//! Nothing here does I/O. A check is a function of what is known ([`Known`]); where an answer of DNS is missing, it says
//! which ([`Missing`]), and is called again when the answer is there. So a check needs no state of its own, and the
//! questions leave one after the other, in the order in which a reader of the record would ask them.

mod lookup;
pub mod spf;
pub mod dkim;
pub mod dmarc;
pub mod results;

pub use lookup::{Known, Missing};
