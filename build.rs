//! Turns the built-in price table and mappings from YAML into JSON when the program is built, since JSON loads several
//! times as fast.
//!
//! In the table every scalar but true and false becomes a text, so that the same strict types read it from either form; in
//! mappings whole numbers stay numbers. Tests hold both forms equal.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

/// The mappings of `src/formats.rs`.
const MAPS: &str = "src/formats/maps";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=pricing.yaml");
    println!("cargo::rerun-if-changed={MAPS}");
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    let prices = turn(Path::new("pricing.yaml"), &folder.join("pricing.json"), false)?;
    // What `--version` says of them.
    let checked = newest_check(&prices).ok_or("a price table that nobody checked")?;
    println!("cargo::rustc-env=PRICES_CHECKED={checked}");
    fs::create_dir_all(folder.join("maps"))?;
    for entry in fs::read_dir(MAPS)? {
        let map = entry?.path();
        let name = map.file_stem().ok_or("a mapping without a name")?;
        turn(&map, &folder.join("maps").join(name).with_extension("json"), true)?;
    }
    Ok(())
}

fn turn(yaml: &Path, into: &Path, numbers: bool) -> Result<Json, Box<dyn Error>> {
    let value = json(serde_yaml::from_str(&fs::read_to_string(yaml)?)?, numbers)?;
    fs::write(into, serde_json::to_string(&value)?)?;
    Ok(value)
}

/// The newest day on which anything in a table was checked; days are written so that they order as texts.
fn newest_check(value: &Json) -> Option<&str> {
    match value {
        Json::Object(entries) => {
            let own = entries.get("checked").and_then(Json::as_str);
            own.into_iter().chain(entries.values().filter_map(newest_check)).max()
        }
        Json::Array(items) => items.iter().filter_map(newest_check).max(),
        _ => None,
    }
}

fn json(value: Yaml, numbers: bool) -> Result<Json, Box<dyn Error>> {
    Ok(match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(number) if numbers && number.is_u64() => Json::from(number.as_u64()),
        Yaml::Number(_) | Yaml::String(_) => Json::String(text(&value)?),
        Yaml::Sequence(items) => {
            Json::Array(items.into_iter().map(|item| json(item, numbers)).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(entries) => Json::Object(
            entries
                .into_iter()
                .map(|(key, value)| Ok((text(&key)?, json(value, numbers)?)))
                .collect::<Result<_, Box<dyn Error>>>()?,
        ),
        Yaml::Tagged(_) => return Err("tags have no meaning here".into()),
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
