//! The JSON Schema of price tables: the one in the repository, and what it allows.

use std::path::Path;

use serde_json::Value;

use super::SMALL;
use crate::support::{Folder, root, run};

/// What an editor is told, and what the program reads, are one thing.
#[test]
fn the_schema_is_the_one_in_the_repository() {
    let path = root().join("pricing.schema.json");
    let printed = run(["prices", "schema"]).stdout;
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &printed).expect("a writable schema");
    }
    let kept = std::fs::read_to_string(&path).expect("the schema");
    assert!(kept == printed, "pricing.schema.json is not what `prices schema` prints (UPDATE_SCHEMA=1 writes it anew)");
}

#[test]
fn tables_fit_the_schema() {
    let schema: Value = serde_json::from_str(&run(["prices", "schema"]).stdout).expect("JSON");
    let faults = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("a table");
        let table: Value = serde_yaml::from_str(&text).expect("YAML");
        let mut faults = Vec::new();
        fits(&schema, &schema, &table, "", &mut faults);
        faults
    };
    let good = ["pricing.yaml", SMALL, "fixtures/pricing/ok/every-lint.yaml", "fixtures/article/pricing.yaml"];
    for path in good {
        assert_eq!(faults(&root().join(path)), [""; 0], "{path}");
    }
    // An editor sees what stands at the wrong place; what only the program can know it does not.
    let folder = Folder::new();
    let text = std::fs::read_to_string(root().join(SMALL)).expect("the table");
    for (from, to) in [
        ("kind: chat", "kind: video"),
        ("schema: 1", "schema: 2"),
        ("retires: 2027-03-01", "retires: soon"),
        ("input: 2.5", "input: -2.5"),
        ("snapshots: true", "snapshot: true"),
        ("standard: {input: 4, output: 20}", "flex: {input: 4, output: 20}"),
        ("unit: requests", "unit: files"),
        ("272000:", "272000: 5 #"),
    ] {
        assert!(text.contains(from), "{from}");
        let path = folder.write("table.yaml", text.replacen(from, to, 1));
        let parsed: Result<Value, _> = serde_yaml::from_str(&std::fs::read_to_string(&path).expect("a table"));
        assert!(parsed.is_err() || !faults(&path).is_empty(), "the schema allows `{to}`");
    }
}

/// Notes where a value does not fit a schema. It knows the keywords that ours has, and refuses any other.
fn fits(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    for (keyword, part) in schema.as_object().expect("a schema") {
        if !holds(root, keyword, part, value) {
            faults.push(format!("{at}: {value} does not hold {keyword} {part}"));
        }
        if keyword == "$ref" {
            fits(root, definition(root, part), value, at, faults);
        }
    }
    if let Some(items) = schema.get("items") {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            fits(root, items, item, &format!("{at}/{index}"), faults);
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        match (schema.get("properties").and_then(|known| known.get(key)), schema.get("additionalProperties")) {
            (Some(known), _) => fits(root, known, inner, &at, faults),
            (None, Some(Value::Bool(false))) => faults.push(format!("{at}: is not known")),
            (None, Some(further @ Value::Object(_))) => fits(root, further, inner, &at, faults),
            (None, _) => {}
        }
    }
}

fn definition<'s>(root: &'s Value, reference: &Value) -> &'s Value {
    let name = reference.as_str().and_then(|name| name.strip_prefix("#/definitions/")).expect("a definition");
    &root["definitions"][name]
}

/// Whether a keyword holds for a value itself; what is inside it is looked at by [`fits`].
fn holds(root: &Value, keyword: &str, part: &Value, value: &Value) -> bool {
    let list = || part.as_array().into_iter().flatten();
    let fitting = || {
        list().filter(|schema| {
            let mut faults = Vec::new();
            fits(root, schema, value, "", &mut faults);
            faults.is_empty()
        })
    };
    match keyword {
        "$schema"
        | "title"
        | "description"
        | "default"
        | "definitions"
        | "format"
        | "$ref"
        | "properties"
        | "items"
        | "additionalProperties" => true,
        "type" => part.as_str().into_iter().chain(list().filter_map(Value::as_str)).any(|name| is_type(value, name)),
        "const" => part == value,
        "enum" => list().any(|known| known == value),
        "minimum" => !value.is_number() || value.as_f64() >= part.as_f64(),
        "minItems" => value.as_array().is_none_or(|items| Some(items.len() as u64) >= part.as_u64()),
        "pattern" => {
            assert_eq!(part, r"^\d{4}-\d{2}-\d{2}$", "another pattern");
            value.as_str().is_none_or(|text| text.len() == 10 && text.split('-').map(str::len).eq([4, 2, 2]))
        }
        "required" => list().filter_map(Value::as_str).all(|key| !value.is_object() || value.get(key).is_some()),
        "allOf" => fitting().count() == list().count(),
        "anyOf" => fitting().count() > 0,
        "oneOf" => fitting().count() == 1,
        other => panic!("the schema has a keyword `{other}` that this test does not know"),
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type `{other}`"),
    }
}
