//! Real addresses on the command line.

use std::net::{SocketAddr, ToSocketAddrs};

use super::Failure;

/// `127.0.0.1:2525`, `localhost:2525`, `:2525` or `2525`. Anything but loopback must be allowed.
pub(super) fn parse(option: &str, text: &str, allow_remote: bool) -> Result<SocketAddr, Failure> {
    let wrong = |why: &str| Failure::Use(format!("{option} {text}: {why}; expected an address such as 127.0.0.1:2525"));
    let (host, port) = match text.rsplit_once(':') {
        Some(("", port)) => ("127.0.0.1", port),
        Some((host, port)) => (host, port),
        None => ("127.0.0.1", text),
    };
    let port: u16 = port.parse().map_err(|_| wrong("this is no port"))?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let found = (host, port).to_socket_addrs().map_err(|e| wrong(&e.to_string()))?;
    let mut found: Vec<SocketAddr> = found.collect();
    // The old address first: most servers of a lab listen there only.
    found.sort_by_key(SocketAddr::is_ipv6);
    let address = *found.first().ok_or_else(|| wrong("this name has no address"))?;
    if !address.ip().is_loopback() {
        if !allow_remote {
            return Err(Failure::Use(format!(
                "{option} {text}: this is not this computer alone. Teaching servers with teaching passwords belong on the \
                 loopback interface, 127.0.0.1; --allow-remote opens them to others all the same"
            )));
        }
        anstream::eprintln!(
            "mailpath: warning: {option} {address} reaches beyond this computer. Nothing here is safe to be used in earnest."
        );
    }
    Ok(address)
}
