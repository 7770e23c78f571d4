//! The columns of the sheets of workloads.

use rust_xlsxwriter::Format;

use crate::report::xlsx::cells::letters;
use crate::report::xlsx::style::Style;

/// A column; its place here is its place on the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Workload,
    Provider,
    Model,
    Verdict,
    Band,
    Reasons,
    Owner,
    Requests,
    Cost,
    InBatch,
    Gross,
    Net,
    BaseCase,
    Number,
    NoCache,
    AsSent,
    Primed,
    AllHits,
    Routable,
    Route,
    AtTarget,
    InTime,
    LatePaidTwice,
    IfAllRouted,
    RoutingLow,
    RoutingBase,
    RoutingHigh,
    MovesLow,
    MovesBase,
    MovesHigh,
    GrossLow,
    GrossBase,
    GrossHigh,
    NetLow,
    NetBase,
    NetHigh,
    BeforeLimit,
    WorkloadSaves,
    Begins,
}

use Column as C;

/// What a row costs in batch by how cached prompts are sent, in the order of `CacheWay`.
pub const BY_WAY: [Column; 3] = [C::NoCache, C::AsSent, C::Primed];
/// What routing saves, by case.
pub const ROUTING: [Column; 3] = [C::RoutingLow, C::RoutingBase, C::RoutingHigh];
/// Whether a row may move, by case.
pub const MOVES: [Column; 3] = [C::MovesLow, C::MovesBase, C::MovesHigh];
/// Whether a row is in batch before failures and late results, by case.
pub const IN_BATCH_GROSS: [Column; 3] = [C::GrossLow, C::GrossBase, C::GrossHigh];
/// Whether a row is in batch in the plan, by case.
pub const IN_BATCH_NET: [Column; 3] = [C::NetLow, C::NetBase, C::NetHigh];

/// How the cells of a column look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Name,
    Text,
    Count,
    Money,
    FineMoney,
    FineShare,
    Share,
}

/// Every column with its title.
const COLUMNS: [(Column, &str, Look); 39] = [
    (C::Workload, "Workload", Look::Name),
    (C::Provider, "Provider", Look::Name),
    (C::Model, "Model", Look::Name),
    (C::Verdict, "Verdict", Look::Text),
    (C::Band, "Band", Look::Text),
    (C::Reasons, "Why", Look::Name),
    (C::Owner, "Owner", Look::Name),
    (C::Requests, "Requests in the period", Look::Count),
    (C::Cost, "Cost a month", Look::Money),
    (C::InBatch, "In batch", Look::Money),
    (C::Gross, "Batch saves, gross", Look::Money),
    (C::Net, "Batch saves, net", Look::Money),
    (C::BaseCase, "Saved in the base case", Look::Money),
    (C::Number, "Workload no.", Look::Count),
    (C::NoCache, "In batch without cache", Look::FineMoney),
    (C::AsSent, "In batch as sent today", Look::FineMoney),
    (C::Primed, "In batch after priming", Look::FineMoney),
    (C::AllHits, "In batch, all hits kept", Look::FineMoney),
    (C::Routable, "Cost that routing covers", Look::FineMoney),
    (C::Route, "Route no.", Look::Count),
    (C::AtTarget, "The same at its target", Look::FineMoney),
    (C::InTime, "Back in time", Look::FineShare),
    (C::LatePaidTwice, "Late is paid twice (1: yes)", Look::Count),
    (C::IfAllRouted, "Saved if all is routed", Look::FineMoney),
    (C::RoutingLow, "Routing saves, low", Look::FineMoney),
    (C::RoutingBase, "Routing saves, base", Look::FineMoney),
    (C::RoutingHigh, "Routing saves, high", Look::FineMoney),
    (C::MovesLow, "Moves, low", Look::Share),
    (C::MovesBase, "Moves, base", Look::Share),
    (C::MovesHigh, "Moves, high", Look::Share),
    (C::GrossLow, "In batch on paper, low", Look::Share),
    (C::GrossBase, "In batch on paper, base", Look::Share),
    (C::GrossHigh, "In batch on paper, high", Look::Share),
    (C::NetLow, "In batch, low", Look::Share),
    (C::NetBase, "In batch, base", Look::Share),
    (C::NetHigh, "In batch, high", Look::Share),
    (C::BeforeLimit, "Saved before the limit", Look::FineMoney),
    (C::WorkloadSaves, "Its workload saves", Look::FineMoney),
    (C::Begins, "Begins in month (0: the plan's first)", Look::Count),
];

impl Column {
    /// Its number, from 0.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Its letters.
    pub fn letters(self) -> String {
        letters(self.number())
    }
}

/// Titles in order, and which stand over numbers.
pub fn titles() -> [(&'static str, bool); COLUMNS.len()] {
    COLUMNS.map(|(_, title, look)| (title, !matches!(look, Look::Name | Look::Text)))
}

/// How the rows of each column look.
pub fn looks(style: &Style) -> [&Format; COLUMNS.len()] {
    COLUMNS.map(|(_, _, look)| match look {
        Look::Name => &style.name,
        Look::Text => &style.text,
        Look::Count => &style.count,
        Look::Money => &style.money,
        Look::FineMoney => &style.fine,
        Look::FineShare => &style.fine_share,
        Look::Share => &style.share,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_the_order_of_the_sheet() {
        for (place, (column, title, _)) in (0..).zip(COLUMNS) {
            assert_eq!(column.number(), place, "{title}");
        }
    }
}
