//! Bodies that carry their own JSON Schema, so that the two cannot drift apart.
//!
//! [`body!`](crate::http::schema::body) declares a struct once and derives both what is sent and
//! what the OpenAPI document says about it: a field's type decides its schema, its doc comment
//! is its description.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::hub::HubError;
use crate::model::{
    AccountId, Character, ChildId, DeliveryId, Failure, InviteId, ItemId, MeetingId, PictureId,
    SessionId, Sign, Timestamp, ToyAddress, ToyId,
};

/// The named schemas of the document, filled while bodies describe themselves.
#[derive(Default)]
pub(super) struct Components(BTreeMap<&'static str, Value>);

impl Components {
    /// Describes a body once and returns a reference to it.
    pub(super) fn describe(
        &mut self,
        name: &'static str,
        about: &str,
        fields: impl FnOnce(&mut Self) -> Vec<Field>,
    ) -> Value {
        if !self.0.contains_key(name) {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for Field { name, mut schema, about, is_required } in fields(self) {
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("description".to_owned(), json!(about.trim()));
                }
                properties.insert(name.to_owned(), schema);
                if is_required {
                    required.push(name);
                }
            }
            let schema = json!({
                "type": "object",
                "description": about.trim(),
                "properties": properties,
                "required": required,
            });
            self.0.insert(name, schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// Returns all of them by name.
    pub(super) fn into_value(self) -> Value {
        json!(self.0)
    }
}

/// A field of a body.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) schema: Value,
    pub(super) about: &'static str,
    pub(super) is_required: bool,
}

/// Something with a JSON Schema.
pub(super) trait Shape {
    /// Whether a body that is sent to us may leave it out.
    const IS_OPTIONAL: bool = false;

    /// Returns the schema, or a reference to it in `known`.
    fn shape(known: &mut Components) -> Value;
}

/// Declares a JSON body: the struct that is serialized and its schema.
macro_rules! body {
    (
        $(#[doc = $about:literal])+
        struct $body:ident {
            $($(#[doc = $meaning:literal])+ $field:ident: $kind:ty,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(serde::Serialize)]
        pub(super) struct $body {
            $($(#[doc = $meaning])+ pub(super) $field: $kind,)+
        }

        impl $crate::http::schema::Shape for $body {
            fn shape(known: &mut $crate::http::schema::Components) -> serde_json::Value {
                let about = concat!($($about),+);
                known.describe(stringify!($body), about, |known| {
                    vec![$($crate::http::schema::Field {
                        name: stringify!($field),
                        schema: <$kind as $crate::http::schema::Shape>::shape(known),
                        about: concat!($($meaning),+),
                        is_required: true,
                    }),+]
                })
            }
        }
    };
}
pub(super) use body;

/// Declares a JSON body that is sent to us, and its schema. It has no `Debug`: passwords come so.
macro_rules! asked {
    (
        $(#[doc = $about:literal])+
        struct $body:ident {
            $($(#[doc = $meaning:literal])+ $field:ident: $kind:ty,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(serde::Deserialize)]
        pub(super) struct $body {
            $($(#[doc = $meaning])+ $field: $kind,)+
        }

        impl $crate::http::schema::Shape for $body {
            fn shape(known: &mut $crate::http::schema::Components) -> serde_json::Value {
                let about = concat!($($about),+);
                known.describe(stringify!($body), about, |known| {
                    vec![$($crate::http::schema::Field {
                        name: stringify!($field),
                        schema: <$kind as $crate::http::schema::Shape>::shape(known),
                        about: concat!($($meaning),+),
                        is_required: !<$kind as $crate::http::schema::Shape>::IS_OPTIONAL,
                    }),+]
                })
            }
        }
    };
}
pub(super) use asked;

/// A closed list of words.
pub(super) trait Vocabulary {
    /// Returns all of them.
    fn words() -> Vec<&'static str>;
}

/// One word of a closed list.
pub(super) struct Word<V>(&'static str, PhantomData<V>);

impl<V: Vocabulary> Word<V> {
    /// Wraps a word that the vocabulary holds.
    pub(super) const fn new(word: &'static str) -> Self {
        Self(word, PhantomData)
    }
}

impl<V> Serialize for Word<V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

impl<V: Vocabulary> Shape for Word<V> {
    fn shape(_known: &mut Components) -> Value {
        json!({ "type": "string", "enum": V::words() })
    }
}

/// A word that is sent to us, of a closed list. One that is not in it is refused with
/// [`Code::BadChoice`](super::code::Code::BadChoice).
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Chosen<V>(String, #[serde(skip)] PhantomData<V>);

impl<V> Chosen<V> {
    /// Returns what was chosen.
    pub(super) fn pick(&self, from: impl Fn(&str) -> Option<V>) -> Result<V, HubError> {
        from(&self.0).ok_or(HubError::BadChoice)
    }
}

impl<V: Vocabulary> Shape for Chosen<V> {
    fn shape(known: &mut Components) -> Value {
        Word::<V>::shape(known)
    }
}

impl Vocabulary for Character {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl Vocabulary for Failure {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl Vocabulary for Sign {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

/// An answer that says nothing but that it was done.
#[derive(Serialize)]
pub(super) struct Nothing {}

impl Shape for Nothing {
    fn shape(_known: &mut Components) -> Value {
        json!({ "type": "object" })
    }
}

/// The Bluetooth address of a toy, in full: only guardians are told.
pub(super) struct Address(pub(super) ToyAddress);

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.in_full())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl Shape for Address {
    fn shape(_known: &mut Components) -> Value {
        json!({ "type": "string", "pattern": "^[0-9A-F]{2}(:[0-9A-F]{2}){5}$" })
    }
}

/// The 64 peaks of a sound.
pub(super) struct Waveform(pub(super) [u8; 64]);

impl Serialize for Waveform {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0)
    }
}

impl Shape for Waveform {
    fn shape(known: &mut Components) -> Value {
        json!({ "type": "array", "items": u8::shape(known), "minItems": 64, "maxItems": 64 })
    }
}

macro_rules! shapes {
    ($($kind:ty => $schema:tt,)+) => {$(
        impl Shape for $kind {
            fn shape(_known: &mut Components) -> Value {
                json!($schema)
            }
        }
    )+};
}

shapes! {
    bool => { "type": "boolean" },
    u8 => { "type": "integer", "minimum": 0, "maximum": 255 },
    i16 => { "type": "integer", "minimum": (i16::MIN), "maximum": (i16::MAX) },
    u16 => { "type": "integer", "minimum": 0, "maximum": 65_535 },
    u32 => { "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 },
    i64 => { "type": "integer", "minimum": (i64::MIN), "maximum": (i64::MAX) },
    usize => { "type": "integer", "minimum": 0 },
    String => { "type": "string" },
    Zeroizing<String> => { "type": "string" },
    &'static str => { "type": "string" },
    Timestamp => { "type": "integer", "format": "int64" },
    AccountId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    ChildId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    DeliveryId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    InviteId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    ItemId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    MeetingId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    PictureId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    SessionId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
    ToyId => { "type": "string", "pattern": "^[a-z2-7]{26}$" },
}

impl<T: Shape> Shape for Vec<T> {
    fn shape(known: &mut Components) -> Value {
        json!({ "type": "array", "items": T::shape(known) })
    }
}

impl<T: Shape> Shape for Option<T> {
    const IS_OPTIONAL: bool = true;

    fn shape(known: &mut Components) -> Value {
        let mut inner = T::shape(known);
        let Some(kind) = inner.get("type").cloned() else {
            return json!({ "anyOf": [inner, { "type": "null" }] });
        };
        if let Some(schema) = inner.as_object_mut() {
            schema.insert("type".to_owned(), json!([kind, "null"]));
            if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
        }
        inner
    }
}
