//! Files of finished batches, as the APIs give them.

use std::fs;

use batchwise::formats::batches::{Batches, read};
use batchwise::money::Exact;
use batchwise::plan::turnaround::Turnaround;

use crate::support::fixture;

fn batches(name: &str) -> Batches {
    read(&fs::read(fixture(&format!("batches/{name}"))).expect("a fixture")).expect("batches")
}

#[test]
fn pages_of_openai() {
    let Batches { times_ms, expired, others } = batches("openai.json");
    assert_eq!((times_ms.len(), expired, others), (22, 1, 1));
    let turnaround = Turnaround::from_batches(times_ms, expired);
    assert!(!turnaround.is_thin());
    // 18 of 23, rounded down.
    assert_eq!(turnaround.in_time(3_600_000), Exact::new(782_608.into(), 1_000_000.into()));
}

#[test]
fn lines_of_anthropic() {
    let mut read = batches("anthropic.jsonl");
    read.times_ms.sort_unstable();
    assert_eq!(
        read,
        Batches { times_ms: [4, 9, 35, 61].map(|minutes| minutes * 60_000).into(), expired: 1, others: 2 }
    );
    assert!(Turnaround::from_batches(read.times_ms, read.expired).is_thin());
}
