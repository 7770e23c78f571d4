//! Turns the built-in price table from YAML into JSON when the program is built, since JSON loads several times as fast.
//!
//! Every scalar but true and false becomes a text, so that the same strict types read it from either form; a test holds
//! both forms equal.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=pricing.yaml");
    let table: Yaml = serde_yaml::from_str(&fs::read_to_string("pricing.yaml")?)?;
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(folder.join("pricing.json"), serde_json::to_string(&json(table)?)?)?;
    Ok(())
}

fn json(value: Yaml) -> Result<Json, Box<dyn Error>> {
    Ok(match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(_) | Yaml::String(_) => Json::String(text(&value)?),
        Yaml::Sequence(items) => Json::Array(items.into_iter().map(json).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => Json::Object(
            entries
                .into_iter()
                .map(|(key, value)| Ok((text(&key)?, json(value)?)))
                .collect::<Result<_, Box<dyn Error>>>()?,
        ),
        Yaml::Tagged(_) => return Err("tags have no meaning in a price table".into()),
    })
}

/// A scalar as it is written. The shortest text of a float is the one in the file: prices have few digits.
fn text(value: &Yaml) -> Result<String, Box<dyn Error>> {
    match value {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => Ok(whole.to_string()),
            (None, Some(float)) => Ok(float.to_string()),
            (None, None) => Err("a number without a value".into()),
        },
        other => Err(format!("{other:?} is no scalar").into()),
    }
}
