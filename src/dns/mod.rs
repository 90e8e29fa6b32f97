//! DNS (RFC 1034, RFC 1035): zones, server, resolver; the wire format is hickory-proto's.

pub mod zone;
