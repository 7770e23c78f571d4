//! What was typed, resolved once into what stages see. All defaults live here.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::calendar::Day;
use crate::cli::{EncodingName, ReadArgs};
use crate::diagnostic::text::shell_word;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::{Format, KnownNames, registry};
use crate::input::dates::PeriodBounds;
use crate::input::find::{self, Found, Search};
use crate::input::pass::{Reading, recognise};
use crate::input::{Encoding, Sniffed, Source, sniff};
use crate::money::{Factor, Percent};
use crate::output::{self, Target};
use crate::policy::{Cases, NameField, Policy, Routing};
use crate::pricing::{ModelId, PriceFile, PriceTable, ProviderId};
use crate::progress;
use crate::rollup::end_user_hash::EndUserHash;
use crate::rollup::{Breakdown, Context};
use crate::yaml;

/// Everything a command that reads needs.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that was typed by itself")]
pub struct Settings {
    /// Prices.
    pub table: PriceTable,
    /// Rules and assumptions.
    pub policy: Policy,
    /// Formats, the user's own first.
    pub formats: Vec<Format>,
    /// Inputs in the order given.
    pub sources: Vec<Source>,
    /// What each input is.
    pub sniffed: Vec<Sniffed>,
    /// The dimension of `--by`.
    pub by: Option<Breakdown>,
    /// Days that count.
    pub period: PeriodBounds,
    /// Where all rejected rows go.
    pub rejects: Option<PathBuf>,
    /// Whether outputs may replace files.
    pub force: bool,
    /// Whether notes on standard error are wanted.
    pub quiet: bool,
    tie_breaker: Option<ProviderId>,
    wanted_format: Option<String>,
    dedupe: bool,
    threads: usize,
    keep_partial: bool,
    unread: Vec<(String, u64, Failure)>,
    /// Files read beside the inputs: prices, policy, mapping, finished batches.
    tables: Vec<PathBuf>,
    /// What was typed that says what must be known of a call, as options.
    options: Vec<String>,
    /// Files of folders that systems put there.
    litter: Vec<String>,
}

