//! What single formats need beyond a mapping: values worked out from other values.
//!
//! Role: fills the `@name` paths of a row. Each function is the grammar of one vendor's texts, documented where it was
//! observed; nothing here prices or judges.

use super::cells::Cells;
use super::focus::{Focus, anthropic_class};
use super::mapping::{Logic, TimeForm};
use super::moment::moment;
use super::paths::{Paths, Slot};
use crate::calendar::Moment;
use crate::usage::{ChargeKind, TokenClass};

/// The slots a format's logic reads and writes.
#[derive(Clone, Debug)]
pub enum DerivedFields {
    /// `OpenAI`'s line items.
    LineItem {
        /// The text.
        line_item: Slot,
        /// What its quantity counts.
        unit: Slot,
        /// `@model`.
        model: Slot,
        /// `@token_class`.
        class: Slot,
    },
    /// Rows of `OpenAI`'s old export that count no tokens.
    Activity {
        /// The counts of tokens, one of which is filled where the row is about tokens.
        tokens: [Slot; 2],
        /// Counts of other things.
        others: [Slot; 2],
        /// What the row is about: `text`, `dalle`, `tts`.
        usage_type: Slot,
        /// `@other_unit`.
        other_unit: Slot,
    },
    /// Answers in `OpenAI`'s shape, some of which `OpenRouter` gave.
    Bodies {
        /// Ids of the answer, by where it may stand.
        ids: [Slot; 3],
        /// What was charged, likewise.
        costs: [Slot; 3],
        /// `@provider`.
        provider: Slot,
        /// `@billed`.
        billed: Slot,
    },
    /// Lines of Anthropic's bills.
    AnthropicCost {
        /// The display name or id.
        name: Slot,
        /// Tokens, or what else.
        cost_type: Slot,
        /// The line in words.
        description: Slot,
        /// The token class; lines for something else have none.
        token_type: Slot,
        /// `@model`.
        model: Slot,
    },
    /// A cloud's bill.
    Focus(Box<Focus>),
    /// A gateway's log.
    Litellm(Box<Litellm>),
    /// Lines of sums, which are read by [`super::rollup`].
    Rollup,
}

/// The slots of a `LiteLLM` row.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named like LiteLLM's columns and the values made of them")]
pub struct Litellm {
    pub provider: Slot,
    pub model: Slot,
    pub call_type: Slot,
    pub start: Slot,
    pub end: Slot,
    pub first_chunk: Slot,
    pub duration_ms: Slot,
    pub asked_stream: [Slot; 2],
    pub request_tags: Slot,
    pub response_id: Slot,
    pub speed: [Slot; 2],
    pub out_model: Slot,
    pub out_stream: Slot,
    pub out_ttft_ms: Slot,
    pub out_latency_ms: Slot,
    pub out_app: Slot,
    pub out_batch_end: Slot,
    pub out_batch_id: Slot,
    pub out_fast: Slot,
}

