//! What of a connection is sealed, and the secrets that open it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tls::Secret;
use crate::topology::{ConnId, Side};

/// A connection with TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Where the records begin: in the client's stream, in the server's.
    from: [u64; 2],
    /// Of both directions, as a key log has them.
    secrets: Vec<Secret>,
}

impl Sealed {
    /// Where the records begin in the stream of one end.
    pub fn from(&self, side: Side) -> u64 {
        self.from[side as usize]
    }

    /// The lines of its key log.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

/// All of them. Shared with the clones of a world until something is added.
pub(super) type Table = BTreeMap<ConnId, Arc<Sealed>>;

/// One end begins with TLS, behind so many bytes that it has sent and received.
pub(super) fn begin(table: &mut Table, conn: ConnId, side: Side, (sent, received): (u64, u64)) {
    match table.get_mut(&conn) {
        // Of its own stream an end knows more than the other one, which may throw bytes away.
        Some(sealed) => Arc::make_mut(sealed).from[side as usize] = sent,
        None => {
            let mut from = [received; 2];
            from[side as usize] = sent;
            table.insert(conn, Arc::new(Sealed { from, secrets: Vec::new() }));
        }
    }
}

/// Both ends have the same secrets. Those that were not known are told.
pub(super) fn add_secrets(table: &mut Table, conn: ConnId, secrets: Vec<Secret>, mut told: impl FnMut(&Secret)) {
    let Some(sealed) = table.get_mut(&conn) else { return };
    for secret in secrets {
        if !sealed.secrets.contains(&secret) {
            told(&secret);
            Arc::make_mut(sealed).secrets.push(secret);
        }
    }
}
