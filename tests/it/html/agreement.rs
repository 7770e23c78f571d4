//! What a page says in one place agrees with what it says in another.

use super::{Tag, check, column_sums, keyed, page_of, sample, tags, units};
use crate::support::fixture;

#[test]
fn figures_that_the_bill_contradicts_are_stopped_and_their_sums_are_one() {
    let bad = ["openai-usage-csv", "openai-cost-csv"].map(|kind| fixture(&format!("formats/{kind}/good.csv")));
    for command in ["report", "plan"] {
        let page = page_of(command, &bad, &[]);
        check(&page);
        assert!(page.contains("<p>Not ready to present: 100.0 % of the $7.41 billed"), "{command}");
        // Beside the picture and in its figures, which leave out what the bill has besides tokens.
        assert!(page.contains("Billed $7.41 for tokens and −$0.78 besides, computed $11.42"), "{command}");
        let billed = column_sums(&page)[&("Days of the bill".to_owned(), "Billed".to_owned())];
        assert_eq!((billed + 5 * 10_i128.pow(15)) / 10_i128.pow(16), 741, "{command}");
        assert!(!page_of(command, &sample(), &[]).contains("Not ready to present"), "{command}");
    }
}

#[test]
fn amounts_of_the_waterfall_stand_beside_their_labels() {
    let page = page_of("plan", &sample(), &[]);
    let all = tags(&page);
    let begin = all.iter().position(|tag| tag.get("id") == Some("waterfall-title")).expect("a waterfall");
    let picture: Vec<&Tag> = all[begin..].iter().take_while(|tag| tag.name != "/svg").collect();
    let lines = |class: &str| -> Vec<&str> {
        picture.iter().filter(|tag| tag.get("class") == Some(class)).filter_map(|tag| tag.get("y")).collect()
    };
    assert!(lines("label").len() > 3);
    assert_eq!(lines("label"), lines("amount"));
}

#[test]
fn what_is_left_of_a_saving_stands_below_it() {
    let (agents, words) = ([fixture("plan/agents.csv")], ["--policy", "fixtures/plan/agents-policy.yaml"]);
    let page = page_of("report", &agents, &words);
    let plan = keyed(&page_of("plan", &agents, &words));
    for key in ["now.batch_only.base", "now.combined.base"] {
        let cents = (units(&plan[key]) + 5 * 10_i128.pow(15)) / 10_i128.pow(16);
        let words = if cents >= 100_000 {
            format!("gross; ${},{:03} net, in the plan", cents / 100_000, (cents + 50) / 100 % 1_000)
        } else {
            format!("gross; ${}.{:02} net, in the plan", cents / 100, cents % 100)
        };
        assert!(page.contains(&words), "{words}");
    }
}

/// Bars of months that are over are in the picture's figures too.
#[test]
fn figures_of_months_begin_with_those_of_the_period() {
    let page = page_of("plan", &[fixture("plan/agents.csv")], &["--policy", "fixtures/plan/agents-policy.yaml"]);
    let rows = page.matches("data-head=\"Rollout\">of the period</td>").count();
    assert_eq!(rows, 8, "months from March to October");
}
