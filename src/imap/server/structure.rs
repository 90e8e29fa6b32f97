//! RFC 3501 section 7.4.2, BODYSTRUCTURE and BODY: the parts of a letter, their types and sizes.

use imap_codec::imap_types::body::{
    BasicFields, Body, BodyStructure, Disposition, MultiPartExtensionData, SinglePartExtensionData, SpecificFields,
};
use imap_codec::imap_types::core::{IString, NString, Vec1};

use super::envelope::{envelope, nstring};
use super::mime::{Entity, Kind, field, with_parameters};

/// Describes a letter; `extended` is BODYSTRUCTURE, else BODY.
pub(super) fn structure(letter: &[u8], extended: bool) -> BodyStructure<'static> {
    describe(letter, &Entity::read(letter), extended)
}

fn describe(letter: &[u8], entity: &Entity, extended: bool) -> BodyStructure<'static> {
    let header = &letter[entity.header.clone()];
    if let Kind::Multi(parts) = &entity.kind {
        let bodies: Vec<_> = parts.iter().map(|part| describe(letter, part, extended)).collect();
        return BodyStructure::Multi {
            bodies: Vec1::try_from(bodies).expect("a multipart that was divided has a part"),
            subtype: string(&entity.media.1),
            extension_data: extended.then(|| MultiPartExtensionData {
                parameter_list: pairs(&entity.parameters),
                tail: Some(disposition(header)),
            }),
        };
    }
    let body = &letter[entity.body.clone()];
    let lines = memchr::memchr_iter(b'\n', body).count() as u32;
    let specific = match &entity.kind {
        Kind::Message(inner) => SpecificFields::Message {
            envelope: Box::new(envelope(&letter[inner.header.clone()])),
            body_structure: Box::new(describe(letter, inner, extended)),
            number_of_lines: lines,
        },
        _ if entity.media.0 == "TEXT" => {
            SpecificFields::Text { subtype: string(&entity.media.1), number_of_lines: lines }
        }
        // What could not be divided, or is nested too deep, is shown as bytes.
        _ if matches!(entity.media.0.as_str(), "MULTIPART" | "MESSAGE") => {
            SpecificFields::Basic { r#type: string("APPLICATION"), subtype: string("OCTET-STREAM") }
        }
        _ => SpecificFields::Basic { r#type: string(&entity.media.0), subtype: string(&entity.media.1) },
    };
    let encoding = field(header, "Content-Transfer-Encoding").unwrap_or_else(|| b"7BIT".to_vec());
    let basic = BasicFields {
        parameter_list: pairs(&entity.parameters),
        id: nstring(field(header, "Content-ID")),
        description: nstring(field(header, "Content-Description")),
        content_transfer_encoding: string(&String::from_utf8_lossy(&encoding).to_ascii_uppercase()),
        size: body.len() as u32,
    };
    BodyStructure::Single {
        body: Body { basic, specific },
        extension_data: extended
            .then(|| SinglePartExtensionData { md5: NString(None), tail: Some(disposition(header)) }),
    }
}

fn disposition(header: &[u8]) -> Disposition<'static> {
    let read = field(header, "Content-Disposition").map(|value| with_parameters(&value));
    let disposition = read.map(|(head, parameters)| (string(&head.to_ascii_uppercase()), pairs(&parameters)));
    Disposition { disposition, tail: None }
}

fn pairs(parameters: &[(String, String)]) -> Vec<(IString<'static>, IString<'static>)> {
    parameters.iter().map(|(name, value)| (string(&name.to_ascii_uppercase()), string(value))).collect()
}

fn string(text: &str) -> IString<'static> {
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    IString::try_from(text).expect("only NUL cannot be said in a literal")
}
