//! `docs/methodology.md` is worked out again: every example in it, from what it gives to what it says comes out.
//!
//! An example is a block marked `text example=NAME`. Each of its lines is a label, two spaces or more, and a value; a
//! line that begins with `=` is a result. Nothing that is given may be left unused, and results must be the page's, in
//! its order. A new example needs its arm in [`work_out`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use batchwise::assess::movers::Halves;
use batchwise::assess::{batch_rates, cost_of};
use batchwise::calendar::{Day, Month, Period};
use batchwise::money::{DecimalStyle, Exact, Money, Percent, decimal, round_half_even};
use batchwise::plan::break_even::{CacheSums, PaysUpTo, failed_share, limit_words};
use batchwise::plan::fallback::Fallback;
use batchwise::plan::forecast::{self, Band, Forecast, Growth, Rate, base_months, live};
use batchwise::plan::ladder::{Buyer, Offer, Rung};
use batchwise::plan::months::{MonthSpend, series};
use batchwise::plan::routing::{Published, Reroute, published, together};
use batchwise::plan::turnaround::Turnaround;
use batchwise::policy::budget::Schedule;
use batchwise::policy::planning::Quantile;
use batchwise::policy::{GrowthSetting, LeastSaving, Wait};
use batchwise::pricing::Rates;
use batchwise::scenario::monthly;
use batchwise::usage::{BatchCache, CacheWay, PerClass, TokenClass};

use crate::price_tables::{Model, acme, price};
use crate::support::{Folder, finish, program, root};

/// An example as it stands on the page.
struct Example {
    name: String,
    given: BTreeMap<String, String>,
    results: Vec<(String, String)>,
}

impl Example {
    fn read(name: &str, lines: &[&str]) -> Self {
        let mut example = Self { name: name.to_owned(), given: BTreeMap::new(), results: Vec::new() };
        for line in lines {
            let (result, line) = line.strip_prefix("= ").map_or((false, *line), |line| (true, line));
            let (label, value) = line.split_once("  ").unwrap_or_else(|| panic!("{name}: no value in `{line}`"));
            let (label, value) = (label.to_owned(), value.trim().to_owned());
            if result {
                example.results.push((label, value));
            } else {
                assert!(example.given.insert(label, value).is_none(), "{name}: `{line}` is given twice");
            }
        }
        example
    }

    /// Takes a value that is given, if it is.
    fn maybe(&mut self, label: &str) -> Option<String> {
        self.given.remove(label)
    }

    fn take(&mut self, label: &str) -> String {
        self.maybe(label).unwrap_or_else(|| panic!("{}: `{label}` is not given", self.name))
    }

    fn list(&mut self, label: &str) -> Vec<String> {
        self.take(label).split(", ").map(ToOwned::to_owned).collect()
    }

    fn dollars(&mut self, label: &str) -> Money {
        money(self.take(label).strip_prefix('$').expect("dollars"))
    }

    fn share(&mut self, label: &str) -> Exact {
        self.take(label).parse::<Percent>().expect("a share").exact()
    }

    fn whole(&mut self, label: &str) -> u32 {
        self.take(label).parse().expect("a whole number")
    }

    /// Whether what is late is paid twice, as the share of it.
    fn billed(&mut self) -> Exact {
        let billed = self.take("paid twice");
        assert!(["yes", "no"].contains(&billed.as_str()), "{}: billed {billed}", self.name);
        Exact::from_integer(i32::from(billed == "yes").into())
    }

    /// The only month of a period of which each weekday costs what is given.
    fn month(&mut self) -> (Period, MonthSpend) {
        let period = self.take("period");
        let (from, to) = period.split_once(" to ").expect("two days");
        let period = Period { from: from.parse().expect("a day"), to: to.parse().expect("a day") };
        let weekdays = self.weekdays();
        let months = spent(period, |day| weekdays[usize::from(day.weekday())]);
        let [month] = <[MonthSpend; 1]>::try_from(months).expect("one month");
        (period, month)
    }

