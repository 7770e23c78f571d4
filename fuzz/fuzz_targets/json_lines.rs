//! JSON lines by the layout of the first: what is found at a key is what `serde_json` reads there.
#![no_main]

use std::collections::BTreeMap;

use batchwise::input::json_layout::{JsonLayout, unescaped};
use serde_json::value::RawValue;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some((layout, keys)) = JsonLayout::of(first) else { return };
    let mut spans = vec![(0, 0); layout.width()];
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Some(end) = layout.find(bytes, &(start..bytes.len()), &mut spans, 0, 1) {
            let whole = line.strip_suffix(b"\n").unwrap_or(line);
            assert_eq!(&bytes[start..end], whole, "a line ends where it ends");
            let values: BTreeMap<String, &RawValue> = serde_json::from_slice(whole).expect("a line that is taken is JSON");
            assert_eq!(values.len(), keys.len());
            for (key, &(from, to)) in keys.iter().zip(&spans) {
                let found = unescaped(&bytes[from as usize..to as usize]).expect("a value is text");
                match values[key].get() {
                    "null" => assert_eq!(found, ""),
                    text if text.starts_with('"') => assert_eq!(found, serde_json::from_str::<String>(text).expect("a text")),
                    text => assert_eq!(found, text),
                }
            }
        }
        start += line.len();
    }
});
