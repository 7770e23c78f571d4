//! Views by which tables of vendors have the columns of the own per-call format.
//!
//! Role: the mapping of a vendor's format, which reads its exports, as `CREATE VIEW`. Where a value stands, what its
//! words mean and what its counts include is taken from the mapping; what its format's code works out is beside it, in
//! `litellm` and `langfuse`.

mod langfuse;
mod litellm;

use super::columns::of_tag;
use super::dialect::Dialect;
use super::spelled::Spelled;
use crate::formats::Mapping;
use crate::formats::mapping::{CachePart, Convention, Spec, TargetField, Unit};

/// Expressions by the names that they have.
type Named = &'static [(&'static str, fn(&MappedView<'_>) -> String)];

/// A table that a view is known for.
pub struct View {
    /// The name of `--view`.
    pub name: &'static str,
    /// The engine.
    pub dialect: &'static str,
    /// The mapping of its exports.
    pub mapping: &'static str,
    /// The name of that format, for `--input-format` when its rollup is made.
    pub format: &'static str,
    /// The columns of tags that it has besides those that are asked for.
    pub tags: &'static [&'static str],
    /// A column or key as text.
    path: fn(Spelled, &str) -> String,
    /// What the format's code works out, by its name; from what stands in `inner`, too.
    derived: Named,
    /// What is worked out first, by the name that it gets.
    inner: Named,
    /// The columns of the table.
    all: &'static str,
    /// A tag.
    tag: fn(&MappedView<'_>, &str) -> String,
    /// Where rows come from, and which of them are usage.
    rows: fn(&MappedView<'_>) -> String,
    /// Begin and, for a bucket, end.
    times: [fn(&MappedView<'_>) -> String; 2],
}

/// All views.
pub const VIEWS: [&View; 2] = [&litellm::VIEW, &langfuse::VIEW];

/// A mapping as a view in a dialect.
pub(super) struct MappedView<'m> {
    view: &'static View,
    mapping: &'m Mapping,
    spelled: Spelled,
}

/// The statement that makes a view.
pub fn create(
    view: &'static View,
    dialect: &'static Dialect,
    mapping: &Mapping,
    name: &[&str],
    tags: &[String],
) -> String {
    let mapped = MappedView { view, mapping, spelled: Spelled { dialect } };
    let mut columns: Vec<(String, String)> = vec![
        ("request_id".into(), mapped.text(TargetField::Id)),
        ("timestamp".into(), (view.times[0])(&mapped)),
        ("bucket_end".into(), (view.times[1])(&mapped)),
        ("requests".into(), mapped.count(TargetField::Requests)),
    ];
    let texts = [
        ("provider", TargetField::Provider),
        ("model", TargetField::Model),
        ("endpoint", TargetField::Endpoint),
        ("api_key_name", TargetField::ApiKey),
        ("project", TargetField::Project),
        ("user", TargetField::User),
        ("end_user", TargetField::EndUser),
        ("team", TargetField::Team),
        ("app", TargetField::App),
        ("session_id", TargetField::SessionId),
        ("stream", TargetField::Stream),
        ("geo", TargetField::Geo),
        ("status", TargetField::Status),
        ("gateway_hit", TargetField::GatewayHit),
    ];
    columns.extend(texts.map(|(column, target)| (column.into(), mapped.text(target))));
    columns.push(("service_tier".into(), mapped.tier()));
    let tokens = mapped.tokens();
    let counts =
        ["input_tokens", "cached_input_tokens", "cache_write_tokens", "cache_write_1h_tokens", "output_tokens"];
    columns.extend(counts.iter().zip(tokens).map(|(column, count)| ((*column).into(), count)));
    columns.push(("latency_ms".into(), mapped.milliseconds(TargetField::LatencyMs)));
    columns.push(("ttft_ms".into(), mapped.milliseconds(TargetField::TtftMs)));
    columns.push(("cost_usd".into(), mapped.amount(TargetField::Billed)));
    let mut tags: Vec<&str> = view.tags.iter().copied().chain(tags.iter().map(String::as_str)).collect();
    tags.push("workload");
    tags.sort_unstable();
    tags.dedup();
    columns.extend(tags.iter().map(|tag| (of_tag(tag), (view.tag)(&mapped, tag))));
    let columns: Vec<String> =
        columns.into_iter().map(|(name, value)| format!("{value} AS {}", dialect.name(&name))).collect();
    let counts = COUNTS.into_iter().filter(|target| mapped.spec(*target).is_some());
    let counts = counts.map(|target| format!("{} AS {}", mapped.counted(target), counted_name(target)));
    let inner = view.inner.iter().map(|(name, value)| format!("{} AS {name}", value(&mapped)));
    let inner: Vec<String> = std::iter::once(view.all.to_owned()).chain(counts).chain(inner).collect();
    format!(
        "{} {} AS SELECT\n  {}\nFROM (\nSELECT\n  {}\n{}\n) AS bw_told;\n",
        dialect.create_view,
        name.iter().map(|part| dialect.name(part)).collect::<Vec<_>>().join("."),
        columns.join(",\n  "),
        inner.join(",\n  "),
        (view.rows)(&mapped)
    )
}

/// Counts, which are worked out first.
const COUNTS: [TargetField; 9] = [
    TargetField::Requests,
    TargetField::Input,
    TargetField::CacheRead,
    TargetField::CacheWrite5m,
    TargetField::CacheWrite1h,
    TargetField::CacheWrites,
    TargetField::Output,
    TargetField::Reasoning,
    TargetField::Total,
];

fn counted_name(target: TargetField) -> String {
    format!("bw_{}", target.name())
}

impl MappedView<'_> {
    fn spec(&self, target: TargetField) -> Option<&Spec> {
        self.mapping.fields.0.iter().find(|(known, _)| *known == target).map(|(_, spec)| spec)
    }

    /// A place in a row, or what the format's code makes of it.
    fn place(&self, path: &str) -> String {
        match self.view.derived.iter().find(|(name, _)| *name == path) {
            Some((_, derived)) => derived(self),
            None => (self.view.path)(self.spelled, path),
        }
    }

    /// Nothing, as text.
    fn nothing(&self) -> String {
        Dialect::cast("NULL", self.spelled.dialect.text)
    }

    /// Whether the table has anything at a place: an export may be spelled in other ways, too.
    fn stands(&self, path: &str) -> bool {
        self.place(path) != self.nothing()
    }

    fn filled(&self, path: &str) -> String {
        format!("NULLIF({}, '')", self.place(path))
    }

    /// The first place that is filled once it is read through the list of values.
    fn text(&self, target: TargetField) -> String {
        let Some(spec) = self.spec(target) else { return self.nothing() };
        let paths = spec.from.iter().filter(|path| self.stands(path));
        let places: Vec<String> = paths.map(|path| self.valued(&self.filled(path), spec)).collect();
        match &places[..] {
            [] => self.nothing(),
            [place] => place.clone(),
            places => format!("COALESCE({})", places.join(", ")),
        }
    }

    fn valued(&self, text: &str, spec: &Spec) -> String {
        if spec.values.is_empty() {
            return text.to_owned();
        }
        let of = |to: &str| if to.is_empty() { "NULL".to_owned() } else { self.spelled.literal(to) };
        let listed = spec.values.iter().filter(|(from, _)| from != "*");
        let whens: Vec<String> =
            listed.map(|(from, to)| format!("WHEN {} THEN {}", self.spelled.literal(from), of(to))).collect();
        let rest = spec.values.iter().find(|(from, _)| from == "*").map_or_else(|| text.to_owned(), |(_, to)| of(to));
        if whens.is_empty() {
            return format!("CASE WHEN {text} IS NOT NULL THEN {rest} END");
        }
        format!("CASE WHEN {text} IS NOT NULL THEN CASE {text} {} ELSE {rest} END END", whens.join(" "))
    }

    fn integer(&self, text: &str) -> String {
        Dialect::cast(text, self.spelled.dialect.integer)
    }

    /// A count, by the name that it has got.
    fn count(&self, target: TargetField) -> String {
        if self.spec(target).is_some() { counted_name(target) } else { self.integer("NULL") }
    }

    /// A count: of its places the first that is not zero, since some write a zero beside it.
    fn counted(&self, target: TargetField) -> String {
        let places = self.spec(target).map(|spec| &spec.from[..]).unwrap_or_default();
        let places = places.iter().filter(|path| self.stands(path));
        let places: Vec<String> = places.map(|path| self.integer(&self.filled(path))).collect();
        match &places[..] {
            [place] => place.clone(),
            places => {
                let counted = places.iter().map(|place| format!("NULLIF({place}, 0)"));
                format!("COALESCE({})", counted.chain(places.iter().cloned()).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn milliseconds(&self, target: TargetField) -> String {
        let Some(spec) = self.spec(target) else { return self.integer("NULL") };
        let path = spec.from.first().map_or("", String::as_str);
        match spec.unit {
            Unit::One => self.integer(&self.filled(path)),
            // The derived value is in milliseconds already.
            _ => self.place(path),
        }
    }

    fn amount(&self, target: TargetField) -> String {
        let path = self.spec(target).and_then(|spec| spec.from.first());
        let amount = path.map_or_else(|| self.nothing(), |path| self.filled(path));
        Dialect::cast(&amount, self.spelled.dialect.amount)
    }

    /// Batch where the row says so, else the tier.
    fn tier(&self) -> String {
        let tier = self.text(TargetField::Tier);
        match self.spec(TargetField::Batch) {
            Some(_) => format!("CASE WHEN {} = 'true' THEN 'batch' ELSE {tier} END", self.text(TargetField::Batch)),
            None => tier,
        }
    }

    /// The whole prompt, its parts and the whole output, by the first convention that meets a stated total. A row that
    /// meets none has no prompt, and is refused as every row without one.
    fn tokens(&self) -> [String; 5] {
        let zero = |count: String| format!("COALESCE({count}, 0)");
        let (input, output) = (self.count(TargetField::Input), self.count(TargetField::Output));
        let read = zero(self.count(TargetField::CacheRead));
        let [short, long, both] = [TargetField::CacheWrite5m, TargetField::CacheWrite1h, TargetField::CacheWrites]
            .map(|target| self.count(target));
        let (short, long) = (zero(short), zero(long));
        // What is stated of both together is for five minutes, where the lifetimes are not told apart.
        let short = if self.spec(TargetField::CacheWrites).is_some() {
            format!("CASE WHEN {short} = 0 AND {both} >= {long} THEN {both} - {long} ELSE {short} END")
        } else {
            short
        };
        let reasoning = zero(self.count(TargetField::Reasoning));
        let wholes: Vec<(String, String)> = self
            .mapping
            .conventions()
            .iter()
            .map(|convention| wholes(convention, &input, [&read, &short, &long], &output, &reasoning))
            .collect();
        let total = self.count(TargetField::Total);
        let pick = |whole: &dyn Fn(&(String, String)) -> String| {
            let fits = wholes.iter().map(|wholes| {
                let (prompt, answer) = wholes;
                format!(" WHEN {prompt} + COALESCE({answer}, 0) = {total} THEN {}", whole(wholes))
            });
            let usual = wholes.first().map(whole).unwrap_or_default();
            format!("CASE WHEN {total} IS NULL THEN {usual}{} END", fits.collect::<String>())
        };
        [pick(&|wholes| wholes.0.clone()), read, short, long, pick(&|wholes| wholes.1.clone())]
    }
}

/// The whole prompt and the whole output under a convention.
fn wholes(convention: &Convention, input: &str, parts: [&str; 3], output: &str, reasoning: &str) -> (String, String) {
    let classes = [CachePart::CacheRead, CachePart::CacheWrite5m, CachePart::CacheWrite1h];
    let outside_input = classes.iter().zip(parts).filter(|(class, _)| !convention.input_holds.contains(class));
    let prompt = std::iter::once(input).chain(outside_input.map(|(_, part)| part)).collect::<Vec<_>>().join(" + ");
    let answer = if convention.output_holds.is_empty() {
        format!("CASE WHEN {reasoning} > 0 THEN COALESCE({output}, 0) + {reasoning} ELSE {output} END")
    } else {
        output.to_owned()
    };
    (format!("({prompt})"), format!("({answer})"))
}