    /// Spend a day by weekday, Monday first.
    fn weekdays(&mut self) -> [Option<Money>; 7] {
        const LABELS: [(&str, &[usize]); 5] = [
            ("Monday to Friday", &[0, 1, 2, 3, 4]),
            ("Saturday, Sunday", &[5, 6]),
            ("Monday", &[0]),
            ("Tuesday", &[1]),
            ("Wednesday", &[2]),
        ];
        let mut spend = [None; 7];
        for (label, weekdays) in LABELS {
            if let Some(value) = self.maybe(label) {
                let value = value.strip_prefix('$').and_then(|value| value.strip_suffix(" a day"));
                for weekday in weekdays {
                    spend[*weekday] = Some(money(value.expect("dollars a day")));
                }
            }
        }
        spend
    }

    /// Complete months, each with its spend on a Monday.
    fn months(&mut self) -> Vec<MonthSpend> {
        let first: Month = self.take("first month").parse().expect("a month");
        let spend = self.list("dollars a Monday");
        let last = first.plus(u32::try_from(spend.len()).expect("few") - 1);
        let a_day = |day: Day| {
            if day.weekday() != 0 {
                return None;
            }
            let month = (0..).zip(&spend).find(|(ahead, _)| first.plus(*ahead) == day.month());
            month.map(|(_, dollars)| money(dollars))
        };
        spent(Period { from: first.first(), to: last.last() }, a_day)
    }

    fn turnaround(&mut self) -> Turnaround {
        let Some(words) = self.maybe("turnaround") else {
            let times = self.list("finished").iter().map(|time| wait(time)).collect();
            let batches = Turnaround::from_batches(times, self.whole("expired").into());
            let factor = self.maybe("weekend factor").map(|factor| factor.parse().expect("a factor"));
            return factor.map_or(batches.clone(), |factor| batches.with_weekends(factor));
        };
        match words.as_str() {
            "published" => Turnaround::published(),
            "conservative" => Turnaround::conservative(),
            points => {
                let quantile = |point: &str| {
                    let (share, within) = point.strip_prefix('p')?.split_once(' ')?;
                    Some(Quantile { share: format!("{share}%").parse().ok()?, within: Wait(wait(within)) })
                };
                let quantiles = points.split(", ").map(|point| quantile(point).expect("a point")).collect::<Vec<_>>();
                Turnaround::from_quantiles(&quantiles)
            }
        }
    }

    /// Calls on a route: in dollars, or of one dollar by ratios. What is not given is nothing.
    fn reroute(&mut self) -> Reroute {
        let (cost, target_cost) = if let Some(ratio) = self.maybe("price ratio") {
            (Exact::from_integer(1.into()), money(&self.take("output ratio")).exact() / money(&ratio).exact())
        } else {
            (self.dollars("cost").exact(), self.dollars("target cost").exact())
        };
        let mut share = |label: &str| {
            let share = self.maybe(label).map(|text| text.parse::<Percent>().expect("a share"));
            share.unwrap_or_default().exact()
        };
        Reroute { cost, target_cost, escalation: share("escalation"), overhead: share("overhead") }
    }

    /// Tokens by class.
    fn tokens(&mut self) -> PerClass<u128> {
        let mut tokens = PerClass::default();
        for part in self.list("tokens") {
            let (count, class) = part.split_once(' ').expect("a count");
            let class = match class {
                "in" | "plain" => TokenClass::Input,
                "read" => TokenClass::CacheRead,
                "written" => TokenClass::CacheWrite5m,
                _ => TokenClass::Output,
            };
            tokens[class] = count.parse().expect("a count");
        }
        tokens
    }

    /// Rates of a block.
    fn rates(&mut self, label: &str) -> Rates {
        let mut rates = Rates::default();
        for part in self.list(label) {
            let (class, rate) = part.rsplit_once(' ').expect("a rate");
            let class = if class == "cache write" { "cache_write_5m".to_owned() } else { class.replace(' ', "_") };
            rates[TokenClass::named(&class).expect("a class")] = Some(rate.parse().expect("a rate"));
        }
        rates
    }

