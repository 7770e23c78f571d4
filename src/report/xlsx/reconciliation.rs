//! The sheets of the bill: what was computed beside what was billed, from the whole down to token class and day.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::amounts::Amounts;
use super::cells::Page;
use super::number;
use super::style::Style;
use crate::money::Money;
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};
use crate::report::{Compared, ControlTotal, Reconciliation};

const HEAD: u32 = 4;
/// The first column of amounts.
const AMOUNTS: u16 = 4;
/// Lines of a list; the others are summed.
const MOST_LINES: usize = 20_000;
const NOTE: &str =
    "Residual is billed − computed. An amount with more digits than a spreadsheet holds stands beside it as text.";

/// A table: four columns that say what is compared, three of amounts, and what comes of it.
struct Table<'t> {
    title: &'static str,
    head: [(&'static str, bool); 4],
    amounts: [&'static str; 3],
    verdict: (&'static str, bool),
    rows: Vec<Row<'t>>,
}

struct Row<'t> {
    words: [&'t str; 4],
    days: Option<u64>,
    amounts: [Option<Money>; 3],
    verdict: &'t str,
}

const SIDES: [&str; 3] = ["Computed", "Billed", "Residual"];

/// The sheet, and one each for what is compared by day and as finely as the bill is written.
pub fn sheets(style: &Style, draft: &Draft<'_>) -> Result<Vec<Worksheet>, XlsxError> {
    let found = draft.report.reconciliation.as_ref();
    let mut sheets = vec![whole(style, found, &draft.report.control_totals)?];
    let lists = found.map(|found| {
        [
            ("Bill by day", "Each day of each provider, in USD.", &found.days),
            ("Bill by line", "As finely as the bill is written, in USD.", &found.lines),
        ]
    });
    for (name, note, lines) in lists.into_iter().flatten().filter(|(_, _, lines)| !lines.is_empty()) {
        sheets.push(list(style, name, note, lines)?);
    }
    Ok(sheets)
}

fn whole(style: &Style, found: Option<&Reconciliation>, totals: &[ControlTotal]) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    let notes = ["What the price table makes of the usage beside what the bill says, in USD, in the period.", NOTE];
    let mut page = Page::new(&mut sheet, style, "Reconciliation", &notes)?;
    page.widths(&[24, 30, 16, 12])?;
    let mut tables: Vec<Table<'_>> =
        found.map(|found| vec![providers(found), models(found), items(found)]).unwrap_or_default();
    tables.push(controls(totals));
    tables.retain(|table| !table.rows.is_empty());
    let rows = || tables.iter().flat_map(|table| &table.rows);
    let columns = Amounts::new(AMOUNTS, rows().map(|row| row.amounts));
    let last = columns.last() + 1;
    page.sheet.set_column_width(last, 20)?;
    let mut line = HEAD;
    match found {
        None => {
            page.text(line, 0, "No bill stands beside the usage, so nothing was compared.", &style.text)?;
            line += 2;
        }
        Some(Reconciliation { coverage: Some(coverage), .. }) => {
            page.text(line, 0, "Share of the billed dollars that agree", &style.text)?;
            page.sheet.write_number_with_format(line, 2, number::nearest(coverage), &style.fine_share)?;
            line += 2;
        }
        Some(_) => {}
    }
    for table in &tables {
        page.text(line, 0, table.title, &style.heading)?;
        line += 1;
        page.head(line, 0, &table.head)?;
        columns.head(&mut page, line, table.amounts)?;
        let (title, is_number) = table.verdict;
        let (head, look) =
            if is_number { (&style.head_number, &style.right) } else { (&style.head_indented, &style.indented) };
        page.sheet.write_string_with_format(line, last, title, head)?;
        for row in &table.rows {
            line += 1;
            for (column, text) in (0..).zip(row.words) {
                page.text(line, column, text, &style.name)?;
            }
            page.count(line, AMOUNTS - 1, row.days)?;
            columns.write(&mut page, line, row.amounts, &style.fine)?;
            page.text(line, last, row.verdict, look)?;
        }
        line += 2;
    }
    // Tables with heads of their own: of these none can stay in sight for all.
    page.sheet.set_print_area(0, 0, line.saturating_sub(2).max(HEAD), last)?;
    Ok(sheet)
}

/// Sums of days, and of all of them.
fn providers(found: &Reconciliation) -> Table<'_> {
    let mut names: Vec<&str> = found.days.iter().map(|day| &*day.provider).collect();
    names.sort_unstable();
    names.dedup();
    let mut rows: Vec<Row<'_>> = names
        .into_iter()
        .map(|name| {
            let own = || found.days.iter().filter(|day| &*day.provider == name);
            let (computed, billed) = (own().filter_map(|day| day.computed), own().filter_map(|day| day.billed));
            let amounts = [sum(computed), sum(billed), sum(own().map(|day| day.residual))].map(Some);
            Row { words: [name, "", "", ""], days: Some(own().count() as u64), amounts, verdict: "" }
        })
        .collect();
    rows.push(Row {
        words: ["All", "", "", ""],
        days: None,
        amounts: [found.computed, found.billed, found.residual].map(Some),
        verdict: found.standing,
    });
    Table {
        title: "By provider",
        head: [("Provider", false), ("", false), ("", false), ("Days", true)],
        amounts: SIDES,
        verdict: ("Standing", false),
        rows,
    }
}

fn models(found: &Reconciliation) -> Table<'_> {
    let rows = found.models.iter().map(|model| Row {
        words: [&model.provider, &model.model, "", ""],
        days: Some(model.days),
        amounts: [model.computed, model.billed, model.residual].map(Some),
        verdict: model.agreed_ratio.as_deref().unwrap_or_default(),
    });
    Table {
        title: "By model, on the days that both sides have",
        head: [("Provider", false), ("Model", false), ("", false), ("Days", true)],
        amounts: SIDES,
        verdict: ("Billed ÷ computed", true),
        rows: rows.collect(),
    }
}

