//! What a browser remembers between two requests: cookies (RFC 6265), and copies of objects with their validators
//! (RFC 9111 section 4.3). And where it goes on when it is sent elsewhere (RFC 9110 section 15.4).
//!
//! ```text
//!   Request --dress--> Request with Cookie, If-None-Match  ==>  server
//!   content to show <--read-- response: keeps Set-Cookie, a copy; 304: the copy it has
//! ```
//! Nothing is guessed of how long a copy is good: it is asked for each time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Method;
use super::client::{Request, Told};

/// Most cookies of one host, and most copies: what comes beyond that is not kept.
const MOST: usize = 100;

/// A copy of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// ETag, with its quotes.
    pub etag: Option<String>,
    /// Last-Modified, as the server wrote it.
    pub last_modified: Option<String>,
    /// The object.
    pub body: Arc<[u8]>,
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// By host.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// By host and path.
    copies: BTreeMap<(String, String), Copy>,
}

/// What came of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This is to be shown; `from_copy`: the server has said that the copy is still good.
    Shown {
        /// The content.
        body: Arc<[u8]>,
        /// It was here before.
        from_copy: bool,
    },
    /// It is to be asked for there (same host).
    GoOn(Request),
}

impl Browser {
    /// The request with what the browser adds to it.
    pub fn dress(&self, host: &str, mut request: Request) -> Request {
        if let Some(jar) = self.cookies.get(host).filter(|jar| !jar.is_empty()) {
            let all: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.fields.push(("Cookie", all.join("; ")));
        }
        let copy = self.copies.get(&(host.to_owned(), request.path.clone()));
        if let Some(copy) = copy.filter(|_| request.method == Method::Get) {
            request.fields.extend(copy.etag.clone().map(|etag| ("If-None-Match", etag)));
            request.fields.extend(copy.last_modified.clone().map(|date| ("If-Modified-Since", date)));
        }
        request
    }

    /// Reads a response to what was asked of a host.
    pub fn read(
        &mut self,
        host: &str,
        (method, path): (Method, &str),
        status: u16,
        told: &Told,
        body: &Arc<[u8]>,
    ) -> Outcome {
        for line in &told.set_cookie {
            self.set_cookie(host, line);
        }
        if let Some(request) = redirect(host, method, status, told) {
            return Outcome::GoOn(request);
        }
        let key = (host.to_owned(), path.to_owned());
        if status == 304
            && let Some(copy) = self.copies.get(&key)
        {
            return Outcome::Shown { body: Arc::clone(&copy.body), from_copy: true };
        }
        if method == Method::Get {
            let kept = status == 200 && !told.no_store && (told.etag.is_some() || told.last_modified.is_some());
            if !kept {
                self.copies.remove(&key);
            } else if self.copies.len() < MOST || self.copies.contains_key(&key) {
                let (etag, last_modified) = (told.etag.clone(), told.last_modified.clone());
                self.copies.insert(key, Copy { etag, last_modified, body: Arc::clone(body) });
            }
        }
        Outcome::Shown { body: Arc::clone(body), from_copy: false }
    }

