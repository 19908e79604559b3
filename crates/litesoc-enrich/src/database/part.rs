//! [`Part`]: reading values whose type is not known beforehand, and making nothing of the wrong ones.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Longest text that is taken, in bytes; what is longer is no name.
const MAX_TEXT: usize = 256;

/// Something that is filled from a value of any type; by default it takes nothing.
pub(super) trait Part<'a> {
    fn scalar(&mut self, _value: Scalar<'a>) {}

    fn member<A: MapAccess<'a>>(&mut self, _name: &'a str, members: &mut A) -> Result<(), A::Error> {
        skip(members)
    }

    fn elements<A: SeqAccess<'a>>(&mut self, elements: &mut A) -> Result<(), A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Reads over the value of a member.
pub(super) fn skip<'a, A: MapAccess<'a>>(members: &mut A) -> Result<(), A::Error> {
    members.next_value::<IgnoredAny>().map(drop)
}

/// Fills a part from the value of a member.
pub(super) fn read<'a, A: MapAccess<'a>>(members: &mut A, part: &mut impl Part<'a>) -> Result<(), A::Error> {
    members.next_value_seed(Fill(part))
}

/// The value of a member, if it is a text.
pub(super) fn text<'a, A: MapAccess<'a>>(members: &mut A) -> Result<Option<&'a str>, A::Error> {
    scalar(members).map(Scalar::text)
}

/// The value of a member, if it is a number or a text that is one.
pub(super) fn number<'a, A: MapAccess<'a>>(members: &mut A) -> Result<Option<f64>, A::Error> {
    scalar(members).map(Scalar::number)
}

/// The value of a member, if it is no container.
pub(super) fn scalar<'a, A: MapAccess<'a>>(members: &mut A) -> Result<Scalar<'a>, A::Error> {
    struct Only<'a>(Scalar<'a>);
    impl<'a> Part<'a> for Only<'a> {
        fn scalar(&mut self, value: Scalar<'a>) {
            self.0 = value;
        }
    }
    let mut only = Only(Scalar::Nothing);
    read(members, &mut only)?;
    Ok(only.0)
}

/// A value that is no container.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    Text(&'a str),
    Number(f64),
    Flag(bool),
    Nothing,
}

impl<'a> Scalar<'a> {
    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text).filter(|text| (1..=MAX_TEXT).contains(&text.len())),
            Self::Number(_) | Self::Flag(_) | Self::Nothing => None,
        }
    }

    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.parse().ok(),
            Self::Flag(_) | Self::Nothing => None,
        }
    }

    pub(super) fn flag(self) -> bool {
        match self {
            Self::Flag(flag) => flag,
            Self::Number(number) => number != 0.0,
            Self::Text(text) => text == "1" || text.eq_ignore_ascii_case("true"),
            Self::Nothing => false,
        }
    }

    /// The number of an autonomous system, as a number or as `AS64500`.
    pub(super) fn asn(self) -> Option<u32> {
        let asn = match self {
            Self::Text(text) => {
                let digits = text.trim_start_matches(['A', 'S', 'a', 's']);
                digits.parse().ok()
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it was checked to fit"
            )]
            Self::Number(number) if (0.0..=f64::from(u32::MAX)).contains(&number) => Some(number as u32),
            Self::Number(_) | Self::Flag(_) | Self::Nothing => None,
        };
        // AS 0 is nobody's (RFC 7607); files use it for what is not announced.
        asn.filter(|asn| *asn != 0)
    }
}

/// Fills a part from whatever comes.
pub(super) struct Fill<'p, P>(pub(super) &'p mut P);

impl<'a, P: Part<'a>> DeserializeSeed<'a> for Fill<'_, P> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a, P: Part<'a>> Visitor<'a> for Fill<'_, P> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.0.scalar(Scalar::Text(text));
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.0.scalar(Scalar::Flag(flag));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.0.scalar(Scalar::Number(number));
        Ok(())
    }

    fn visit_f32<E>(self, number: f32) -> Result<(), E> {
        // 52.52 and not 52.52000045776367: the shortest number that is meant is what was written.
        let written = number.to_string().parse();
        self.0.scalar(written.map_or(Scalar::Nothing, Scalar::Number));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "no number of a known schema is that large")]
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.0.scalar(Scalar::Number(number as f64));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "no number of a known schema is that large")]
    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.0.scalar(Scalar::Number(number as f64));
        Ok(())
    }

    fn visit_u128<E>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<&'a str>()? {
            self.0.member(name, &mut members)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<(), A::Error> {
        self.0.elements(&mut elements)
    }
}
