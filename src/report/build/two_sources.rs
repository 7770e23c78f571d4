//! Inputs that may hold the same calls, such as a gateway's log and a vendor's export, and what a bill says of that.

use super::{ReportInput, listed};
use crate::assess::reconcile::{Reconciliation, Standing};
use crate::diagnostic::{sanitized, sanitized_short};
use crate::input::Input;
use crate::money::{Money, Overflow};
use crate::report::words::cents;
use crate::report::{Note, TWO_SOURCES};

/// Two inputs that cover one provider's same days and know their calls by nothing in common.
pub(super) struct Pair {
    /// What both have, in words.
    words: String,
    /// What a bill of their days says; nothing without one of its own.
    bill: Option<Bill>,
}

/// The bill of the days that both inputs have, in USD.
struct Bill {
    billed: Money,
    /// What the usage of all inputs comes to at list prices.
    computed: Money,
    /// Whether line by line it is for all that they hold, so that no call of them is in both.
    is_for_all: bool,
}

impl Pair {
    /// Whether a bill shows that the two hold different calls.
    pub fn is_settled(&self) -> bool {
        self.bill.as_ref().is_some_and(|bill| bill.is_for_all)
    }

    /// What is worth knowing of the pair.
    pub fn note(&self) -> Note {
        let Self { words, bill } = self;
        let message = match bill {
            Some(Bill { billed, computed, is_for_all: true }) => format!(
                "{words}: the bill of these days, ${}, agrees line by line with the ${} that all of it comes to, so these are different calls and all count",
                cents(*billed),
                cents(*computed)
            ),
            other => {
                let said = match other {
                    Some(Bill { billed, computed, .. }) if computed > billed => format!(
                        ", and the bill of these days is ${} where all of it comes to ${}",
                        cents(*billed),
                        cents(*computed)
                    ),
                    _ => String::new(),
                };
                format!(
                    "{words}{said}: the same calls most likely count twice, so spend and savings are at most what is shown; report one of the two, and the other in a run of its own"
                )
            }
        };
        Note { code: if self.is_settled() { "two-sources-billed" } else { TWO_SOURCES }, message, count: 1 }
    }
}

/// Every such pair.
pub(super) fn pairs(run: &ReportInput<'_>) -> Result<Vec<Pair>, Overflow> {
    let usage: Vec<_> = run.gathered.inputs.iter().filter(|input| !input.ledger.providers.is_empty()).collect();
    let mut pairs = Vec::new();
    for (later, other) in usage.iter().enumerate() {
        for one in &usage[..later] {
            let Some(how) = same_calls(run, one, other) else { continue };
            pairs.push(Pair { words: words(&how, one, other), bill: bill(run, one, other)? });
        }
    }
    Ok(pairs)
}

fn words(how: &SameCalls, one: &Input, other: &Input) -> String {
    let providers = one.ledger.providers.intersection(&other.ledger.providers);
    let providers = listed(providers.map(|name| sanitized(name).into_owned()));
    let [one, other] = [one, other].map(|input| sanitized_short(&input.name, 60));
    match how {
        SameCalls::SummedUp { by_first: true } => {
            format!("{other} logs calls of {providers} on days that {one} sums up")
        }
        SameCalls::SummedUp { by_first: false } => {
            format!("{one} logs calls of {providers} on days that {other} sums up")
        }
        SameCalls::SumsOfBoth => format!("{one} and {other} both sum up calls of {providers} on the same days"),
        SameCalls::OtherIds => {
            format!("{one} and {other} log calls of {providers} on the same days under ids of their own")
        }
    }
}

/// What the bill says of the days and providers that both have. What a log states of its own calls is no bill of the other's.
fn bill(run: &ReportInput<'_>, one: &Input, other: &Input) -> Result<Option<Bill>, Overflow> {
    let Some(found) = super::reconciliation::known(run).filter(|found| !found.is_stated_by_rows) else {
        return Ok(None);
    };
    let (a, b) = (&one.ledger, &other.ledger);
    let Some(((a_first, a_last), (b_first, b_last))) = a.usage_days.zip(b.usage_days) else { return Ok(None) };
    let (first, last) = (a_first.max(b_first), a_last.min(b_last));
    let is_shared = |name: &str| a.providers.contains(name) && b.providers.contains(name);
    let places = found.places.iter();
    let places = places.filter(|(place, _)| (first..=last).contains(&place.day) && is_shared(&place.provider));
    let shared = Reconciliation { places: places.cloned().collect(), ..Reconciliation::default() };
    let billed = Money::sum(shared.places.iter().filter_map(|(_, sides)| sides.billed))?;
    let computed = Money::sum(shared.places.iter().filter_map(|(_, sides)| sides.computed))?;
    let is_for_all = shared.standing()? == Standing::Usable;
    Ok((!billed.is_zero()).then_some(Bill { billed, computed, is_for_all }))
}

/// Why two inputs cannot tell whether they hold the same calls.
enum SameCalls {
    /// One has single calls, and the other sums of calls.
    SummedUp { by_first: bool },
    /// Both have sums of calls.
    SumsOfBoth,
    /// Each has ids of its own, or none.
    OtherIds,
}

/// Inputs of one format, and sums of one vendor, know each other's rows again; see [`crate::input::overlap`].
fn same_calls(run: &ReportInput<'_>, one: &Input, other: &Input) -> Option<SameCalls> {
    let [format, known] = [one, other].map(|input| &run.reading.formats[input.sniffed.format].mapping);
    let (a, b) = (&one.ledger, &other.ledger);
    if format.name == known.name || !run.gathered.share_days(one, other) {
        return None;
    }
    let [sums, other_sums] = [a, b].map(|ledger| ledger.bucket_seconds.is_some());
    let is_one_account = format.provider.is_some() && format.provider == known.provider;
    if a.has_calls && other_sums {
        Some(SameCalls::SummedUp { by_first: false })
    } else if sums && b.has_calls {
        Some(SameCalls::SummedUp { by_first: true })
    } else if a.has_calls && b.has_calls {
        let have_ids = !(format.own_ids || known.own_ids || a.has_calls_without_id || b.has_calls_without_id);
        (!have_ids).then_some(SameCalls::OtherIds)
    } else {
        (!is_one_account).then_some(SameCalls::SumsOfBoth)
    }
}
