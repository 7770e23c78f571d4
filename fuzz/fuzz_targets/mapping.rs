//! Mappings of any text: refused with exit 2, or whole.
#![no_main]

use batchwise::diagnostic::Exit;
use batchwise::formats::Format;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Err(failure) = Format::parse("map.yaml", text) {
        assert_eq!(failure.exit, Exit::Usage, "{failure}");
    }
});