    /// Calls with a cache.
    fn cached(&mut self) -> CacheSums {
        let (tokens, own, batch) = (self.tokens(), self.rates("standard"), self.rates("batch"));
        let cache = BatchCache { hits: self.take("hits kept").parse().expect("a share"), ..BatchCache::default() };
        CacheSums::of(&tokens, &own, &batch_rates(&batch, cache)).expect("all rates")
    }

    /// What a fallback comes to at this chance.
    fn fallback(&mut self, in_time: Exact) -> Fallback {
        Fallback {
            cost: self.dollars("cost"),
            batch_cost: self.dollars("batch cost"),
            in_time,
            failure_share: Percent::ZERO,
            doubled: self.billed(),
        }
    }
}

fn money(text: &str) -> Money {
    Money::parse(text, DecimalStyle::Point).expect("a number").0
}

fn wait(text: &str) -> u64 {
    text.parse::<Wait>().expect("a time").0
}

fn spent(period: Period, a_day: impl Fn(Day) -> Option<Money>) -> Vec<MonthSpend> {
    let days = (period.from.number()..=period.to.number()).map(Day::from_number);
    let days = days.filter_map(|day| Some((day, a_day(day)?.into()))).collect();
    series(&days, period).expect("small amounts")
}

fn number(value: &Exact, decimals: u32) -> String {
    decimal::plain(i128::try_from(round_half_even(value, decimals)).expect("small"), decimals)
}

fn percent(share: &Exact) -> String {
    format!("{}%", number(&(share * Exact::from_integer(100.into())), 4))
}

fn dollars(amount: &Exact) -> String {
    format!("${}", number(amount, 12))
}

fn minutes(ms: u64) -> String {
    format!("{} minutes", number(&Exact::new(ms.into(), 60_000.into()), 2))
}

fn joined(values: impl IntoIterator<Item = String>) -> String {
    values.into_iter().collect::<Vec<_>>().join(", ")
}

/// Results with their labels, in the order of the page.
type Results = Vec<(String, String)>;

