//! HTTP, both ends.

use std::sync::Arc;

use mailpath::http::Method;
use mailpath::http::client::{self, Request};
use mailpath::http::server;

use super::wire::{Use, feed, play, seeds};

pub fn server(data: &[u8]) {
    let with = Use::of(data);
    let config = Arc::new(server::Config { keep_alive: with.bit(0), ..Default::default() });
    let host = || -> Box<dyn FnMut(server::Request) -> server::Answer> {
        Box::new(|request: server::Request| {
            let object = server::Object::new("text/html", &b"<p>hello"[..]);
            server::Answer::Object((request.path == "/").then_some(object))
        })
    };
    play(&with, || server::Server::new(Arc::clone(&config)), host);
}

pub fn server_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "GET / HTTP/1.1\r\nHost: www.a.example\r\nUser-Agent: x\r\n\r\nHEAD /none HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1\r\n",
        "GET http://a.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "OPTIONS * HTTP/1.1\nHost: a\n\n",
    ])
}

pub fn client(data: &[u8]) {
    let with = Use::of(data);
    let config = Arc::new(client::Config { most_head: 500, most_body: 1000, ..Default::default() });
    let head = || Request { method: Method::Head, ..Request::get("/b.png") };
    let paths = || vec![Request::get("/"), Request::get("/a.png"), Request::post("/a", &b"x=1"[..]), head()];
    let make = || client::Client::new(Arc::clone(&config), "www.a.example".into(), paths(), with.bit(0));
    // A response that comes before its request was sent belongs to nobody: then the client gives up.
    feed(&with, make, || Box::new(|never| match never {}));
}

pub fn client_seeds() -> Vec<Vec<u8>> {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/html\r\n\r\nhello";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let other = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n\
                 HTTP/1.1 304 Not Modified\r\n\r\n";
    seeds(&[
        ok,
        &[ok, chunked, ok].concat(),
        chunked,
        other,
        "HTTP/1.0 200 OK\r\n\r\nto the end",
        "HTTP/1.1 99999 x\r\n\r\n",
    ])
}