impl Settings {
    /// Resolves options, loads tables, and recognises all inputs. Nothing is read beyond their first bytes.
    pub fn resolve(args: &ReadArgs, by: Option<&str>, routing_saves: Option<&str>) -> Result<Self, Failure> {
        let table = load_prices(&args.prices)?;
        let mut policy = load_policy(args.policy.as_deref())?;
        if let Some(text) = routing_saves {
            let (low, high) = range("--routing-saves", text)?;
            policy.assume_routing(low, high);
        }
        table.check_hit_share(&policy.cache_ways(), policy.batch_cache.hits).map_err(|mut failure| {
            failure.diagnostic.place = policy.source.clone().map(Place::file);
            failure
        })?;
        let tie_breaker = args.provider.as_deref().map(|name| provider_named(&table, name)).transpose()?;
        let mut formats = registry()?;
        // A user's own stands first.
        if let Some(path) = &args.map {
            formats.insert(0, Format::parse(&display(path), &read_text(path, "map")?)?);
        }
        let names = Arc::new(KnownNames::of(&table));
        for format in &mut formats {
            format.set_names(&names);
        }
        check_format_name(&formats, args.input_format.as_deref())?;
        let period = period(args.from.as_deref(), args.to.as_deref())?;
        if let Some((from, to)) = period.days_of_undated() {
            for format in &mut formats {
                format.set_days(from, to);
            }
        }
        let by_typed = by;
        let by = by.map(breakdown).transpose()?;
        let threads = match args.threads {
            Some(0) => {
                return Err(Failure::usage(
                    Diagnostic::new("usage", "--threads needs at least 1").hint("leave it out to use every core"),
                ));
            }
            Some(threads) => threads,
            None => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        let Found { sources, unread, litter } = {
            // Standard input is kept before it is read, and who types it is not to be disturbed.
            let _shown = progress::show(args.quiet || io::stdin().is_terminal());
            let (recursive, keep_partial) = (args.recursive, args.keep_partial);
            let declared = args.encoding.map(encoding);
            find::find(&args.files, Search { recursive, keep_partial, declared, formats: &formats })?
        };
        let mut settings = Self {
            table,
            policy,
            formats,
            sources,
            sniffed: Vec::new(),
            by,
            period,
            rejects: args.rejects.clone(),
            force: args.force,
            quiet: args.quiet,
            tie_breaker,
            wanted_format: args.input_format.clone(),
            dedupe: !args.no_dedupe,
            threads,
            keep_partial: args.keep_partial,
            unread,
            tables: args.prices.iter().chain(&args.policy).chain(&args.map).cloned().collect(),
            options: options(args, by_typed),
            litter,
        };
        settings.recognise()?;
        Ok(settings)
    }

    /// Recognises all inputs; with `--keep-partial` those that cannot be are left out, as long as one remains.
    fn recognise(&mut self) -> Result<(), Failure> {
        let looked_at: Vec<Result<Sniffed, Failure>> = recognise(&self.reading());
        let mut kept = Vec::new();
        let mut failures = Vec::new();
        for (source, sniffed) in std::mem::take(&mut self.sources).into_iter().zip(looked_at) {
            match sniffed {
                Ok(sniffed) => {
                    kept.push(source);
                    self.sniffed.push(sniffed);
                }
                Err(failure) => failures.push((source.name, source.bytes, failure)),
            }
        }
        if let Some((_, _, failure)) = failures.first().filter(|_| !self.keep_partial || kept.is_empty()) {
            return Err(failure.clone());
        }
        self.sources = kept;
        self.unread.extend(failures);
        Ok(())
    }

    /// Notes a file that is read beside those of [`ReadArgs`], so that no output overwrites it.
    pub fn also_reads(&mut self, path: &Path) {
        self.tables.push(path.to_owned());
    }

    /// Every file that is read: inputs, and tables beside them.
    pub fn reads(&self) -> impl Iterator<Item = &Path> {
        self.sources.iter().filter_map(Source::path).chain(self.tables.iter().map(PathBuf::as_path))
    }

    /// Prepares an output, before anything is read.
    pub fn output(&self, path: &Path) -> Result<Target, Failure> {
        output::prepare(path, self.force, self.reads())
    }

    /// What the reading stage sees.
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            sources: &self.sources,
            formats: &self.formats,
            wanted_format: self.wanted_format.as_deref(),
            period: self.period,
            dedupe: self.dedupe,
            threads: self.threads,
            keep_rejects: self.rejects.is_some(),
            keep_partial: self.keep_partial,
            unread: &self.unread,
            options: &self.options,
            litter: &self.litter,
        }
    }

    /// The rollup files among the inputs.
    pub fn rollups(&self) -> impl Iterator<Item = &Source> {
        let inputs = self.sources.iter().zip(&self.sniffed);
        inputs.filter(|(_, sniffed)| self.formats[sniffed.format].is_rollup()).map(|(source, _)| source)
    }

    /// Fails where an input is a rollup file, which holds no single calls.
    pub fn refuse_rollups(&self, command: &str, hint: &str) -> Result<(), Failure> {
        match self.rollups().next() {
            Some(source) => Err(Failure::usage(
                Diagnostic::new("rollup-no-calls", format!("{command}, and a rollup file holds none"))
                    .at(Place::file(&source.name))
                    .hint(hint),
            )),
            None => Ok(()),
        }
    }

    /// What rows are judged against.
    pub fn context(&self) -> Result<Context<'_>, Failure> {
        Ok(Context {
            tie_breaker: self.tie_breaker,
            by: self.by.clone(),
            daily: self.sniffed.iter().any(|sniffed| self.formats[sniffed.format].states_bill())
                || !self.policy.expect.is_empty(),
            route_targets: route_targets(&self.table, &self.policy)?,
            token_ratios: token_ratios(&self.table, &self.policy)?,
            end_users: if self.rollups().next().is_some() {
                EndUserHash::Stable
            } else {
                EndUserHash::Keyed(std::hash::RandomState::new())
            },
            ..Context::new(&self.table, &self.policy)
        })
    }
}

/// What was typed that says what must be known of a call.
fn options(args: &ReadArgs, by: Option<&str>) -> Vec<String> {
    let prices = args.prices.iter().map(|path| ("--prices", path));
    let others = [("--policy", &args.policy), ("--map", &args.map)];
    let others = others.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?)));
    let paths = prices.chain(others).map(|(name, path)| (name, display(path)));
    let all = paths.chain(by.map(|by| ("--by", by.to_owned())));
    all.map(|(name, value)| format!("{name} {}", shell_word(&value))).collect()
}

/// The policy of `--policy`, else the built-in one.
pub fn load_policy(path: Option<&Path>) -> Result<Policy, Failure> {
    match path {
        Some(path) => Policy::parse(&display(path), &read_text(path, "policy")?),
        None => Policy::built_in(),
    }
}

