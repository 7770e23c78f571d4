//! What cached prompts save in batch, by the way in which they are sent, and what to change.

use super::ColumnType::{Rate, Saving, Text as Words};
use super::{
    Cell, LONGEST_NAME, LONGEST_PATH, MOST_POINTS, Row, Section, Table, Text, cut, model, name, text, workloads,
};
use crate::money::{Money, SHARE_DECIMALS, rounded_text};
use crate::report::words::{dollars, percent};
use crate::report::{Report, WaySavings, WorkloadLine};
use crate::usage::CacheWay;

/// How the cache is primed.
pub const HOW_TO_PRIME: &str = "To prime: send one request that begins with the shared prompt, with a one-hour cache, as a batch of its own. It pays for one write of the shared prompt. Send the rest once it is back.";

/// The rows whose prompts are cached in a part that matters, and for which batch is a question.
fn found(report: &Report) -> impl Iterator<Item = (&WorkloadLine, &WaySavings)> {
    report.workloads.iter().filter_map(|line| Some((line, line.cached_prompts.as_ref()?.savings.as_ref()?)))
}

/// What each way saves, and what to do; nothing where no prompts are cached.
pub fn cached_prompts(report: &Report, most: usize) -> Option<Section> {
    found(report).next()?;
    let mut table = Table::new([
        ("Workload", Words),
        ("Model", Words),
        ("Cached today", Rate),
        ("Without cache", Saving),
        ("As sent today", Saving),
        ("Primed", Saving),
    ]);
    let row = |(line, savings): (&WorkloadLine, &WaySavings)| {
        let names = [workloads::with_details(&line.workload, &line.apart), model(&line.provider, &line.model).into()]
            .map(Cell::Text);
        let cached = Cell::Share(Some(rounded_text(&savings.cached_share, SHARE_DECIMALS)));
        Row::new(names.into_iter().chain([cached]).chain(savings.savings.map(Cell::cents)))
    };
    table = table.rows(found(report).map(row), most);
    let said = found(report).filter_map(|(line, savings)| {
        let advice = advice(savings)?;
        Some(text!(name(&line.workload, LONGEST_NAME), ", ", name(&*line.model, LONGEST_PATH), ": ", advice))
    });
    let said: Vec<Text> = cut(said.collect(), report.row_limit(MOST_POINTS), "more workload with cached prompts");
    let how = (!said.is_empty()).then(|| HOW_TO_PRIME.into());
    let intro = "Requests of one batch do not see each other's cache. What a month saves in batch by the way in which cached prompts are sent:";
    let section = Section::new("cached-prompts", "Cached prompts in batch").paragraphs([intro.into()]).table(table);
    Some(section.list(said.into_iter().chain(how)))
}

/// What to change so that cached prompts cost less in batch, in sentences; nothing where the ways differ in nothing.
pub fn advice(found: &WaySavings) -> Option<String> {
    let [without, sent, primed] = CacheWay::ALL.map(|way| found.saved(way));
    let mut said = Vec::new();
    if sent < without {
        said.push(if sent.is_negative() {
            format!("send without cache markers: as they are they would cost {} a month more than today", less(sent))
        } else {
            format!("send without cache markers: saves {} a month, as they are {}", dollars(without), dollars(sent))
        });
    }
    let best = if found.way == CacheWay::AsSent { sent } else { without };
    if primed > without.max(sent) {
        said.push(match best {
            _ if found.way == CacheWay::Primed => {
                format!("counted as primed; without it {} a month is saved, not {}", dollars(without), dollars(primed))
            }
            loss if loss.is_negative() => {
                format!(
                    "prime the cache with one request: saves {} a month, else {} is lost",
                    dollars(primed),
                    less(loss)
                )
            }
            saved => format!(
                "prime the cache with one request: saves {} a month instead of {}",
                dollars(primed),
                dollars(saved)
            ),
        });
    }
    if let Some(share) = &found.pays_from {
        said.push(format!(
            "batch pays from {} of primed calls on",
            percent(Some(&rounded_text(share, SHARE_DECIMALS)))
        ));
    }
    (!said.is_empty()).then(|| format!("{}.", said.join("; ")))
}

/// An amount that is lost, without its sign.
fn less(saving: Money) -> String {
    dollars(saving).trim_start_matches(['-', '−']).to_owned()
}
