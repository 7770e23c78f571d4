//! The figures of the built-in table, held against the data set they were taken from.
//!
//! The data set is not in the repository. What is: a count and a digest of its facts for each vendor, worked out from it
//! alone, a list of the facts that the table deliberately leaves out, and one of those that it has from elsewhere. The
//! test takes the table apart into facts of the same form, puts the first list in and takes the second out, and must end
//! with the same digests. Whoever changes a figure lists the old one in `omissions.csv` and the new one in
//! `additions.csv`, with the reason and the source.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use batchwise::pricing::{Entry, ModelPrices, PriceTable, Rates};
use batchwise::usage::TokenClass;
use sha2::{Digest, Sha256};

use crate::support::fixture;

/// Vendor, facts about it in the data set of 2026-11-23, and the SHA-256 of their lines in bytewise order.
const FACTS: [(&str, usize, &str); 14] = [
    ("openai", 829, "cb160e12c84b3bf95d8695090ef19b0262e7c12891991b9743e7f4d0fcb043c1"),
    ("anthropic", 329, "7d19d54c08cede86863aa643ae59ed26eba1d3ff657922ee2016eec5a99dea7b"),
    ("gemini", 425, "9c3393a6e55948b18766d11db742138b1fc2b73770d25060bb597ca16ff0cf70"),
    ("mistral", 193, "b4a09cf662e8d789a019837657f804dfafc0774fd2a2944bd27972f0b494e8e9"),
    ("xai", 162, "f4f800b24d27c0132592ee7f7d7609ff9da709fdcea058984bc97aab26d34e44"),
    ("deepseek", 24, "c81152b9abc1f837cf45dcd3b128af3eb499397fdd98f66209a9f0f02c28fe63"),
    ("groq", 27, "77401bea54694b547f6c460c9e13993b52a09be10224e84aac289acc967837b9"),
    ("vertex_ai", 387, "efc54b8556bb016d4ce26a51aa9a3fd80d5566ea592100daa66ea9a23f71456d"),
    ("bedrock", 1019, "49ea71c4fccff14052633556e63a873262e941f3474a341df5b04307661698bb"),
    ("azure", 1041, "84a25e7e6e88b865d77ee22e3c14aebb6f62e3dc1ade57832b02d1e062532af9"),
    ("together", 139, "897ced8839ffa03f6911f5717a3075a2010c86b4f4c7f7ffd8c79d6480cc8562"),
    ("fireworks", 311, "87d18efa81f5c15fab0ba8b368dc8438eabcb129cc9c9194b295add6d8daa188"),
    ("cohere", 18, "e34592a7d12ce025813ef271aac1496ae67953249b31813d1b45d2ba6c7bffa6"),
    ("voyage", 27, "f93a4f45d813d1817065733d3a60086e2ac7dbe4686ef184bae82251b2d71cb5"),
];

/// One fact: `provider|model|from|column|value`.
type Facts = BTreeSet<String>;

#[test]
fn the_table_is_the_data_set_but_for_what_is_listed() {
    let mut facts = facts_of_the_table();
    for fact in listed("additions.csv") {
        assert!(facts.remove(&fact), "additions.csv lists what the table does not say: {fact}");
    }
    for fact in listed("omissions.csv") {
        assert!(facts.insert(fact.clone()), "omissions.csv lists what the table says: {fact}");
    }
    // The facts themselves are kept, so that they can be compared with those of the data set line by line.
    let kept = format!("{}/pricing-facts.txt", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&kept, lines(facts.iter())).expect("a writable folder");
    let mut wrong = String::new();
    for (provider, count, digest) in FACTS {
        let prefix = format!("{provider}|");
        let own: Vec<&String> = facts.iter().filter(|fact| fact.starts_with(&prefix)).collect();
        let found = sha256(&lines(own.iter().copied()));
        if own.len() != count || found != digest {
            writeln!(wrong, "{provider}: {} facts with {found} instead of {count} with {digest}", own.len())
                .expect("memory");
        }
    }
    assert!(wrong.is_empty(), "{wrong}the facts found are in {kept}");
    assert_eq!(facts.len(), FACTS.iter().map(|(_, count, _)| count).sum::<usize>(), "facts of other vendors: {kept}");
}