impl DerivedFields {
    /// Numbers the paths that a format's logic needs.
    pub fn new(logic: Logic, paths: &mut Paths) -> Self {
        match logic {
            Logic::Rollup => Self::Rollup,
            Logic::OpenaiLineItem => Self::LineItem {
                line_item: paths.slot("line_item"),
                unit: paths.slot("quantity_unit"),
                model: paths.slot("@model"),
                class: paths.slot("@token_class"),
            },
            Logic::AnthropicCost => Self::AnthropicCost {
                name: paths.slot("model"),
                cost_type: paths.slot("cost_type"),
                description: paths.slot("description"),
                token_type: paths.slot("token_type"),
                model: paths.slot("@model"),
            },
            Logic::OpenaiBodies => Self::Bodies {
                ids: BODIES.map(|body| paths.slot(&format!("{body}id"))),
                costs: BODIES.map(|body| paths.slot(&format!("{body}usage > cost"))),
                provider: paths.slot("@provider"),
                billed: paths.slot("@billed"),
            },
            Logic::OpenaiActivity => Self::Activity {
                tokens: ["n_context_tokens_total", "n_generated_tokens_total"].map(|name| paths.slot(name)),
                others: ["num_images", "num_characters"].map(|name| paths.slot(name)),
                usage_type: paths.slot("usage_type"),
                other_unit: paths.slot("@other_unit"),
            },
            Logic::Focus => Self::Focus(Box::new(Focus::new(paths))),
            Logic::Litellm => Self::Litellm(Box::new(Litellm {
                provider: paths.slot("custom_llm_provider"),
                model: paths.slot("model"),
                call_type: paths.slot("call_type"),
                start: paths.slot("startTime"),
                end: paths.slot("endTime"),
                first_chunk: paths.slot("completionStartTime"),
                duration_ms: paths.slot("request_duration_ms"),
                asked_stream: ["proxy_server_request > stream", "stream"].map(|path| paths.slot(path)),
                request_tags: paths.slot("request_tags"),
                response_id: paths.slot("response > id"),
                speed: ["usage_object", "additional_usage_values"]
                    .map(|usage| paths.slot(&format!("metadata > {usage} > speed"))),
                out_model: paths.slot("@model"),
                out_stream: paths.slot("@stream"),
                out_ttft_ms: paths.slot("@ttft_ms"),
                out_latency_ms: paths.slot("@latency_ms"),
                out_app: paths.slot("@app"),
                out_batch_end: paths.slot("@batch_end"),
                out_batch_id: paths.slot("@batch_id"),
                out_fast: paths.slot("@fast"),
            })),
        }
    }

    /// Works out the values of a row.
    pub fn apply(&self, cells: &mut Cells<'_>) {
        match self {
            Self::LineItem { line_item, unit, model, class } => {
                let Some(text) = cells.get(*line_item).map(ToOwned::to_owned) else { return };
                if let Some((name, token_class)) = line_item_parts(&text) {
                    cells.set(*model, name);
                    cells.set(*class, token_class.name());
                } else {
                    // Nothing that counts tokens is what rounding left, or a plan of support.
                    let hides_tokens = cells.get(*unit) == Some("tokens")
                        && matches!(ChargeKind::of(&text), Some(ChargeKind::Rounding | ChargeKind::Support));
                    let unit = if hides_tokens { " tokens" } else { "" };
                    cells.set(*model, &(item_words(&text) + unit));
                }
            }
            // A row of text without tokens is no such row: it lacks what must be counted, and is rejected for that.
            Self::Activity { tokens, others, usage_type, other_unit } => {
                let is_filled = |slot: &Slot| cells.get(*slot).is_some();
                let is_other = cells.get(*usage_type).is_some_and(|kind| kind != "text");
                if !tokens.iter().any(is_filled) && (is_other || others.iter().any(is_filled)) {
                    cells.set(*other_unit, "yes");
                }
            }
            Self::Bodies { ids, costs, provider, billed } => {
                let first = |slots: &[Slot]| slots.iter().find_map(|slot| cells.get(*slot)).map(ToOwned::to_owned);
                if first(ids).is_some_and(|id| id.starts_with(OPENROUTER_ID)) {
                    let cost = first(costs);
                    cells.set(*provider, "openrouter");
                    if let Some(cost) = cost {
                        cells.set(*billed, &cost);
                    }
                }
            }
            Self::AnthropicCost { name, cost_type, description, token_type, model } => {
                let other = cells.get(*cost_type).filter(|kind| !matches!(*kind, "token" | "tokens"));
                let text = match cells.get(*name).filter(|_| other.is_none()) {
                    // A class of tokens that is not known here is not understood, and no model goes by these words.
                    Some(name) => Some(match cells.get(*token_type).filter(|class| anthropic_class(class).is_none()) {
                        Some(class) => item_words(&format!("{name} {class}")),
                        None => model_id(name),
                    }),
                    // Credits are said to be for tokens, of no class.
                    None if cells.get(*token_type).is_none() || other.is_some() => {
                        cells.get(*description).or(other).map(item_words)
                    }
                    None => None,
                };
                if let Some(text) = text {
                    cells.set(*model, &text);
                }
            }
            Self::Focus(slots) => slots.apply(cells),
            Self::Litellm(slots) => slots.apply(cells),
            Self::Rollup => {}
        }
    }
}

