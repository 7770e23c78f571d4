//! How many tokens a successor takes for the work of a model that is retired.
//!
//! Role: raw YAML → checked ratios, so that a mistake is told with its place. Which models these are is not looked up here.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::Cases;
use crate::money::Factor;
use crate::yaml::{Exactly, UniqueMap};

/// Tokens of the successor for one of the model; here `low` is the fewest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRatio(pub Cases<Factor>);

/// Ratios by the model that is retired, as `provider/model`.
pub type TokenRatios = UniqueMap<String, TokenRatio>;

impl<'de> Deserialize<'de> for TokenRatio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyRatio;
        impl<'de> Visitor<'de> for AnyRatio {
            type Value = TokenRatio;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a ratio such as `1.2` or `{low: 1.0, base: 1.2, high: 1.5}`")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<TokenRatio, E> {
                self.visit_str(&number.to_string())
            }

            // The shortest text of a number with so few decimals is the number that was written.
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<TokenRatio, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TokenRatio, E> {
                let ratio = text.parse().map_err(|error| E::custom(format!("`{text}`: {error}")))?;
                checked(Cases::all(ratio)).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TokenRatio, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Given {
                    low: Exactly<Factor>,
                    base: Exactly<Factor>,
                    high: Exactly<Factor>,
                }
                let given = Given::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                checked(Cases { low: given.low.0, base: given.base.0, high: given.high.0 }).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(AnyRatio)
    }
}

fn checked(ratio: Cases<Factor>) -> Result<TokenRatio, &'static str> {
    if ratio.low == Factor::NOTHING {
        return Err("a token ratio is more than 0; 1.0 changes nothing");
    }
    if ratio.low > ratio.base || ratio.base > ratio.high {
        return Err("token ratios must ascend: low ≤ base ≤ high");
    }
    Ok(TokenRatio(ratio))
}
