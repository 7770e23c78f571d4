//! Price tables of any text: refused with exit 2, or whole, with every lint looked at.
#![no_main]

use batchwise::diagnostic::Exit;
use batchwise::prices::check::check;
use batchwise::pricing::PriceTable;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match PriceTable::parse("prices.yaml", text) {
        Ok(table) => drop(check(&table, None, "prices.yaml", text)),
        Err(failure) => assert_eq!(failure.exit, Exit::Usage, "{failure}"),
    }
});