/// Model and token class of a line item: `evals | gpt-4o-mini-2024-07-18, cached input`. Other lines (tools, storage)
/// have neither. `, input` is the uncached part, since cached input has lines of its own.
pub(super) fn line_item_parts(text: &str) -> Option<(&str, TokenClass)> {
    let item = text.rsplit_once(" | ").map_or(text, |(_, item)| item);
    let (model, direction) = item.rsplit_once(", ")?;
    let class = match direction.trim() {
        "input" | "input_tokens" => TokenClass::Input,
        "cached input" => TokenClass::CacheRead,
        "cache writes" => TokenClass::CacheWrite5m,
        "output" | "output_tokens" => TokenClass::Output,
        _ => return None,
    };
    // `gpt-audio-mini text, output`: a modality is not part of the model's name, and only text has the text rates.
    let model = match model.rsplit_once(' ') {
        Some((model, "text")) => model,
        Some((_, "audio" | "image")) => return None,
        _ => model,
    };
    Some((model.trim(), class))
}

/// Tools, storage and credits go by the bill's own words; separators in a model's name would show damage.
fn item_words(text: &str) -> String {
    text.trim().replace(", ", " · ").replace([',', ';', '|'], "·")
}

/// `Claude Haiku 4.5` → `claude-haiku-4-5`, `Claude 3.5 Sonnet 2024-10-22` → `claude-3-5-sonnet-2024-10-22`. The API's ids
/// have no spaces and stay as they are.
pub(super) fn model_id(display: &str) -> String {
    let display = display.trim();
    if display.contains(' ') { display.to_lowercase().replace([' ', '.'], "-") } else { display.to_owned() }
}

/// Where the body of an answer may stand.
const BODIES: [&str; 3] = ["response > body > ", "response > ", ""];
/// How ids of `OpenRouter`'s answers begin (openrouter.ai/docs/api-reference/overview, 2026-11).
const OPENROUTER_ID: &str = "gen-";

/// A first chunk this much before the end means the answer was streamed; without streaming both are one moment.
pub const STREAMED_FROM_MICROS: i64 = 5_000;

impl Litellm {
    fn apply(&self, cells: &mut Cells<'_>) {
        let moment = |slot: Slot| moment(cells.get(slot), "", TimeForm::TextOrEpochSeconds).ok().flatten();
        let (start, end, first) = (moment(self.start), moment(self.end), moment(self.first_chunk));
        let micros = |from: Option<Moment>, to: Option<Moment>| {
            from.zip(to).map(|(from, to)| to.micros() - from.micros()).filter(|micros| *micros >= 0)
        };
        let streamed = micros(first, end).map(|rest| rest > STREAMED_FROM_MICROS);
        let asked = self.asked_stream.iter().find_map(|slot| cells.get(*slot)).map(|text| text == "true");
        let is_batch = matches!(cells.get(self.call_type), Some("aretrieve_batch" | "acreate_batch"));
        let model = cells.get(self.model).map(|model| {
            let provider = cells.get(self.provider).unwrap_or_default();
            model.strip_prefix(provider).and_then(|rest| rest.strip_prefix('/')).unwrap_or(model).to_owned()
        });
        let latency = cells.get(self.duration_ms).map(ToOwned::to_owned).or_else(|| {
            // A batch's two times frame the polling, not a call.
            micros(start, end).filter(|_| !is_batch).map(|micros| (micros / 1000).to_string())
        });
        if let Some(model) = model {
            cells.set(self.out_model, &model);
        }
        if let Some(streamed) = asked.or(streamed).filter(|_| !is_batch) {
            cells.set(self.out_stream, if streamed { "true" } else { "false" });
            if let Some(ttft) = micros(start, first).filter(|_| streamed) {
                cells.set(self.out_ttft_ms, &(ttft / 1000).to_string());
            }
        }
        if let Some(latency) = latency {
            cells.set(self.out_latency_ms, &latency);
        }
        // One row stands for all calls of a batch: a bucket, whose prompts have no size of their own.
        if let Some(end) = cells.get(self.end).map(ToOwned::to_owned).filter(|_| is_batch) {
            cells.set(self.out_batch_end, &end);
            // Each poll of a batch is logged under an id of its own.
            if let Some(id) = cells.get(self.response_id).map(ToOwned::to_owned) {
                cells.set(self.out_batch_id, &id);
            }
        }
        // Speed is told apart from the tier, and `standard` of one says nothing about the other.
        if self.speed.iter().any(|slot| cells.get(*slot) == Some("fast")) {
            cells.set(self.out_fast, "fast");
        }
        self.add_tags(cells);
    }