/// The lines of a list, whose last column is for people.
fn listed(name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(fixture("pricing").join(name)).expect("a list");
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row");
        assert!(!row[5].is_empty(), "{name}: no reason is given in {row:?}");
        row.iter().take(5).collect::<Vec<_>>().join("|")
    };
    reader.records().map(row).collect()
}

fn lines<'a>(facts: impl Iterator<Item = &'a String>) -> String {
    facts.fold(String::new(), |text, fact| text + fact + "\n")
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn facts_of_the_table() -> Facts {
    let table = PriceTable::built_in().expect("the built-in table");
    let mut facts = Facts::new();
    for (_, model) in table.models() {
        let provider = &table.provider(model.provider).name;
        if let Some(day) = model.retires {
            facts.insert(format!("{provider}|{}||retires|{day}", model.name));
        }
        for entry in &model.entries {
            for (suffix, column, value) in facts_of_an_entry(model, entry) {
                let from = entry.from.map_or_else(String::new, |day| day.to_string());
                facts.insert(format!("{provider}|{}{suffix}|{from}|{column}|{value}", model.name));
            }
        }
    }
    facts
}

/// What an entry says: the suffix of the model's id under which the data set has it, the column and the value.
fn facts_of_an_entry(model: &ModelPrices, entry: &Entry) -> Vec<(&'static str, String, String)> {
    let kind = format!("{:?}", model.kind).to_lowercase();
    let mut facts = vec![("", "kind".to_owned(), kind.clone())];
    if let Some(off_peak) = &entry.off_peak {
        facts.push(("@offpeak", "kind".to_owned(), kind));
        facts.extend(rates("", &off_peak.standard, false).into_iter().map(|(column, rate)| ("@offpeak", column, rate)));
    }
    let mut factors = entry.geo.iter().map(|(_, factor)| factor.to_string());
    if let Some(factor) = factors.next() {
        assert!(factors.all(|other| other == factor), "{}: the data set has one multiplier", model.name);
        facts.push(("", "geo_multiplier".to_owned(), factor));
    }
    assert!(entry.steps.len() <= 2, "{}: the data set has one step", model.name);
    for (size, tiers) in &entry.steps {
        let long = if *size == 0 { "" } else { "long_ctx_" };
        if *size > 0 {
            facts.push(("", "long_ctx_first_prompt".to_owned(), size.to_string()));
        }
        let blocks = [
            ("", tiers.standard, false),
            ("batch_", tiers.batch, true),
            ("flex_", tiers.flex, true),
            ("priority_", tiers.priority, false),
        ];
        for (tier, block, filled) in blocks {
            let block = block.map(|block| rates(&format!("{long}{tier}"), &block, filled)).unwrap_or_default();
            facts.extend(block.into_iter().map(|(column, rate)| ("", column, rate)));
        }
    }
    facts
}

/// The rates of a block. In batch and flex a cached token without a rate costs what input does, so that a cache rate equal
/// to the block's input says nothing; the data set's facts were taken in the same way.
fn rates(prefix: &str, block: &Rates, filled: bool) -> Vec<(String, String)> {
    let cached = [TokenClass::CacheRead, TokenClass::CacheWrite5m, TokenClass::CacheWrite1h];
    let says = |class: &TokenClass| !(filled && cached.contains(class) && block[*class] == block[TokenClass::Input]);
    let rate = |class: TokenClass| Some((format!("{prefix}{}", class.name()), block[class]?.to_string()));
    TokenClass::ALL.into_iter().filter(says).filter_map(rate).collect()
}