fn results<const N: usize>(results: [(&str, String); N]) -> Results {
    results.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

/// What the program makes of what an example gives, in the order of its results.
fn work_out(example: &mut Example) -> Results {
    match example.name.as_str() {
        "partial-month" | "unseen-weekday" => {
            let (_, month) = example.month();
            results([("seen", dollars(&month.spend.exact())), ("whole month", dollars(&month.full.exact()))])
        }
        "start" => {
            let months = example.months();
            let rate = Rate::Steady(example.share("growth"));
            let forecast = Forecast::of(&base_months(&months), rate.clone()).expect("months");
            let forward = months.iter().zip(&forecast.levels);
            let forward = forward.map(|(month, base)| number(&(a_monday(month) * rate.past(base.behind)), 6));
            let last = months.last().expect("months");
            let start = a_monday_of(&forecast.volume(last.month.period()), last);
            results([("brought forward", joined(forward)), ("start", number(&start, 6))])
        }
        "growth-factor" => {
            let (share, ahead) = (example.share("growth"), example.whole("months ahead"));
            let of = |rate: Rate| number(&rate.factor(ahead), 12);
            results([("given", of(Rate::Steady(share.clone()))), ("fitted", of(Rate::Damped(share)))])
        }
        "fitted-growth" => {
            let months = example.months();
            let steps = months.windows(2).map(|pair| percent(&(a_monday(&pair[1]) / a_monday(&pair[0]))));
            let growth = fitted(&months);
            results([
                ("steps", joined(steps)),
                ("growth", percent(&growth.monthly.base)),
                ("method", growth.method.name().to_owned()),
            ])
        }
        "naive" => {
            let growth = fitted(&example.months());
            results([
                ("fitted", percent(growth.unused_fit.as_ref().expect("it was not used"))),
                ("growth", percent(&growth.monthly.base)),
                ("method", growth.method.name().to_owned()),
            ])
        }
        "working-days" => {
            let first: Month = example.take("first month").parse().expect("a month");
            let last = first.plus(example.whole("months") - 1);
            let weekdays = example.weekdays();
            let period = Period { from: first.first(), to: last.last() };
            let months = spent(period, |day| weekdays[usize::from(day.weekday())]);
            let spend = joined(months.iter().map(|month| dollars(&month.spend.exact())));
            results([("months", spend), ("growth", percent(&fitted(&months).monthly.base))])
        }
        "back-test" => {
            let months = example.months();
            let known = &months[..3];
            let forecast =
                Forecast::of(&base_months(known), Rate::Damped(Exact::new(1.into(), 10.into()))).expect("months");
            let foretold =
                months[3..].iter().map(|month| number(&a_monday_of(&forecast.volume(month.month.period()), month), 6));
            let horizons = fitted(&months).backtest.expect("enough months").horizons;
            results([
                ("foretold from 2026-03", joined(foretold)),
                ("one month ahead", percent(&horizons[0].error)),
                ("naive", percent(&horizons[0].naive)),
                ("two months ahead", percent(&horizons[1].error)),
                ("tolerance", horizons[0].tolerance.name().to_owned()),
            ])
        }
        "band" => {
            let band = Band { error: example.share("error"), errors: None };
            let of = |months| joined(band.factors(months).iter().map(|factor| number(factor, 6)));
            results([("1 month ahead", of(1)), ("4 months ahead", of(4))])
        }
        "half" => {
            let days = i32::try_from(example.whole("days")).expect("few");
            let first: Day = "2026-06-01".parse().expect("a Monday");
            let half = Period { from: first, to: Day::from_number(first.number() + days - 1) };
            let mondays = example.list("a Monday");
            let mondays = mondays.iter().map(|amount| money(amount.trim_start_matches('$')));
            let mut spend = [Money::ZERO; 7];
            spend[0] = Money::sum(mondays).expect("a small amount");
            results([("a month", dollars(&Halves::pace(half, &spend).expect("a small amount").exact()))])
        }
        "least-saving" => {
            let least = LeastSaving::Auto.of(example.dollars("month")).expect("a small amount");
            results([("auto", dollars(&least.exact()))])
        }
        "budget-of-a-quarter" => {
            let quarter = ("2026-Q4".parse().expect("a quarter"), example.dollars("quarter"));
            let schedule = Schedule::Dated { months: Vec::new(), quarters: vec![quarter] };
            let of = |month: &str| {
                let budget = schedule.of(month.parse().expect("a month"), 1).expect("a small amount");
                dollars(&budget.expect("a budget").exact())
            };
            results([("months", joined(["2026-10", "2026-11", "2026-12"].map(of)))])
        }
        "ramp" => {
            let ramp: Vec<Percent> = example.list("ramp").iter().map(|share| share.parse().expect("a share")).collect();
            results([("live", joined((0..6).map(|month| live(&ramp, month).to_string())))])
        }
        "published" | "conservative" | "own-figures" | "batches" => {
            let turnaround = example.turnaround();
            within(example, &turnaround)
        }
        "result-times" => {
            let times = example.turnaround().result_times(wait(&example.take("window")));
            results([
                ("median", minutes(times.median_ms)),
                ("expected", minutes(times.expected_ms)),
                ("95th percentile", minutes(times.p95_ms)),
            ])
        }
        "weekends" => {
            let turnaround = example.turnaround();
            let mut found = within(example, &turnaround);
            let expected = turnaround.result_times(wait("24h")).expected_ms;
            found.extend(results([("expected", minutes(expected))]));
            found
        }
        "fallback" | "fallback-billed-when-late" => {
            let in_time = example.share("in time");
            let fallback = example.fallback(in_time);
            let least = fallback.least_in_time().expect("batch is cheaper");
            results([
                ("expected cost", dollars(&(fallback.cost.exact() - fallback.saving()))),
                ("saving", dollars(&fallback.saving())),
                ("break-even", percent(&least)),
            ])
        }
        "moving" => {
            let (cost, batch_cost) = (example.dollars("cost"), example.dollars("batch cost"));
            let in_time = example.share("in time");
            let failure_share = example.take("failures").parse().expect("a share");
            let doubled = example.billed();
            let fallback = Fallback { cost, batch_cost, in_time, failure_share, doubled };
            let least = fallback.least_in_time().expect("batch is cheaper");
            results([("saving", dollars(&fallback.saving())), ("pays from", percent(&least))])
        }
        "month-to-come" => {
            let base = example.dollars("base months").exact();
            let at_target = example.list("at the target");
            let days =
                example.list("days").iter().map(|days| money(days).exact() / money("30").exact()).collect::<Vec<_>>();
            let nothing = days.iter().map(|days| dollars(&(&base * days)));
            let targets = [&at_target[0], &at_target[1], &at_target[1]];
            let saving = days
                .iter()
                .zip(targets)
                .map(|(days, target)| dollars(&((&base - money(target.trim_start_matches('$')).exact()) * days)));
            results([("do nothing", joined(nothing)), ("saving", joined(saving))])
        }
        "start-by-weekday" => {
            let (period, month) = example.month();
            let mean = monthly(&month.spend.exact(), period.month_basis()).expect("a small amount");
            let base = [&month];
            let forecast = Forecast::of(&base, Rate::none()).expect("a month");
            let ahead = (1..=3).map(|ahead| dollars(&forecast.volume(month.month.plus(ahead).period())));
            results([
                ("seen", dollars(&month.spend.exact())),
                ("period's month", dollars(&mean.exact())),
                ("months ahead", joined(ahead)),
            ])
        }
        "halved-price" => halved_price(example),
        "successor" => successor(example),
        "one-hour" => {
            let in_time = example.turnaround().in_time(wait(&example.take("max wait")));
            let chance = percent(&in_time);
            results([("in time", chance), ("saving", dollars(&example.fallback(in_time).saving()))])
        }
        "per-cent-moved" => {
            let reroute = example.reroute();
            results([("each per cent", dollars(&reroute.saving(&Exact::new(1.into(), 100.into()))))])
        }
        "route" | "share-of-ten" | "all-of-three" | "cascade" | "escalation" => routed(example),
        "together" => {
            let (batch, discount) = (example.share("batch share"), example.share("discount"));
            let routing = example.list("routing saves");
            let routing = routing.iter().map(|share| share.parse::<Percent>().expect("a share").exact());
            results([("together", joined(routing.map(|routing| percent(&together(&batch, &discount, &routing)))))])
        }
        "published-routing" => {
            let ratios: Vec<Exact> = example.list("price ratios").iter().map(|ratio| money(ratio).exact()).collect();
            let row = |figure: fn(&Published) -> Percent| {
                let told = |ratio| published(ratio).map_or("none".to_owned(), |known| figure(known).to_string());
                joined(ratios.iter().map(told))
            };
            results([
                ("chat", row(|known| known.chat)),
                ("knowledge", row(|known| known.knowledge)),
                ("mathematics", row(|known| known.mathematics)),
            ])
        }
        "cached-163" | "cached-20" | "cached-5" | "cached-163-hits-kept" => {
            let sums = example.cached();
            pays(&sums.pays_up_to())
        }
        "cache-ways" => {
            let (tokens, batch) = (example.tokens(), example.rates("batch"));
            let cost = |way: CacheWay| {
                let rates = batch_rates(&batch, BatchCache { way, ..BatchCache::default() });
                (
                    way.name().to_owned(),
                    format!("${}", cost_of(&tokens, &rates).expect("small amounts").expect("all rates")),
                )
            };
            CacheWay::ALL.map(cost).to_vec()
        }
        "cache-hits" => {
            let [own, primed] = ["no-cache", "primed"].map(|label| example.dollars(label).exact());
            let hits: Percent = example.take("hits").parse().expect("a share");
            let mixed = hits.exact() * primed + (Exact::from_integer(1.into()) - hits.exact()) * own;
            vec![("in batch".to_owned(), dollars(&mixed))]
        }
        "ladder" => {
            let offer = |example: &mut Example, (rung, hours)| Offer {
                rung,
                cost: example.dollars(&rung.to_string()),
                wait_hours: Some(hours),
            };
            let rungs = [(Rung::Window(2), 2), (Rung::Window(8), 8), (Rung::Batch, 24)];
            let offers = rungs.map(|rung| offer(example, rung));
            let in_batch = example.dollars("batch saves");
            let buyer = Buyer {
                cost: example.dollars("cost"),
                max_wait: Wait(wait(&example.take("may wait"))),
                failure_share: example.take("failure share").parse().expect("a share"),
                in_batch,
                counted: in_batch,
                least_saving: Money::ZERO,
            };
            let saving = |offer: &Offer<Money>| {
                let saving = buyer.saving(offer).expect("small amounts");
                (offer.rung.to_string(), saving.map_or_else(|| "too late".to_owned(), |saving| format!("${saving}")))
            };
            let taken = buyer.takes(&offers).expect("small amounts").expect("a rung");
            let mut found: Vec<_> = offers[..2].iter().map(saving).collect();
            found.push(("takes".to_owned(), taken.rung.to_string()));
            found.push(("beyond batch".to_owned(), format!("${}", taken.beyond_batch)));
            found
        }
        "failures-billed" | "failures-not-billed" => {
            let fallback = example.fallback(Exact::from_integer(1.into()));
            pays(&failed_share(&fallback))
        }
        unknown => panic!("no test works out the example `{unknown}`"),
    }
}

/// What an average Monday of a month cost where no other day cost anything.
fn a_monday(month: &MonthSpend) -> Exact {
    a_monday_of(&month.volume.exact(), month)
}

fn a_monday_of(volume: &Exact, month: &MonthSpend) -> Exact {
    let days = month.month.period();
    let mondays = (days.from.number()..=days.to.number()).filter(|day| Day::from_number(*day).weekday() == 0).count();
    volume / Exact::from_integer(mondays.into())
}

fn fitted(months: &[MonthSpend]) -> Growth {
    forecast::growth(&GrowthSetting::Fitted, months)
}

/// The whole program on a log of a million tokens a day.
fn plan_of(models: &[Model<'_>], period: &str) -> serde_json::Value {
    plan_with(models, period, "schema: 1\n")
}

fn plan_with(models: &[Model<'_>], period: &str, policy: &str) -> serde_json::Value {
    let (from, to) = period.split_once(" to ").expect("two days");
    let (first, last): (Day, Day) = (from.parse().expect("a day"), to.parse().expect("a day"));
    let folder = Folder::new();
    let prices = folder.write("prices.yaml", acme(models));
    let mut log = "timestamp,bucket_end,requests,provider,model,workload_tag,input_tokens,output_tokens\n".to_owned();
    for day in (first.number()..=last.number()).map(Day::from_number) {
        let _ = writeln!(log, "{day}T00:00:00Z,{}T00:00:00Z,1,acme,m,w,1000000,0", day.next());
    }
    let log = folder.write("log.csv", log);
    let words = ["--prices", prices.to_str().expect("UTF-8"), "--quiet", "--format", "json", "--policy"];
    finish(program().arg("plan").arg(log).args(words).arg(folder.write("policy.yaml", policy))).json()
}

fn amount(value: &serde_json::Value) -> String {
    format!("${}", value.as_str().expect("an amount"))
}

fn bar(plan: &serde_json::Value, id: &str) -> String {
    let bars = plan["waterfall"]["bars"].as_array().expect("bars");
    amount(&bars.iter().find(|bar| bar["id"] == id).expect("a bar")["amount"])
}

fn months_ahead(plan: &serde_json::Value) -> String {
    joined((0..3).map(|month| amount(&plan["months"][month]["today"]["base"])))
}

/// The dollars of `$4 a day`.
fn a_day(text: &str) -> &str {
    text.trim_start_matches('$').trim_end_matches(" a day")
}

/// As many dollars a day as are said before and after a day.
fn halved_price(example: &mut Example) -> Results {
    let (period, before, after) = (example.take("period"), example.take("before 2026-09-01"), example.take("after"));
    let prices = [price(None, a_day(&before)), price(Some("2026-09-01"), a_day(&after))];
    let plan = plan_of(&[Model { name: "m", keys: &[], prices: &prices }], &period);
    results([
        ("a month", amount(&plan["now"]["monthly_cost"])),
        ("prices-changed", bar(&plan, "prices-changed")),
        ("months ahead", months_ahead(&plan)),
        ("volume", bar(&plan, "volume")),
    ])
}

/// A model that is retired in a month ahead.
fn successor(example: &mut Example) -> Results {
    let (period, today, next) = (example.take("period"), example.take("today"), example.take("successor"));
    let retires = format!("retires: {}", example.take("retired on"));
    let keys = [retires.as_str(), "successor: next"];
    let models = [
        Model { name: "m", keys: &keys, prices: &[price(None, a_day(&today))] },
        Model { name: "next", keys: &[], prices: &[price(None, a_day(&next))] },
    ];
    let tokens = example.take("tokens there");
    let plan = plan_with(&models, &period, &format!("schema: 1\ntoken_ratio: {{acme/m: {tokens}}}\n"));
    results([
        ("months ahead", months_ahead(&plan)),
        ("retirement", bar(&plan, "retirement")),
        ("risk", amount(&plan["risks"][0]["monthly_change"])),
    ])
}

/// What a route comes to, in those results that the example asks for.
fn routed(example: &mut Example) -> Results {
    let is_share = example.given.contains_key("price ratio");
    let (reroute, share) = (example.reroute(), example.share("share"));
    let saving = reroute.saving(&share);
    let most = reroute.most_escalation(&share).expect("something is routed");
    let found = |label: &str| match label {
        "price ratio" => number(&reroute.price_ratio().expect("a target that costs"), 6),
        "saving" if is_share => percent(&saving),
        "saving" => dollars(&saving),
        "break-even share" => percent(&reroute.least_share().expect("it can pay")),
        "escalation up to" | "pays up to" => up_to(&most),
        "as a limit" => limit(&most),
        other => panic!("no result is called {other}"),
    };
    example.results.iter().map(|(label, _)| (label.clone(), found(label))).collect()
}

fn up_to(pays: &PaysUpTo) -> String {
    match pays {
        PaysUpTo::Share(share) => percent(share),
        PaysUpTo::Always => "always".to_owned(),
        PaysUpTo::Never => "never".to_owned(),
    }
}

fn pays(pays: &PaysUpTo) -> Results {
    results([("pays up to", up_to(pays)), ("as a limit", limit(pays))])
}

fn limit(pays: &PaysUpTo) -> String {
    match pays {
        PaysUpTo::Share(share) => limit_words(share),
        PaysUpTo::Always => "always".to_owned(),
        PaysUpTo::Never => "never".to_owned(),
    }
}

/// The chances that the example's own labels ask for.
fn within(example: &Example, turnaround: &Turnaround) -> Results {
    let waits = example.results.iter().filter_map(|(label, _)| Some((label, label.strip_prefix("within ")?)));
    waits.map(|(label, text)| (label.clone(), percent(&turnaround.in_time(wait(text))))).collect()
}

#[test]
fn every_example_is_worked_out_again() {
    let page = fs::read_to_string(root().join("docs/methodology.md")).expect("the page");
    let mut lines = page.lines();
    let mut names = BTreeSet::new();
    while let Some(line) = lines.next() {
        let Some(mark) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let name = mark.strip_prefix("text example=").unwrap_or_else(|| panic!("a block that nothing checks: {mark}"));
        let mut example = Example::read(name, &block);
        assert!(names.insert(name.to_owned()), "two examples are called {name}");
        assert!(!example.results.is_empty(), "{name} has no result");
        let found = work_out(&mut example);
        assert!(example.given.is_empty(), "{name}: given and not used: {:?}", example.given.keys());
        assert_eq!(example.results, found, "{name}: the page on the left, the program on the right");
    }
    assert!(names.len() >= 30, "only {} examples", names.len());
}