fn items(found: &Reconciliation) -> Table<'_> {
    let rows = found.items.iter().map(|item| Row {
        words: [&item.provider, &item.item, item.kind, ""],
        days: None,
        amounts: [item.list_value, Some(item.billed), None],
        verdict: "",
    });
    Table {
        title: "Billed for what is no token",
        head: [("Provider", false), ("Item", false), ("Kind", false), ("", false)],
        amounts: ["At list price", "Billed", ""],
        verdict: ("", false),
        rows: rows.collect(),
    }
}

fn controls(totals: &[ControlTotal]) -> Table<'_> {
    let rows = totals.iter().map(|total| Row {
        words: [
            total.provider.as_deref().unwrap_or("all"),
            total.unmet.as_deref().unwrap_or_default(),
            total.source,
            &total.month,
        ],
        days: None,
        amounts: [total.found, Some(total.total), Some(total.difference)],
        verdict: if total.met { "met" } else { "not met" },
    });
    Table {
        title: "Control totals of the policy",
        head: [("Provider", false), ("Why it is not met", false), ("Of what", false), ("Month", false)],
        amounts: ["Found", "Expected", "Difference"],
        verdict: ("", false),
        rows: rows.collect(),
    }
}

fn list(style: &Style, name: &str, note: &str, all: &[Compared]) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    let mut page = Page::new(&mut sheet, style, name, &[note, NOTE])?;
    let titles: &[(&str, bool)] = if all.iter().any(|line| line.model.is_some() || line.token_class.is_some()) {
        &[("Provider", false), ("Day", false), ("Model", false), ("Token class", false)]
    } else {
        &[("Provider", false), ("Day", false)]
    };
    page.widths(&[24, 12, 30, 16][..titles.len()])?;
    page.head(HEAD, 0, titles)?;
    let (shown, others) = all.split_at(all.len().min(MOST_LINES));
    let rest = [
        Some(sum(others.iter().filter_map(|line| line.computed))),
        Some(sum(others.iter().filter_map(|line| line.billed))),
        Some(sum(others.iter().map(|line| line.residual))),
    ];
    let amounts = |line: &Compared| [line.computed, line.billed, Some(line.residual)];
    let first = u16::try_from(titles.len()).unwrap_or(AMOUNTS);
    let columns = Amounts::new(first, shown.iter().map(amounts).chain([rest]));
    columns.head(&mut page, HEAD, SIDES)?;
    let last = columns.last() + 1;
    page.sheet.write_string_with_format(HEAD, last, "Verdict", &style.head_indented)?;
    page.sheet.set_column_width(last, 20)?;
    let mut row = HEAD;
    for line in shown {
        row += 1;
        let words = [
            &line.provider,
            &*line.day,
            line.model.as_deref().unwrap_or_default(),
            line.token_class.unwrap_or_default(),
        ];
        for (column, text) in (0..first).zip(words) {
            page.text(row, column, text, &style.name)?;
        }
        columns.write(&mut page, row, amounts(line), &style.fine)?;
        page.text(row, last, line.verdict, &style.indented)?;
    }
    page.sheet.autofilter(HEAD, 0, row, last)?;
    if !others.is_empty() {
        row += 1;
        page.text(row, 0, &format!("{} more lines", grouped(others.len() as u128)), &style.text)?;
        columns.write(&mut page, row, rest, &style.fine)?;
    }
    page.finish(HEAD, last, 1, (row, last))?;
    Ok(sheet)
}