    /// `name=value; attributes` (RFC 6265 section 5.2). Of the attributes only Max-Age=0 counts: no run lasts longer
    /// than a cookie, and each is for the host that has set it.
    fn set_cookie(&mut self, host: &str, line: &str) {
        let mut parts = line.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let (name, value) = (name.trim(), value.trim());
        let gone = parts.any(|p| p.trim().eq_ignore_ascii_case("max-age=0"));
        let jar = self.cookies.entry(host.to_owned()).or_default();
        if gone {
            jar.remove(name);
        } else if !name.is_empty() && (jar.len() < MOST || jar.contains_key(name)) {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Where to go on, if the response says so and it is on the same host. After 303, and as browsers do after 301 and 302 to
/// a POST, it is fetched with GET.
fn redirect(host: &str, method: Method, status: u16, told: &Told) -> Option<Request> {
    let repeats = matches!(method, Method::Get | Method::Head);
    if !(status == 303 || matches!(status, 301 | 302) || (matches!(status, 307 | 308) && repeats)) {
        return None;
    }
    let location = told.location.as_deref()?;
    let path = match location.strip_prefix("http://") {
        Some(rest) => {
            let (to, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            to.eq_ignore_ascii_case(host).then_some(if path.is_empty() { "/" } else { path })?
        }
        None => location.starts_with('/').then_some(location)?,
    };
    // The part behind # is the browser's own (RFC 9110 section 10.2.2).
    let path = path.split('#').next().unwrap_or(path);
    Some(Request { method: if method == Method::Head { method } else { Method::Get }, ..Request::get(path) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOST: &str = "web.a.example";

    fn read(browser: &mut Browser, asked: (Method, &str), status: u16, told: &Told, body: &[u8]) -> Outcome {
        browser.read(HOST, asked, status, told, &Arc::from(body))
    }

    fn fields(browser: &Browser, host: &str, path: &str) -> Vec<(&'static str, String)> {
        browser.dress(host, Request::get(path)).fields
    }

    #[test]
    fn a_cookie_goes_back_to_the_host_that_has_set_it() {
        let mut browser = Browser::default();
        let set =
            |lines: &[&str]| Told { set_cookie: lines.iter().map(|l| (*l).to_owned()).collect(), ..Told::default() };
        read(&mut browser, (Method::Post, "/login"), 200, &set(&["session=a1; HttpOnly", "x=1", "=2", "no"]), b"");
        assert_eq!(fields(&browser, HOST, "/"), [("Cookie", "session=a1; x=1".to_owned())]);
        assert_eq!(fields(&browser, "www.a.example", "/"), []);
        read(&mut browser, (Method::Get, "/"), 200, &set(&["session=; Max-Age=0"]), b"");
        assert_eq!(fields(&browser, HOST, "/"), [("Cookie", "x=1".to_owned())]);
    }

    #[test]
    fn a_copy_is_asked_for_and_shown_again() {
        let mut browser = Browser::default();
        let get = (Method::Get, "/1.png");
        let told =
            Told { etag: Some("\"a1\"".to_owned()), last_modified: Some("yesterday".to_owned()), ..Told::default() };
        let shown = |body: &[u8], from_copy| Outcome::Shown { body: Arc::from(body), from_copy };
        assert_eq!(read(&mut browser, get, 200, &told, b"PNG"), shown(b"PNG", false));
        assert_eq!(
            fields(&browser, HOST, "/1.png"),
            [("If-None-Match", "\"a1\"".to_owned()), ("If-Modified-Since", "yesterday".to_owned())]
        );
        assert_eq!(read(&mut browser, get, 304, &Told::default(), b""), shown(b"PNG", true));
        // A new version that must not be kept.
        assert_eq!(read(&mut browser, get, 200, &Told { no_store: true, ..told }, b"new"), shown(b"new", false));
        assert_eq!(fields(&browser, HOST, "/1.png"), []);
        assert_eq!(read(&mut browser, get, 304, &Told::default(), b""), shown(b"", false));
    }

    #[test]
    fn it_goes_on_where_it_is_sent() {
        let to = |method, status, location: &str| {
            let told = Told { location: Some(location.to_owned()), ..Told::default() };
            match read(&mut Browser::default(), (method, "/a"), status, &told, b"") {
                Outcome::GoOn(request) => Some((request.method, request.path)),
                Outcome::Shown { .. } => None,
            }
        };
        let get = |path: &str| Some((Method::Get, path.to_owned()));
        assert_eq!(to(Method::Post, 303, "/sent"), get("/sent"));
        assert_eq!(to(Method::Get, 301, "http://WEB.a.example/b#c"), get("/b"));
        assert_eq!(to(Method::Get, 302, "http://web.a.example"), get("/"));
        assert_eq!(to(Method::Head, 308, "/b"), Some((Method::Head, "/b".to_owned())));
        assert_eq!(to(Method::Post, 307, "/b"), None, "a form is not sent twice without asking");
        assert_eq!(to(Method::Get, 302, "http://www.a.example/b"), None);
        assert_eq!(to(Method::Get, 200, "/b"), None);
    }

    proptest! {
        #[test]
        fn any_response_is_read(
            location in prop::option::of(".{0,30}"), cookie in ".{0,30}", status in 0u16..600, post in any::<bool>(),
        ) {
            let mut browser = Browser::default();
            let told = Told { location, set_cookie: vec![cookie], ..Told::default() };
            let method = if post { Method::Post } else { Method::Get };
            read(&mut browser, (method, "/"), status, &told, b"x");
            prop_assert!(fields(&browser, HOST, "/").len() <= 1);
        }
    }
}
