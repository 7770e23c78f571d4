//! What a report says where a price is not what one expects.

use super::Catalogue;
use super::notes::noted;
use crate::support::Run;

const PRICES: &str = "
schema: 1
currency: USD
providers:
  acme:
    batch: {source: \"https://acme.example/batch\", checked: 2026-10-01}
    peak_hours:
      days: {utc: [08:00-20:00], source: \"https://acme.example/prices\", checked: 2026-10-01}
    models:
      swift:
        retires: 2027-01-15
        prices:
          - source: \"https://acme.example/prices\"
            checked: 2026-10-01
            standard: {input: 2, cache_read: 0.2, output: 10}
            batch: {input: 1.6, cache_read: 0.16, output: 8}
          - from: 2026-12-01
            source: \"https://acme.example/prices\"
            checked: 2026-10-01
            standard: {input: 4, cache_read: 0.2, output: 20}
            batch: {input: 2, cache_read: 0.1, output: 10}
          - from: 2027-11-01
            source: \"https://acme.example/prices\"
            checked: 2026-10-01
            standard: {input: 5, cache_read: 0.2, output: 25}
      uneven:
        prices:
          - source: \"https://acme.example/prices\"
            checked: 2026-10-01
            standard: {input: 4, cache_read: 1, output: 10}
            batch: {input: 2, cache_read: 1, output: 9}
            batch_rule: the vendor's page names one discount for all models
      voice:
        kind: realtime
        retires: 2026-10-08
        prices: [{source: \"https://acme.example/prices\", checked: 2026-10-01, standard: {input: 4, output: 16}}]
      tides:
        prices:
          - source: \"https://acme.example/prices\"
            checked: 2026-10-01
            standard: {input: 1, output: 2}
            off_peak: {input: 0.5, output: 1}
            peak_hours: days
  cloud:
    resells: true
    batch: {min_requests: 100, source: \"https://cloud.example/batch\", checked: 2026-10-01}
    models:
      swift:
        prices:
          - source: \"https://cloud.example/prices\"
            checked: 2026-10-01
            standard: {input: 2, cache_read: 0.2, output: 10}
            batch: {input: 1, output: 5}
";

/// A week of calls: of each model some, of `swift` some that name no provider, of `tides` those of an evening.
const CALLS: &str = "\
timestamp,bucket_end,requests,provider,model,input_tokens,cached_input_tokens,output_tokens
2026-10-05T10:00:00Z,,1,acme,swift,1000000,500000,100000
2026-10-06T10:00:00Z,,1,,swift,1000000,0,100000
2026-10-07T10:00:00Z,,1,cloud,swift,1000000,250000,100000
2026-10-08T10:00:00Z,,1,acme,uneven,1000000,100000,100000
2026-10-09T10:00:00Z,,1,acme,voice,100000,0,10000
2026-10-11T19:00:00Z,2026-10-11T21:00:00Z,1,acme,tides,100000,0,10000
";

#[test]
fn prices_that_surprise() {
    let mut catalogue = Catalogue::new();
    let prices = catalogue.folder.write("prices.yaml", PRICES).display().to_string();
    let log = [catalogue.folder.write("calls.csv", CALLS)];
    let json = noted(&mut catalogue, "warnings", &log, &["--prices", &prices], 0);
    let lines = json["exceptions"].as_array().expect("a list").iter().map(|line| format!("{line}\n"));
    let stdout: String = lines.collect();
    for code in [
        "no-batch-price",
        "batch-discount",
        "batch-rule",
        "cache-stacks",
        "cache-lost",
        "cache-not-discounted",
        "minimum-records",
        "retired",
        "retires",
        "price-change",
    ] {
        assert!(stdout.contains(&format!("\"code\":\"{code}\"")), "{code} is not there:\n{stdout}");
    }
    // The price of November 2027 lies behind the plan's two quarters; the policy can look further.
    assert!(!stdout.contains("2027-11-01"), "{stdout}");
    catalogue.enter("exceptions", &Run { stdout, stderr: String::new(), code: 0 });
    let policy =
        catalogue.folder.write("policy.yaml", "schema: 1\nplanning: {quarters: 5}\nbatch: {cache_hit_share: 100%}\n");
    let words = ["--prices", &prices, "--policy", &policy.display().to_string()];
    let json = crate::support::report_json(&log, &words).json();
    let text = json["exceptions"].to_string();
    assert!(text.contains("2027-11-01"), "{text}");
    // Who counts on all hits need not be told that hits would help.
    assert!(!text.contains("cache-stacks"), "{text}");
    catalogue.keep("special-prices");
}
