//! Whole runs over logs of any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| batchwise_fuzz::whole_run(bytes));
