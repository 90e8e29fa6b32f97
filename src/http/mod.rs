//! HTTP/1.1 (RFC 9110, RFC 9112): client and server as engines without I/O.
pub mod client;
pub mod server;