/// The days of `--from` and `--to`.
pub fn period(from: Option<&str>, to: Option<&str>) -> Result<PeriodBounds, Failure> {
    let period = PeriodBounds { from: day(from, "--from")?, to: day(to, "--to")? };
    match (period.from, period.to) {
        (Some(from), Some(to)) if from > to => Err(Failure::usage(
            Diagnostic::new("usage", format!("--from {from} lies after --to {to}"))
                .hint("both days are included; exchange them"),
        )),
        _ => Ok(period),
    }
}

/// The price table of `--prices`, else the built-in one.
pub fn load_prices(paths: &[PathBuf]) -> Result<PriceTable, Failure> {
    PriceTable::layered(&price_files(paths)?)
}

/// The same with one more file on top.
pub fn load_prices_under(paths: &[PathBuf], top: PriceFile) -> Result<PriceTable, Failure> {
    let files: Vec<PriceFile> = price_files(paths)?.into_iter().chain([top]).collect();
    PriceTable::layered(&files)
}

fn price_files(paths: &[PathBuf]) -> Result<Vec<PriceFile>, Failure> {
    let file = |path: &PathBuf| {
        let (path, name, text) = (display(path), file_name(path), read_text(path, "price-table")?);
        Ok(PriceFile { path, name, text })
    };
    paths.iter().map(file).collect()
}

/// A provider of the table by name, or what is near it.
pub fn provider_named(table: &PriceTable, name: &str) -> Result<ProviderId, Failure> {
    table.provider_named(name).ok_or_else(|| {
        let known: Vec<&str> = table.provider_names().collect();
        Failure::usage(
            Diagnostic::new("usage", format!("the price table has no provider `{name}`"))
                .hint(format!("its providers are {}", known.join(", "))),
        )
    })
}

/// `40%..70%` as two shares.
pub fn range(option: &str, text: &str) -> Result<(Percent, Percent), Failure> {
    let wrong = |reason: String| {
        Failure::usage(Diagnostic::new("usage", format!("{option}: {reason}")).hint("write a range such as `40%..70%`"))
    };
    let (low, high) = text.split_once("..").ok_or_else(|| wrong(format!("`{text}` is not a range")))?;
    let share = |text: &str| text.parse::<Percent>().map_err(|error| wrong(format!("`{text}`: {error}")));
    let (low, high) = (share(low)?, share(high)?);
    if low > high {
        return Err(wrong(format!("the range `{text}` descends")));
    }
    Ok((low, high))
}

fn route_targets(table: &PriceTable, policy: &Policy) -> Result<Vec<ModelId>, Failure> {
    let Routing::Routes(routes) = &policy.routing else { return Ok(Vec::new()) };
    routes
        .iter()
        .map(|route| {
            let provider = table.provider_named(&route.to_provider);
            provider.and_then(|provider| table.model_named(provider, &route.to_model)).ok_or_else(|| {
                let hint = match table.nearest(&route.to_model) {
                    Some(nearest) => format!("the nearest name is `{nearest}`"),
                    None => "name a model of the price table as provider/model".to_owned(),
                };
                Failure::usage(
                    Diagnostic::new(
                        "policy",
                        format!(
                            "the route from `{}` leads to `{}/{}`, which the price table does not have",
                            route.from, route.to_provider, route.to_model
                        ),
                    )
                    .at(Place::file(policy.source.clone().unwrap_or_default()))
                    .hint(hint),
                )
            })
        })
        .collect()
}

/// The policy's token ratios by model. Each is of a model whose successor the price table names.
fn token_ratios(table: &PriceTable, policy: &Policy) -> Result<BTreeMap<ModelId, Cases<Factor>>, Failure> {
    let refused = |message: String, hint: &str| {
        let place = Place::file(policy.source.clone().unwrap_or_default());
        Failure::usage(Diagnostic::new("policy", message).at(place).hint(hint))
    };
    let mut ratios = BTreeMap::new();
    for (name, ratio) in &policy.token_ratios {
        let model = table.model_of(None, name).ok_or_else(|| {
            let hint = "name a model of the price table by its id, as `provider/model`";
            refused(format!("`token_ratio` names `{name}`, which the price table does not have"), hint)
        })?;
        if table.model(model).successor.is_none() {
            let hint = "name one with `successor` in a file for `--prices`";
            return Err(refused(
                format!("`token_ratio` names `{name}`, which has no successor in the price table"),
                hint,
            ));
        }
        ratios.insert(model, *ratio);
    }
    for (model, known) in table.models() {
        let of_model = |model: ModelId| ratios.get(&model).map(|ratio: &Cases<Factor>| ratio.base);
        if !ratios.is_empty() && !table.keeps_exactly(model, of_model) {
            let message = format!("`token_ratio` gives `{}` a price that cannot be kept exactly", known.name);
            return Err(refused(message, "use fewer decimals"));
        }
    }
    Ok(ratios)
}

