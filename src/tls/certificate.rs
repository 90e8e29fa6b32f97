//! Certificates (RFC 5280) made from a seed: an authority of the scenario's own, and what it signs for its servers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::rand_core::Rng;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ED25519, SerialNumber, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::rng::Seed;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 section 7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

fn key(seed: Seed) -> PrivatePkcs8KeyDer<'static> {
    let mut bytes = PKCS8.to_vec();
    bytes.resize(PKCS8.len() + 32, 0);
    seed.child("key").rng().fill_bytes(&mut bytes[PKCS8.len()..]);
    PrivatePkcs8KeyDer::from(bytes)
}

fn pair(key: &PrivatePkcs8KeyDer<'_>) -> KeyPair {
    KeyPair::from_pkcs8_der_and_sign_algo(key, &PKCS_ED25519).expect("any 32 bytes are an Ed25519 key")
}

/// As of all certificates: from 2000 to 2099, so that no scenario's date lies outside.
fn params(common_name: &str, seed: Seed) -> CertificateParams {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2099, 12, 31));
    // Positive, and never 0 (RFC 5280 section 4.1.2.2).
    params.serial_number = Some(SerialNumber::from(seed.child("serial").get() >> 1 | 1));
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// Who signs the certificates of a scenario's servers.
pub struct Authority {
    seed: Seed,
    params: CertificateParams,
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    /// An authority of this name.
    pub fn new(seed: Seed, name: &str) -> Authority {
        let key = pair(&key(seed));
        let mut params = params(name, seed);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("Ed25519 signs anything").der().clone();
        Authority { seed, params, certificate, key }
    }

    /// What a client knows who trusts this authority and no other.
    pub fn roots(&self) -> Roots {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("rcgen writes certificates that webpki reads");
        Roots(Arc::new(roots))
    }

    /// Its certificate in PEM (RFC 7468), for programs that are to trust it.
    pub fn pem(&self) -> String {
        let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for line in STANDARD.encode(&self.certificate).as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text + "-----END CERTIFICATE-----\n"
    }

    /// A key and a certificate for the server of this name, and of `also`, names or addresses; none if it is not a host
    /// name.
    pub fn issue(&self, name: &str, also: &[String]) -> Option<Identity> {
        let seed = self.seed.child(name);
        let key = key(seed);
        let mut params = params(name, seed);
        params.subject_alt_names = vec![rcgen::SanType::DnsName(name.try_into().ok()?)];
        for other in also {
            params.subject_alt_names.push(match other.parse() {
                Ok(address) => rcgen::SanType::IpAddress(address),
                Err(_) => rcgen::SanType::DnsName(other.as_str().try_into().ok()?),
            });
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&pair(&key), &issuer).ok()?.der().clone();
        Some(Identity { name: name.to_owned(), chain: vec![certificate], key })
    }
}

/// The authorities that a client trusts.
#[derive(Clone, Debug)]
pub struct Roots(pub(super) Arc<RootCertStore>);

/// A server's key and certificate.
#[derive(Debug)]
pub struct Identity {
    /// The name in the certificate.
    pub name: String,
    pub(super) chain: Vec<CertificateDer<'static>>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl Identity {
    pub(super) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.key.clone_key())
    }
}
