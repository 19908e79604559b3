//! [`Record`]: state of one key as bytes, for snapshots and for what is put aside when memory is full.
//!
//! Numbers are little-endian and of fixed width; lists and texts have their length before them.
//! Reading never trusts a length: memory grows with what is there, not with what is announced.

mod json;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

use litesoc_events::EventType;
use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use uuid::Uuid;

use crate::key::Key;

/// The version of all bytes written by this crate. Any change of any record raises it, and older bytes are refused.
pub(crate) const FORMAT: u8 = 5;

/// State of one key that can leave memory and come back.
pub(crate) trait Record: Sized {
    /// Appends the state.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads it back, taking what it read off `input`; `None` when the bytes are none that `write` made.
    fn read(input: &mut &[u8]) -> Option<Self>;

    /// Whether it is worth keeping when memory is full. A key that has shown nothing but one failure is not: else whoever
    /// floods the detector with names pushes out what it has learned.
    fn is_worth_keeping(&self) -> bool;
}

/// A part of a record.
pub(crate) trait Field: Sized {
    /// Appends it.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads it back, taking what it read off `input`.
    fn take(input: &mut &[u8]) -> Option<Self>;
}

/// Makes a struct a [`Field`] of its fields, in this order.
macro_rules! fields {
    ($record:ty { $($field:ident),* $(,)? }) => {
        impl crate::record::Field for $record {
            fn put(&self, out: &mut Vec<u8>) {
                $(crate::record::Field::put(&self.$field, out);)*
            }

            fn take(input: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: crate::record::Field::take(input)?),* })
            }
        }
    };
}
pub(crate) use fields;

/// Takes a fixed number of bytes off the front.
fn bytes<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (front, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*front)
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Field for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn take(input: &mut &[u8]) -> Option<Self> {
                bytes(input).map(Self::from_le_bytes)
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 u128 i64 f32 f64);

impl Field for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        match u8::take(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Field for usize {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u64).put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        u64::take(input)?.try_into().ok()
    }
}

impl Field for Timestamp {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_millis().put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let millis = i64::take(input)?;
        let at = Self::from_millis(millis);
        (at.as_millis() == millis).then_some(at)
    }
}

impl Field for Uuid {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        bytes(input).map(Self::from_bytes)
    }
}

impl Field for Key {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        bytes(input).map(Self::from_bytes)
    }
}

impl Field for IpAddr {
    fn put(&self, out: &mut Vec<u8>) {
        let (four, address) = match self {
            Self::V4(address) => (true, address.to_ipv6_mapped()),
            Self::V6(address) => (false, *address),
        };
        four.put(out);
        out.extend_from_slice(&address.octets());
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let four = bool::take(input)?;
        let address = Ipv6Addr::from(bytes::<16>(input)?);
        if four { address.to_ipv4_mapped().map(Self::V4) } else { Some(Self::V6(address)) }
    }
}

impl Field for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let length = usize::take(input)?;
        let (text, rest) = input.split_at_checked(length)?;
        *input = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}

/// Types that are a text in another coat.
macro_rules! texts {
    ($($text:ty => $as_str:expr),* $(,)?) => {$(
        impl Field for $text {
            fn put(&self, out: &mut Vec<u8>) {
                let text: &str = $as_str(self);
                text.len().put(out);
                out.extend_from_slice(text.as_bytes());
            }

            fn take(input: &mut &[u8]) -> Option<Self> {
                String::take(input).map(|text| Self::from(&*text))
            }
        }
    )*};
}

texts! {
    Box<str> => AsRef::as_ref,
    EventType => Self::as_str,
    AlertType => Self::as_str,
    AlertSeverity => Self::as_str,
}

impl Field for Cow<'static, str> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        String::take(input).map(Cow::Owned)
    }
}

impl<T: Field> Field for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        T::take(input).map(Self::new)
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        if bool::take(input)? { T::take(input).map(Some) } else { Some(None) }
    }
}

impl<T: Field> Field for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let count = usize::take(input)?;
        // Every field takes at least a byte, so more cannot be there.
        let mut values = Self::with_capacity(count.min(input.len() / size_of::<T>().max(1)));
        for _ in 0..count {
            values.push(T::take(input)?);
        }
        Some(values)
    }
}

impl<T: Field + Copy + Default, const N: usize> Field for [T; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|value| value.put(out));
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let mut values = [T::default(); N];
        for value in &mut values {
            *value = T::take(input)?;
        }
        Some(values)
    }
}

impl<A: Field, B: Field> Field for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        Some((A::take(input)?, B::take(input)?))
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let count = usize::take(input)?;
        (0..count).map(|_| T::take(input)).collect()
    }
}

impl<K: Field + Ord, V: Field> Field for BTreeMap<K, V> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let count = usize::take(input)?;
        let mut map = Self::new();
        for _ in 0..count {
            map.insert(K::take(input)?, V::take(input)?);
        }
        Some(map)
    }
}

/// When a silence ends.
impl Record for Timestamp {
    fn write(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::take(input)
    }

    fn is_worth_keeping(&self) -> bool {
        true
    }
}
