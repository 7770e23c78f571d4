//! Records and fields of CSV by their separators: the same as by the rules, one after the other.
#![no_main]

use batchwise::input::csv_index::{CsvIndex, Dialect};
use batchwise::input::csv_rows::{End, Fields, record_end};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [flags, bytes @ ..] = input else { return };
    let (last, width) = (flags & 1 == 1, usize::from(flags >> 1 & 7) + 1);
    let (mut index, mut fields, mut room) = (CsvIndex::default(), Fields::default(), Fields::default());
    let reached = index.find(bytes, 0, Dialect { delimiter: b',', width, longest: usize::MAX }, last);
    let (mut at, mut number) = (0, 0);
    while at < bytes.len() {
        let End::At(end, next) = record_end(&bytes[at..], b',', last) else { break };
        let span = index.record(number);
        assert_eq!(span.range(), at..at + end);
        let record = &bytes[at..at + end];
        let rules = fields.split(record, b',');
        let found = index.fields(&span, bytes, b',', &mut room);
        assert_eq!(found.as_ref().err(), rules.as_ref().err());
        if let Ok(found) = found {
            assert_eq!(found.len(), fields.len());
            for field in 0..fields.len() {
                let one = found.get(field).expect("a field").bytes(bytes).into_owned();
                assert_eq!(one, fields.get(field).expect("a field").bytes(record).into_owned());
            }
        }
        at += next;
        number += 1;
    }
    assert_eq!((index.len(), reached.end), (number, at));
    assert_eq!(index.is_text(), std::str::from_utf8(&bytes[..at]).is_ok());
});
