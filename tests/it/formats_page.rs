//! What formats say about themselves, and the page in `docs` that is made of it.

use std::fs;

use batchwise::formats::mapping::TargetField;
use batchwise::formats::{Kind, registry};
use batchwise::usage::DataGap;

use crate::support::{root, run};

/// What a format can leave open has to be answered by its mapping, so that a report can say what a better export adds.
#[test]
fn built_in_formats_say_all_about_themselves() {
    let mut missing = Vec::new();
    for format in registry().expect("built-in formats") {
        let mapping = &format.mapping;
        let mut needs = |what: &str, is_there: bool| {
            if !is_there {
                missing.push(format!("{} lacks `{what}`", mapping.name));
            }
        };
        needs("tells", !mapping.tells.is_empty());
        needs("how_to_get", !mapping.how_to_get.is_empty());
        needs("source", !mapping.source.is_empty());
        let spec =
            |target: TargetField| mapping.fields.0.iter().find(|(known, _)| *known == target).map(|(_, spec)| spec);
        let is_always_told =
            |text: &str| spec(TargetField::Batch).and_then(|spec| spec.value_of(TargetField::Batch, text)).is_some();
        let is_batch = spec(TargetField::Batch).is_some_and(|spec| spec.always.is_some());
        let tells_batch = is_batch || mapping.batch_told && (spec(TargetField::Batch).is_none() || is_always_told(""));
        let is_bill = mapping.kind == Kind::Bill;
        let is_sums = mapping.end.is_some() || mapping.span.is_some();
        let gap = |gap: DataGap| mapping.better.advice(gap).is_some();
        needs("better: workload", gap(DataGap::Workload));
        needs("better: batch", gap(DataGap::Batch) || tells_batch);
        needs("better: context", gap(DataGap::Context) || !is_sums || is_bill && spec(TargetField::Window).is_none());
        needs("better: model", gap(DataGap::Model) || !is_bill);
        needs("cannot_tell", !mapping.cannot_tell.is_empty() || mapping.provider.is_none());
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_page_of_formats_is_made_from_the_registry() {
    let path = root().join("docs/formats.md");
    let made = run(["formats", "--format", "markdown"]).stdout;
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).expect("a writable file");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, made, "run `UPDATE_DOCS=1 cargo test --test it formats`");
    for format in registry().expect("built-in formats") {
        let name = &format.mapping.name;
        assert!(made.contains(&format!("\n## {name}\n")), "a section for {name}");
        let one = run(["formats", name.as_str()]);
        assert_eq!(one.code, 0);
        assert!(run(["formats"]).stdout.contains(&one.stdout), "`formats {name}` says what `formats` says of it");
    }
    let unknown = run(["formats", "no-such-format"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
}
