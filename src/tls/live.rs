//! A connection of rustls at work, driven record by record.

use std::io::{Read, Write};
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rustls::client::Resumption;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, Connection, Error, ServerConfig, ServerConnection};

use super::luck;
use super::provider::PROVIDER;
use super::secrets::{Collected, Secret};
use super::session::{Role, Setup};
use crate::engine::TlsInfo;

/// The scenario's time when the connection began: certificates are judged by it.
#[derive(Debug)]
struct Fixed(u64);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(self.0)))
    }
}

pub(super) struct Live {
    connection: Connection,
    generator: ChaCha8Rng,
    secrets: Arc<Collected>,
}

impl Live {
    pub fn new(setup: &Setup) -> Result<Live, Error> {
        let mut generator = setup.seed.rng();
        let secrets = Arc::new(Collected::default());
        let key_log = Arc::clone(&secrets);
        let connection = luck::with(&mut generator, || connection(setup, key_log))?;
        Ok(Live { connection, generator, secrets })
    }

    /// What is to be sent.
    pub fn flush(&mut self) -> Vec<u8> {
        let Live { connection, generator, .. } = self;
        luck::with(generator, || {
            let mut out = Vec::new();
            while connection.wants_write() && connection.write_tls(&mut out).is_ok_and(|n| n > 0) {}
            out
        })
    }

    /// Takes one record in, and gives what was in it.
    pub fn record(&mut self, record: &[u8]) -> Result<Vec<u8>, Error> {
        let Live { connection, generator, .. } = self;
        luck::with(generator, || {
            let mut rest = record;
            let mut plain = Vec::new();
            while !rest.is_empty() && connection.read_tls(&mut rest).is_ok_and(|n| n > 0) {
                let state = connection.process_new_packets()?;
                let from = plain.len();
                plain.resize(from + state.plaintext_bytes_to_read(), 0);
                // So many bytes are there.
                let _ = connection.reader().read_exact(&mut plain[from..]);
            }
            Ok(plain)
        })
    }

    pub fn write(&mut self, plain: &[u8]) {
        let Live { connection, generator, .. } = self;
        // There is no limit to the buffer, so all of it is taken.
        luck::with(generator, || connection.writer().write_all(plain)).ok();
    }

    pub fn close(&mut self) {
        self.connection.send_close_notify();
    }

    pub fn secrets(&self) -> Vec<Secret> {
        self.secrets.take()
    }

    /// Whether the peer has said that it will send nothing more.
    pub fn peer_closed(&mut self) -> bool {
        matches!(self.connection.reader().read(&mut [0]), Ok(0))
    }

    /// What was agreed, once the handshake is over.
    pub fn info(&self, setup: &Setup) -> Option<TlsInfo> {
        if self.connection.is_handshaking() {
            return None;
        }
        let suite = self.connection.negotiated_cipher_suite()?;
        let suite = suite.suite().as_str().unwrap_or("?");
        let name = match (&setup.role, &self.connection) {
            (Role::Client { server_name, .. }, _) => Some(server_name.clone()),
            (Role::Server { .. }, Connection::Server(server)) => server.server_name().map(str::to_owned),
            _ => None,
        };
        Some(TlsInfo { version: "TLS 1.3", suite: suite.replace("TLS13_", "TLS_"), server_name: name })
    }
}

fn connection(setup: &Setup, key_log: Arc<Collected>) -> Result<Connection, Error> {
    let time = Arc::new(Fixed(setup.unix_seconds));
    let versions = &[&rustls::version::TLS13];
    match &setup.role {
        Role::Client { server_name, roots } => {
            let name = ServerName::try_from(server_name.clone())
                .map_err(|_| Error::General(format!("{server_name} is no name that a certificate can have")))?;
            let mut config = ClientConfig::builder_with_details(Arc::clone(&PROVIDER), time)
                .with_protocol_versions(versions)?
                .with_root_certificates(Arc::clone(roots))
                .with_no_client_auth();
            config.key_log = key_log;
            config.resumption = Resumption::disabled();
            Ok(ClientConnection::new(Arc::new(config), name)?.into())
        }
        Role::Server { identity } => {
            let mut config = ServerConfig::builder_with_details(Arc::clone(&PROVIDER), time)
                .with_protocol_versions(versions)?
                .with_no_client_auth()
                .with_single_cert(identity.chain.clone(), identity.key())?;
            config.key_log = key_log;
            // No session is resumed, so no tickets for it: they would be packets that nobody asked about.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
            Ok(ServerConnection::new(Arc::new(config))?.into())
        }
    }
}
