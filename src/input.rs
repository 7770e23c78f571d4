//! Reading: named files → rows, each accounted for.
//!
//! Role: opens everything, recognises it, cuts it into blocks, and hands accepted rows to the rollup on several
//! threads; see [`pass`]. The result does not depend on how many. What a row means is decided in [`crate::formats`].

mod block_reader;
pub mod blocks;
mod columnar;
pub mod content_hash;
mod checks;
pub mod conflicts;
pub mod dates;
pub mod duplicates;
pub mod csv_index;
pub mod csv_rows;
mod csv_scan;
pub mod encoding;
pub mod find;
mod gather;
pub mod gathered;
mod gunzip;
mod handle;
pub mod id_hashes;
pub mod identity;
pub mod ids;
mod json_keys;
pub mod json_layout;
mod json_rows;
mod json_scan;
mod file_signatures;
pub mod ledger;
mod look_again;
pub mod overlap;
pub mod parts;
pub mod pass;
pub mod rank;
pub mod repeats;
pub mod rows;
pub mod scheduler;
pub mod second_pass;

pub mod sniff;
pub mod source;

pub use encoding::Encoding;
pub use gather::gather;
pub use gathered::{Gathered, Input};
pub use ledger::{Ledger, RejectedRow, RowOutcome};
pub use pass::Reading;
pub use sniff::Framing;
pub use sniff::Sniffed;
pub use source::Source;
