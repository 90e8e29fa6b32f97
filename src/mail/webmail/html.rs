//! Pages as a browser reads them: as much of HTML as is needed to find links and forms and to fill these in. Any bytes
//! give a page.

use std::borrow::Cow;

use html_escape::decode_html_entities as decode;

/// What can be clicked and filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Links: where they lead, and their text.
    pub links: Vec<(String, String)>,
    /// Forms.
    pub forms: Vec<Form>,
}

/// A form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Its fields: name, and what stands in it.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Whether it has a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(n, _)| n == name)
    }

    /// Writes into a field; nothing happens if there is none of that name.
    pub fn fill(&mut self, name: &str, value: &str) {
        if let Some(field) = self.fields.iter_mut().find(|(n, _)| n == name) {
            value.clone_into(&mut field.1);
        }
    }

    /// As it is sent (`application/x-www-form-urlencoded`): a line ends with CR LF there, however it was typed.
    pub fn encoded(&self) -> Vec<u8> {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.fields {
            out.append_pair(name, &value.replace("\r\n", "\n").replace('\n', "\r\n"));
        }
        out.finish().into_bytes()
    }
}

/// Reads a page.
pub fn read(bytes: &[u8]) -> Page {
    let text = String::from_utf8_lossy(bytes);
    let mut page = Page::default();
    let mut rest: &str = &text;
    while let Some((tag, behind)) = next_tag(rest) {
        let inner = || decode(behind.split('<').next().unwrap_or_default()).trim().to_owned();
        match tag.name.to_ascii_lowercase().as_str() {
            "a" => page.links.extend(tag.attribute("href").map(|href| (href.into_owned(), inner()))),
            "form" => {
                let action = tag.attribute("action").unwrap_or_default().into_owned();
                page.forms.push(Form { action, fields: Vec::new() });
            }
            kind @ ("input" | "textarea") => {
                let value = match kind {
                    "input" => tag.attribute("value").unwrap_or_default().into_owned(),
                    _ => inner(),
                };
                if let (Some(form), Some(name)) = (page.forms.last_mut(), tag.attribute("name")) {
                    form.fields.push((name.into_owned(), value));
                }
            }
            _ => {}
        }
        rest = behind;
    }
    page
}

/// The part of a tag between `<` and `>`.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of an attribute; an empty one if it has none.
    fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (key, behind) = rest.split_at(end);
            let (value, behind) = match behind.strip_prefix('=') {
                Some(behind) => match behind.chars().next() {
                    Some(quote @ ('"' | '\'')) => behind[1..].split_once(quote).unwrap_or((&behind[1..], "")),
                    _ => behind.split_at(behind.find(char::is_whitespace).unwrap_or(behind.len())),
                },
                None => ("", behind),
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(decode(value));
            }
            rest = behind.trim_start();
        }
        None
    }
}

/// The next tag, and what stands behind it. A `>` in quotes does not end it.
fn next_tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let text = &text[text.find('<')? + 1..];
    let mut quote = None;
    let end = text.char_indices().find(|(_, c)| match (quote, c) {
        (None, '"' | '\'') => {
            quote = Some(*c);
            false
        }
        (Some(open), c) => {
            if open == *c {
                quote = None;
            }
            false
        }
        (None, c) => *c == '>',
    });
    let (inside, behind) = end.map_or((text, ""), |(at, _)| (&text[..at], &text[at + 1..]));
    let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let (name, attributes) = inside.split_at(name_end);
    Some((Tag { name, attributes }, behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_and_forms_are_found() {
        let page = read(
            b"<!DOCTYPE html><h1>Hi</h1><A HREF='/a?b=1&amp;c=2'>A &amp; B</a>\
              <form method=\"post\" action=\"/send\"><input name=to value=\"&lt;bob&gt; > x\"><input type=submit>\
              <textarea name=\"text\">a &lt; b</textarea></form>",
        );
        assert_eq!(page.links, [("/a?b=1&c=2".to_owned(), "A & B".to_owned())]);
        let mut form = page.forms[0].clone();
        assert_eq!(form.action, "/send");
        assert_eq!(form.fields, [("to", "<bob> > x"), ("text", "a < b")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        form.fill("text", "1 + 1 = 2 & more\nü");
        form.fill("nothing", "x");
        assert!(form.has("to") && !form.has("nothing"));
        assert_eq!(
            String::from_utf8(form.encoded()).unwrap(),
            "to=%3Cbob%3E+%3E+x&text=1+%2B+1+%3D+2+%26+more%0D%0A%C3%BC"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_page(bytes in prop::collection::vec(
            prop_oneof![prop::sample::select(b"<>=\"' aform&;/".to_vec()), any::<u8>()], 0..80)) {
            for form in read(&bytes).forms {
                let _ = form.encoded();
            }
        }

        #[test]
        fn what_is_filled_in_arrives(value in "[^\r]{0,40}") {
            let mut form = Form { action: "/".to_owned(), fields: vec![("text".to_owned(), String::new())] };
            form.fill("text", &value);
            let encoded = form.encoded();
            let (name, read) = form_urlencoded::parse(&encoded).next().unwrap();
            prop_assert_eq!((&*name, read.replace("\r\n", "\n")), ("text", value));
        }
    }
}