fn check_format_name(formats: &[Format], wanted: Option<&str>) -> Result<(), Failure> {
    let Some(wanted) = wanted else { return Ok(()) };
    let names: Vec<String> = formats.iter().flat_map(format_names).collect();
    if names.iter().any(|name| name == wanted) || formats.iter().any(|format| format.mapping.name == wanted) {
        return Ok(());
    }
    Err(Failure::usage(
        Diagnostic::new("usage", format!("no format is called `{wanted}`"))
            .hint(format!("formats are {}", names.join(", "))),
    ))
}

/// The names of a format, one a container.
pub fn format_names(format: &Format) -> Vec<String> {
    use crate::formats::Container;
    use crate::input::Framing;
    let framing = |container: &Container| match container {
        Container::Csv => Framing::Csv(b','),
        Container::Jsonl => Framing::JsonLines,
    };
    format.mapping.containers.iter().map(|container| sniff::format_name(format, framing(container))).collect()
}

fn encoding(name: EncodingName) -> Encoding {
    match name {
        EncodingName::Utf8 => Encoding::Utf8,
        EncodingName::Utf16 => Encoding::Utf16Le,
        EncodingName::Utf16Be => Encoding::Utf16Be,
        EncodingName::Windows1252 => Encoding::Windows1252,
    }
}

/// The rows of a list that were asked for.
pub fn top(rows: Option<usize>) -> Result<Option<NonZeroUsize>, Failure> {
    let none = || {
        Failure::usage(
            Diagnostic::new("usage", "--top needs at least 1")
                .hint("leave it out, and each list is as long as it usually is"),
        )
    };
    rows.map(|rows| NonZeroUsize::new(rows).ok_or_else(none)).transpose()
}

/// The dimension of `--by`.
pub fn breakdown(text: &str) -> Result<Breakdown, Failure> {
    match text {
        "workload" => Ok(Breakdown::Workload),
        "model" => Ok(Breakdown::Model),
        "provider" => Ok(Breakdown::Provider),
        "owner" => Ok(Breakdown::Owner),
        "project" | "api-key" | "user" | "team" | "app" | "endpoint" => {
            text.replace('-', "_").parse::<NameField>().map(Breakdown::Named).map_err(|_| unknown_dimension(text))
        }
        tag if tag.starts_with("tag.") => {
            tag.parse::<NameField>().map(Breakdown::Named).map_err(|_| unknown_dimension(tag))
        }
        other => Err(unknown_dimension(other)),
    }
}

fn unknown_dimension(text: &str) -> Failure {
    Failure::usage(
        Diagnostic::new("usage", format!("cannot add up by `{text}`")).hint(
            "dimensions are workload, model, provider, project, api-key, user, team, app, endpoint, owner, tag.NAME",
        ),
    )
}

/// A date that was typed.
pub fn day(text: Option<&str>, option: &str) -> Result<Option<Day>, Failure> {
    text.map(|text| {
        text.parse::<Day>().map_err(|_| {
            Failure::usage(
                Diagnostic::new("usage", format!("{option} `{text}` is not a date")).hint("write it as 2026-09-01"),
            )
        })
    })
    .transpose()
}

/// The text of a file that was named.
pub fn read_text(path: &Path, code: &'static str) -> Result<String, Failure> {
    // No further than what is refused for its size: a device has no end.
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(yaml::LARGEST as u64 + 1).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => "check the spelling; paths are relative to the current folder",
            std::io::ErrorKind::InvalidData => "save it as UTF-8 text",
            std::io::ErrorKind::PermissionDenied => "ask for read permission, or copy the file",
            _ => "name a YAML file",
        };
        Failure::usage(Diagnostic::new(code, format!("cannot read: {error}")).at(Place::file(display(path))).hint(hint))
    })
}

/// A path as typed.
pub fn display(path: &Path) -> String {
    path.display().to_string()
}

/// The last part of a path, which is all that reports say of it.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| display(path), |name| name.to_string_lossy().into_owned())
}
