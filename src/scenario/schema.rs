//! The JSON Schema (draft 2020-12) of scenario files, from the same lists as the reader.

use std::net::Ipv4Addr;

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};

use super::json::Json;
use super::read::{FieldInfo, Int, List, Map, Network, Rate, Share};
use super::typed::{File, Filler, RawText};
use super::words::{Body, Domain, Mailbox, Name, Pause, Scalar, Sender};
use crate::time::{Calendar, Duration};

/// What can say which JSON fits it.
pub trait Describe {
    /// Under which name it stands in the definitions; nothing if it is written in place.
    fn name() -> Option<&'static str> {
        None
    }

    /// The schema itself.
    fn describe(generator: &mut SchemaGenerator) -> Schema;

    /// The schema, or a reference to it.
    fn place(generator: &mut SchemaGenerator) -> Schema
    where
        Self: Sized,
    {
        generator.subschema_for::<Described<Self>>()
    }
}

/// Brings [`Describe`] to schemars.
pub struct Described<T>(std::marker::PhantomData<T>);

impl<T: Describe> schemars::JsonSchema for Described<T> {
    fn inline_schema() -> bool {
        T::name().is_none()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::name().unwrap_or(std::any::type_name::<T>()).into()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        std::any::type_name::<T>().into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::describe(generator)
    }
}

/// An object with these fields and no others.
pub(crate) fn object_schema<const N: usize>(about: &str, fields: &[FieldInfo], types: [Schema; N]) -> Schema {
    let mut properties = serde_json::Map::new();
    for (field, mut schema) in fields.iter().zip(types) {
        schema.insert("description".to_owned(), field.doc.trim().into());
        properties.insert(field.name.to_owned(), schema.into());
    }
    let required: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
    json_schema!({
        "type": "object",
        "description": about.trim(),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

impl<const MIN: u64, const MAX: u64> Describe for Int<MIN, MAX> {
    fn describe(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl<T: Describe> Describe for List<T> {
    fn describe(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": T::place(generator) })
    }
}

impl<T: Describe> Describe for Map<T> {
    fn describe(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": T::place(generator) })
    }
}

impl Describe for Json {
    fn describe(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}

impl Describe for Body {
    fn describe(generator: &mut SchemaGenerator) -> Schema {
        let (filler, raw) = (Filler::place(generator), RawText::place(generator));
        let list = json_schema!({ "type": "array", "items": { "type": "string" } });
        json_schema!({ "anyOf": [{ "type": "string" }, list, filler, raw] })
    }
}

macro_rules! texts {
    ($($type:ty: $schema:tt)*) => {$(
        impl Describe for $type {
            fn describe(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

texts! {
    String: { "type": "string" }
    bool: { "type": "boolean" }
    Scalar: { "type": ["string", "integer"] }
    Duration: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ns|us|µs|ms|s|min|h|d|weeks)\s*$" }
    Pause: { "type": "string", "pattern": r"^(off|\s*[0-9]+(\.[0-9]+)?\s*(ns|us|µs|ms|s|min|h|d|weeks)\s*)$" }
    Rate: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*[kMG]?bit/s\s*$" }
    Share: { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$" }
    Network: { "type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/[0-9]+$" }
    Ipv4Addr: { "type": "string", "format": "ipv4" }
    Calendar: { "type": "string", "format": "date-time" }
    Name: { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" }
    Domain: { "type": "string", "pattern": "^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$" }
    Mailbox: { "type": "string", "pattern": "@" }
    Sender: { "type": "string", "pattern": "^(<>|.*@.*)$" }
}

macro_rules! word_schemas {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::scenario::Describe for $type {
            fn describe(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let words: Vec<&str> =
                    <$type as $crate::scenario::words::Word>::WORDS.iter().map(|w| w.0).collect();
                schemars::json_schema!({ "enum": words })
            }
        }
    )*};
}
pub(crate) use word_schemas;

word_schemas! {
    crate::sim::Clock, crate::sim::Arp, crate::topology::Medium, crate::action::Service, crate::action::Look, crate::packet::TcpFlags,
    crate::mail::config::DiskCheck, crate::mail::config::OverQuota, crate::mail::config::ForwardSender,
    crate::mail::config::Checks, crate::smtp::LineEnds, super::words::BareLf,
    crate::engine::TlsPolicy, crate::mail::config::ClientTls, crate::mail::config::ServiceTls, super::words::AccessTls,
    super::words::Authority,
    super::words::Greet, crate::smtp::auth::Mechanism, crate::mail::config::EightBit, crate::smtp::server::Verify,
    crate::smtp::options::Ret, super::words::PacketKind, super::words::RecordType,
}

/// The schema of a scenario file.
pub fn schema() -> serde_json::Value {
    root::<File>("Mailpath scenario", super::FORMAT)
}

/// The schema of a file whose root is `T`, in this version of its format.
pub(crate) fn root<T: Describe>(title: &str, format: u64) -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Described<T>>();
    schema.insert("title".to_owned(), format!("{title}, format {format}").into());
    if let Some(field) = schema.get_mut("properties").and_then(|p| p.get_mut("format")) {
        *field = serde_json::json!({ "const": format, "description": "Version of this format." });
    }
    schema.into()
}

impl<T: Describe> Describe for Box<T> {
    fn name() -> Option<&'static str> {
        T::name()
    }
    fn describe(generator: &mut SchemaGenerator) -> Schema {
        T::describe(generator)
    }
    fn place(generator: &mut SchemaGenerator) -> Schema {
        T::place(generator)
    }
}