    /// Plain tags, `key:value` tags, and the automatic `User-Agent: product/version` tag.
    fn add_tags(&self, cells: &mut Cells<'_>) {
        let tags: Vec<String> =
            cells.get(self.request_tags).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let mut plain = 0;
        for tag in tags {
            if let Some(agent) = tag.strip_prefix("User-Agent: ") {
                let product = agent.split('/').next().unwrap_or(agent);
                cells.set(self.out_app, product);
            } else if let Some((name, value)) = tag.split_once([':', '=']) {
                cells.add_tag(name.trim(), value.trim());
            } else {
                plain += 1;
                let name = if plain == 1 { "request_tag".to_owned() } else { format!("request_tag_{plain}") };
                cells.add_tag(&name, &tag);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_items_seen_on_bills() {
        for (text, expected) in [
            ("gpt-4o-mini-2024-07-18, input", Some(("gpt-4o-mini-2024-07-18", TokenClass::Input))),
            ("gpt-5.4-mini-2026-03-17, cached input", Some(("gpt-5.4-mini-2026-03-17", TokenClass::CacheRead))),
            ("gpt-5.6-luna, cache writes", Some(("gpt-5.6-luna", TokenClass::CacheWrite5m))),
            ("evals | gpt-4o-mini-2024-07-18, input", Some(("gpt-4o-mini-2024-07-18", TokenClass::Input))),
            ("gpt-audio-mini-2025-12-15 text, output", Some(("gpt-audio-mini-2025-12-15", TokenClass::Output))),
            ("gpt-image-2-2026-04-21 image, output", None),
            ("web search tool calls", None),
            ("assistants api | file search", None),
        ] {
            assert_eq!(line_item_parts(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_of_anthropics_bills() {
        let mut paths = Paths::new(None, false);
        let derive = DerivedFields::new(Logic::AnthropicCost, &mut paths);
        let model = paths.slot("@model");
        for (texts, expected) in [
            (["Claude Haiku 4.5", "token", "", "output"], Some("claude-haiku-4-5")),
            (
                ["claude-opus-4-8", "tokens", "Claude Opus 4.8 Usage - Output Tokens", "output_tokens"],
                Some("claude-opus-4-8"),
            ),
            (["", "web_search", "Web Search Usage", ""], Some("Web Search Usage")),
            (["Claude Haiku 4.5", "web_search", "", "web_search"], Some("web_search")),
            (["", "tokens", "Credit, promotional", ""], Some("Credit · promotional")),
            (["", "tokens", "", ""], None),
            (["", "", "", ""], None),
            // Rejected later on: a class of no model.
            (["", "tokens", "Usage", "output_tokens"], None),
        ] {
            let [name, kind, words, class] = texts;
            let line = serde_json::json!({"model": name, "cost_type": kind, "description": words, "token_type": class})
                .to_string();
            let mut cells = Cells::default();
            cells.load_json(&paths, line.as_bytes()).expect("a row");
            derive.apply(&mut cells);
            assert_eq!(cells.get(model), expected, "{texts:?}");
        }
    }

    #[test]
    fn display_names() {
        assert_eq!(model_id("Claude Haiku 4.5"), "claude-haiku-4-5");
        assert_eq!(model_id("Claude 3.5 Sonnet 2024-10-22"), "claude-3-5-sonnet-2024-10-22");
        assert_eq!(model_id("claude-opus-4-8"), "claude-opus-4-8");
    }
}
