//! The examples of RFC 9110 and RFC 9112, word for word, whole and cut at every byte.

use std::sync::Arc;

use mailpath::engine::{Engine, Input, Output};
use mailpath::http::client::{self, Client};
use mailpath::http::server::{self, Answer, Object, Server};
use mailpath::http::{Method, Validators};
use mailpath::time::Instant;

/// RFC 9110 section 3.9.
const HELLO: &[u8] = b"Hello World! My content includes a trailing CRLF.\r\n";

/// What a server says to `input`, cut in pieces of `step` bytes: the request that its host was asked, and its bytes.
fn serve(input: &[u8], step: usize) -> (Vec<server::Request>, String) {
    let mut server = Server::new(Arc::default());
    server.handle_input(Instant::ZERO, Input::Connected);
    server.handle_input(Instant::ZERO, Input::Writable(1 << 16));
    let (mut asked, mut said) = (Vec::new(), Vec::new());
    for piece in input.chunks(step) {
        server.handle_input(Instant::ZERO, Input::Bytes(piece));
        loop {
            match server.poll_output() {
                Output::Transmit(bytes) => said.extend(bytes),
                Output::Ask(id, request) => {
                    let validators = Validators {
                        etag: Some("\"34aa387-d-1568eb00\"".to_owned()),
                        last_modified: Some(1_248_290_156),
                    };
                    let object = Object { validators, ..Object::new("text/plain", HELLO) };
                    asked.push(request);
                    server.handle_input(Instant::ZERO, Input::Answer(id, Answer::Object(Some(object))));
                }
                Output::Wait(_) => break,
                _ => {}
            }
        }
    }
    (asked, String::from_utf8(said).unwrap())
}

/// The same for every way to cut it.
fn served(input: &str) -> (Vec<server::Request>, String) {
    let whole = serve(input.as_bytes(), input.len());
    for step in 1..input.len() {
        assert_eq!(serve(input.as_bytes(), step), whole, "{step}");
    }
    whole
}

fn get(path: &str) -> server::Request {
    server::Request { path: path.to_owned(), ..server::Request::default() }
}

/// RFC 9110 section 3.9: the request, and what matters of its response.
#[test]
fn a_page_with_its_validators() {
    let request = "GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\n\
                   Accept-Language: en, mi\r\n\r\n";
    let (asked, said) = served(request);
    assert_eq!(asked, [get("/hello.txt")]);
    for line in [
        "HTTP/1.1 200 OK\r\n",
        "Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\n",
        "ETag: \"34aa387-d-1568eb00\"\r\n",
        "Content-Length: 51\r\n",
        "Content-Type: text/plain\r\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(said.as_bytes().ends_with(HELLO));
}

/// RFC 9112 section 3.2: the four forms of a target.
#[test]
fn targets() {
    let origin = "GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
    assert_eq!(served(origin).0, [get("/where?q=now")]);
    let absolute = "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
    assert_eq!(served(absolute).0, [get("/pub/WWW/TheProject.html")]);
    // A server that is no proxy knows these methods and does not allow them here.
    let authority = "CONNECT www.example.com:80 HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
    let asterisk = "OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n";
    for request in [authority, asterisk] {
        let (asked, said) = served(request);
        assert!(asked.is_empty() && said.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{said}");
    }
}

/// RFC 9112 section 6.1: codings that are known by name only; section 7.1 with an extension and a trailer.
#[test]
fn transfer_codings() {
    let head = "POST /form HTTP/1.1\r\nHost: www.example.org\r\nTransfer-Encoding: ";
    assert!(served(&format!("{head}gzip, chunked\r\n\r\n")).1.starts_with("HTTP/1.1 501 Not Implemented\r\n"));
    let chunked =
        format!("{head}chunked\r\n\r\n7;name=\"a;b\"\r\nto=bob&\r\nA\r\nsubject=hi\r\n000\r\nExpires: 0\r\n\r\n");
    let (asked, said) = served(&chunked);
    let [request] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((request.method, &request.body[..]), (Method::Post, &b"to=bob&subject=hi"[..]));
    assert!(said.starts_with("HTTP/1.1 405 "), "it is a page like others");
}

/// RFC 9110 section 3.9: the response, as a client reads it.
#[test]
fn the_response_is_read_whole_however_it_is_cut() {
    let head = "HTTP/1.1 200 OK\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\n\
                Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\nETag: \"34aa387-d-1568eb00\"\r\n\
                Accept-Ranges: bytes\r\nContent-Length: 51\r\nVary: Accept-Encoding\r\nContent-Type: text/plain\r\n\r\n";
    let response = [head.as_bytes(), HELLO].concat();
    for step in 1..=response.len() {
        let requests = vec![client::Request::get("/hello.txt")];
        let mut client = Client::new(Arc::default(), "www.example.com".to_owned(), requests, true);
        client.handle_input(Instant::ZERO, Input::Connected);
        client.handle_input(Instant::ZERO, Input::Writable(1 << 16));
        let mut received = Vec::new();
        let mut poll = |client: &mut Client| {
            loop {
                match client.poll_output() {
                    Output::Event(client::Event::Received { status, told, body, .. }) => {
                        received.push((status, told.etag.clone(), told.last_modified.clone(), body.to_vec()));
                    }
                    Output::Wait(_) => break,
                    _ => {}
                }
            }
        };
        poll(&mut client);
        for piece in response.chunks(step) {
            client.handle_input(Instant::ZERO, Input::Bytes(piece));
            poll(&mut client);
        }
        let etag = Some("\"34aa387-d-1568eb00\"".to_owned());
        let date = Some("Wed, 22 Jul 2009 19:15:56 GMT".to_owned());
        assert_eq!(received, [(200, etag, date, HELLO.to_vec())], "{step}");
    }
}
