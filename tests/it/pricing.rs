//! The facts of the built-in table: every figure that calls are priced by, as the program has it after reading `pricing.yaml`.
//!
//! `fixtures/pricing/facts.csv` keeps them, one a line and sorted, so that a changed price is reviewed as a difference of two
//! lines, wherever it stands in the table. `UPDATE_FACTS=1 cargo test --test it pricing` writes the file anew.

use std::collections::BTreeSet;
use std::fs;

use batchwise::pricing::{Entry, PriceTable, Tiers};
use batchwise::usage::TokenClass;

use crate::support::fixture;

/// The first line of the file; of the model as a whole, `from` is empty.
const HEADER: &str = "provider,model,from,fact,value\n";
/// How many differing facts a failure shows.
const SHOWN: usize = 20;

#[test]
fn the_facts_are_those_that_were_reviewed() {
    let path = fixture("pricing/facts.csv");
    let found = facts_of_the_table();
    if std::env::var_os("UPDATE_FACTS").is_some() {
        fs::write(&path, found.iter().fold(HEADER.to_owned(), |text, fact| text + fact + "\n"))
            .expect("a writable list");
    }
    let text = fs::read_to_string(&path).expect("the list");
    let kept: BTreeSet<String> = text.strip_prefix(HEADER).expect("the header").lines().map(str::to_owned).collect();
    let gone = kept.difference(&found).map(|fact| format!("- {fact}"));
    let new = found.difference(&kept).map(|fact| format!("+ {fact}"));
    let mut different: Vec<String> = gone.chain(new).collect();
    different.sort_by(|one, other| one[2..].cmp(&other[2..]));
    assert!(
        different.is_empty(),
        "{} lines of facts.csv are not those of pricing.yaml (UPDATE_FACTS=1 writes it anew), first of all\n{}",
        different.len(),
        different[..different.len().min(SHOWN)].join("\n")
    );
}

fn facts_of_the_table() -> BTreeSet<String> {
    let table = PriceTable::built_in().expect("the built-in table");
    let mut facts = BTreeSet::new();
    for (id, model) in table.models() {
        let whose = format!("{},{}", table.provider(model.provider).name, model.name);
        let kind = format!("{:?}", model.kind).to_lowercase();
        let mut of_the_model = vec![("kind".to_owned(), kind)];
        of_the_model.extend(model.retires.map(|day| ("retires".to_owned(), day.to_string())));
        of_the_model.extend(model.successor.map(|other| ("successor".to_owned(), table.name_beside(id, other))));
        facts.extend(of_the_model.into_iter().map(|(fact, value)| format!("{whose},,{fact},{value}")));
        for entry in &model.entries {
            let from = entry.from.map_or_else(String::new, |day| day.to_string());
            facts.extend(
                facts_of_an_entry(entry).into_iter().map(|(fact, value)| format!("{whose},{from},{fact},{value}")),
            );
        }
    }
    facts
}

/// The rates of an entry by tier and class, above each size and at hours of their own, and its factors by residency.
fn facts_of_an_entry(entry: &Entry) -> Vec<(String, String)> {
    let mut facts: Vec<_> = entry.geo.iter().map(|(geo, factor)| (format!("geo {geo}"), factor.to_string())).collect();
    for (size, tiers) in &entry.steps {
        let above = if *size == 0 { String::new() } else { format!("above {size} ") };
        facts.extend(rates(&above, tiers));
    }
    facts
}

/// What the blocks state; what follows from a block's input is no fact of its own.
fn rates(prefix: &str, tiers: &Tiers) -> Vec<(String, String)> {
    let rate = |(tier, class, rate)| (format!("{prefix}{tier} {class}"), rate);
    let of_a_tier = tiers.blocks().flat_map(|block| {
        TokenClass::ALL
            .into_iter()
            .filter_map(move |class| Some((block.tier, class.name(), block.stated(class)?.to_string())))
    });
    of_a_tier.map(rate).collect()
}
