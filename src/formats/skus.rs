//! How clouds write a model and a token class into the name of what they sell.
//!
//! Role: a meter, usage type or SKU text → model, token class and tier, or nothing. Each function is the grammar of one
//! cloud as seen on bills and price lists, with texts seen as its test. What a text does not say is not made up: models
//! that a cloud abbreviates are looked up in a list, and what is not in it has no model.

mod azure;

pub use azure::azure;

use crate::usage::TokenClass;

/// What a text says is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sku {
    /// The model, as the cloud's price list calls it where one is known.
    pub model: String,
    /// The class of its tokens.
    pub class: TokenClass,
    /// The service tier, where it is not the usual one.
    pub tier: Option<&'static str>,
}

/// Tiers that cost something else than usual.
const TIERS: [&str; 3] = ["batch", "flex", "priority"];

fn tier_in(text: &str) -> Option<&'static str> {
    TIERS.into_iter().find(|tier| text.contains(tier))
}

/// What Bedrock sells that is no tokens on demand.
const NO_TOKENS: [&str; 6] = ["reserved", "custom", "provisioned", "training", "storage", "guardrail"];
/// Marks of token classes in Bedrock's usage types without hyphens and underscores, the most telling first.
const BEDROCK_CLASSES: [(&str, TokenClass); 4] = [
    ("cachewrite", TokenClass::CacheWrite5m),
    ("cacheread", TokenClass::CacheRead),
    ("inputtoken", TokenClass::Input),
    ("outputtoken", TokenClass::Output),
];
/// How a lifetime of an hour is written behind the mark of a cache write: `cachewrite1hinputtokencount`,
/// `cachewritetokens1h`, `cachewriteinputtokencount1hour`.
const AN_HOUR: &str = "1h";
/// What is dearer than the usual tier and none of the tiers with a price.
const LATENCY_OPTIMIZED: &str = "latency-optimized";
/// Where the name of a model ends in a usage type.
const BEHIND_MODEL: [&str; 7] =
    ["-mantle", "-text-input", "-text-output", "-input-token", "-output-token", "-cache-read", "-cache-write"];
/// Bedrock's short names, and the ids of the models.
const BEDROCK_MODELS: [(&str, &str); 8] = [
    ("novamicro", "amazon.nova-micro-v1:0"),
    ("novalite", "amazon.nova-lite-v1:0"),
    ("novapro", "amazon.nova-pro-v1:0"),
    ("novapremier", "amazon.nova-premier-v1:0"),
    ("llama4-maverick-17b", "meta.llama4-maverick-17b-instruct-v1:0"),
    ("llama4-scout-17b", "meta.llama4-scout-17b-instruct-v1:0"),
    ("openai.gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
    ("openai.gpt-oss-20b", "openai.gpt-oss-20b-1:0"),
];
/// What stands behind Claude's names in Bedrock's ids; later ones have nothing there.
const CLAUDE_DATES: [(&str, &str); 8] = [
    ("claude-3-haiku", "-20240307-v1:0"),
    ("claude-opus-4", "-20250514-v1:0"),
    ("claude-opus-4-1", "-20250805-v1:0"),
    ("claude-opus-4-5", "-20251101-v1:0"),
    ("claude-opus-4-6", "-v1"),
    ("claude-sonnet-4", "-20250514-v1:0"),
    ("claude-sonnet-4-5", "-20250929-v1:0"),
    ("claude-haiku-4-5", "-20251001-v1:0"),
];
/// Of these Bedrock has several versions under one name.
const SEVERAL_VERSIONS: &str = "claude-3-5-sonnet";

/// A usage type of Bedrock; models sold through the Marketplace are named by the product alone.
pub fn bedrock(usage_type: &str, product: &str) -> Option<Sku> {
    let text = usage_type.to_lowercase();
    let squeezed = text.replace(['-', '_'], "");
    if NO_TOKENS.iter().any(|word| squeezed.contains(word)) {
        return None;
    }
    let (at, class) = BEDROCK_CLASSES.iter().find_map(|(mark, class)| Some((squeezed.find(mark)?, *class)))?;
    let class = match class {
        TokenClass::CacheWrite5m if squeezed[at..].contains(AN_HOUR) => TokenClass::CacheWrite1h,
        class => class,
    };
    let model = match product.strip_suffix("(Amazon Bedrock Edition)") {
        Some(name) => claude_on_bedrock(&super::logic::model_id(name))?,
        None => bedrock_model(&text)?,
    };
    let model = if squeezed.contains("global") { format!("global.{model}") } else { model };
    let tier = if squeezed.contains("latencyoptimized") { Some(LATENCY_OPTIMIZED) } else { tier_in(&squeezed) };
    Some(Sku { model, class, tier })
}

fn bedrock_model(usage_type: &str) -> Option<String> {
    let end = BEHIND_MODEL.iter().filter_map(|mark| usage_type.find(mark)).min()?;
    let name = usage_type.get(..end)?;
    // `USE1-`, `EU-`: where it was used.
    let is_region =
        |text: &str| text == "eu" || (text.len() <= 5 && text.ends_with(|last: char| last.is_ascii_digit()));
    let name = match name.split_once('-') {
        Some((region, rest)) if is_region(region) => rest,
        _ => name,
    };
    if let Some((_, id)) = BEDROCK_MODELS.iter().find(|(short, _)| *short == name) {
        return Some((*id).to_owned());
    }
    if let Some(version_first) = name.strip_prefix("claude") {
        // `claude4.6sonnet`
        let family = version_first.find(|character: char| character.is_ascii_alphabetic())?;
        let (version, family) = version_first.split_at_checked(family).filter(|(version, _)| !version.is_empty())?;
        let version = version.replace('.', "-");
        // Up to the third generation the version stands before the family.
        let id = if version.starts_with('3') {
            format!("claude-{version}-{family}")
        } else {
            format!("claude-{family}-{version}")
        };
        return claude_on_bedrock(&id);
    }
    // The newer endpoint writes ids: `qwen.qwen3-32b`.
    name.contains('.').then(|| name.to_owned())
}

fn claude_on_bedrock(id: &str) -> Option<String> {
    if !id.starts_with("claude-") || id == SEVERAL_VERSIONS {
        return None;
    }
    let behind = CLAUDE_DATES.iter().find(|(known, _)| *known == id).map_or("", |(_, behind)| *behind);
    Some(format!("anthropic.{id}{behind}"))
}

/// Words of the names of Gemini models, which stand behind the version.
const GEMINI_WORDS: [&str; 4] = ["pro", "flash", "lite", "preview"];
/// What is not charged as text.
const NOT_TEXT: [&str; 6] = ["audio", "image", "video", "live", "storage", "tuning"];

/// A SKU of the Gemini API or of Vertex AI: `Generate content output token count gemini 3.7 flash text batch`, ` Gemini 2.5
/// Flash GA Input Text Caching`.
pub fn google(sku: &str) -> Option<Sku> {
    let lower = sku.trim().to_lowercase().replace('_', " ");
    let words: Vec<&str> = lower
        .split(|letter: char| letter.is_whitespace() || "()".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    if NOT_TEXT.iter().any(|word| has(word)) || lower.starts_with("bidi") {
        return None;
    }
    let is_cached = lower.contains("cached") || lower.contains("caching");
    let class = if let Some(counted) = lower.split(" token count").next().filter(|_| lower.contains(" token count")) {
        // Later words say how long the prompts were, and may say `input` of what was put out.
        match counted.rsplit(' ').next()? {
            "input" if is_cached => TokenClass::CacheRead,
            "input" => TokenClass::Input,
            "output" => TokenClass::Output,
            _ => return None,
        }
    } else {
        // Other products of Google count tokens of the same models: `CodeMender Gemini 3 Flash Text Input`.
        if !lower.starts_with("gemini") {
            return None;
        }
        match (has("input"), has("output"), is_cached) {
            (true, false, true) => TokenClass::CacheRead,
            (true, false, false) => TokenClass::Input,
            (false, true, false) => TokenClass::Output,
            _ => return None,
        }
    };
    Some(Sku { model: gemini_model(&words)?, class, tier: tier_in(&lower) })
}

/// Families of Claude, which stand before or behind the version.
const CLAUDE_FAMILIES: [&str; 5] = ["opus", "sonnet", "haiku", "fable", "mythos"];
/// Words of a Claude text that are neither name nor class nor tier.
const CLAUDE_PASSED: [&str; 7] = ["token", "tokens", "count", "usage", "predictions", "global", "text"];

/// Claude as other sellers than Anthropic name it in words: `Claude Sonnet 4.5 Input Tokens`, `Claude Haiku 4.5 Cache Write
/// Tokens 1h - Batch Predictions`. A word that is not known may mean another price, so that nothing is made of the text then.
pub fn claude(sku: &str) -> Option<Sku> {
    let lower = sku.to_lowercase();
    let mut words =
        lower.split(|letter: char| !(letter.is_alphanumeric() || letter == '.')).filter(|word| !word.is_empty());
    if words.next() != Some("claude") {
        return None;
    }
    let mut name = vec!["claude"];
    let (mut input, mut output, mut cache, mut write, mut read, mut hour) = (false, false, false, false, false, false);
    let mut tier = None;
    let mut in_name = true;
    for word in words {
        let is_version = word.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
        if in_name && (is_version || CLAUDE_FAMILIES.contains(&word)) {
            name.push(word);
            continue;
        }
        in_name = false;
        match word {
            "input" | "prompt" => input = true,
            "output" | "completion" => output = true,
            "cache" | "cached" | "caching" => cache = true,
            "write" | "writes" | "creation" => write = true,
            "read" | "reads" | "hit" | "hits" => read = true,
            "1h" => hour = true,
            "5m" => {}
            "1" | "5" | "hour" | "minute" | "minutes" | "min" => hour |= word == "hour",
            _ if CLAUDE_PASSED.contains(&word) => {}
            _ => tier = Some(TIERS.into_iter().find(|known| *known == word)?),
        }
    }
    let class = match (input, output, cache, write, read) {
        (true, false, false, false, false) => TokenClass::Input,
        (false, true, false, false, false) => TokenClass::Output,
        (_, false, true, true, false) if hour => TokenClass::CacheWrite1h,
        (_, false, true, true, false) => TokenClass::CacheWrite5m,
        (_, false, true, false, _) => TokenClass::CacheRead,
        _ => return None,
    };
    (name.len() > 2).then(|| Sku { model: name.join("-").replace('.', "-"), class, tier })
}

fn gemini_model(words: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| word.starts_with("gemini"))?;
    let (name, rest) = words[at..].split_first()?;
    if name.starts_with("gemini-") {
        return Some((*name).to_owned());
    }
    let (version, rest) = rest.split_first()?;
    if *name != "gemini" || !version.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let named = rest.iter().take_while(|word| GEMINI_WORDS.contains(word));
    let model = named.fold(format!("gemini-{version}"), |name, word| format!("{name}-{word}"));
    // A version alone is no model.
    model.contains("pro").then_some(()).or(model.contains("flash").then_some(()))?;
    Some(model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenClass::{CacheRead, CacheWrite1h, CacheWrite5m, Input, Output};

    pub(super) type Expected<'e> = Option<(&'e str, TokenClass, Option<&'e str>)>;

    pub(super) fn check(text: &str, found: Option<&Sku>, expected: Expected<'_>) {
        let found = found.map(|sku| (sku.model.as_str(), sku.class, sku.tier));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn usage_types_of_bedrock() {
        let sonnet = "Claude Sonnet 4.6 (Amazon Bedrock Edition)";
        let sonnet_id = "anthropic.claude-sonnet-4-6";
        let global_id = "global.anthropic.claude-sonnet-4-6";
        for (text, product, expected) in [
            ("USE1-NovaLite-input-tokens", "Amazon Bedrock", Some(("amazon.nova-lite-v1:0", Input, None))),
            (
                "USE1-Llama4-Maverick-17B-input-tokens-batch",
                "Amazon Bedrock",
                Some(("meta.llama4-maverick-17b-instruct-v1:0", Input, Some("batch"))),
            ),
            (
                "USE1-NovaPro-cache-read-input-token-count",
                "Amazon Bedrock",
                Some(("amazon.nova-pro-v1:0", CacheRead, None)),
            ),
            (
                "USE1-qwen.qwen3-32b-mantle-output-tokens-batch",
                "Amazon Bedrock",
                Some(("qwen.qwen3-32b", Output, Some("batch"))),
            ),
            (
                "USE1-openai.gpt-5.6-luna-mantle-cache-write-tokens-5m-long-ctx-flex",
                "Amazon Bedrock",
                Some(("openai.gpt-5.6-luna", CacheWrite5m, Some("flex"))),
            ),
            ("USE1-Claude4.6Sonnet-input-tokens", "Amazon Bedrock Service", Some((sonnet_id, Input, None))),
            (
                "USE1-Claude4Sonnet-input-tokens-cross-region-global-batch",
                "Amazon Bedrock Service",
                Some(("global.anthropic.claude-sonnet-4-20250514-v1:0", Input, Some("batch"))),
            ),
            ("USE1-MP:USE1_InputTokenCount-Units", sonnet, Some((sonnet_id, Input, None))),
            ("USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units", sonnet, Some((global_id, CacheWrite1h, None))),
            ("USE1-MP:USE1_MillionBatchInputTokens-Units", sonnet, Some((sonnet_id, Input, Some("batch")))),
            ("USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units", sonnet, Some((global_id, CacheWrite1h, None))),
            ("USE1-MP:USE1_output_tokens_global_standard-Units", sonnet, Some((global_id, Output, None))),
            ("", sonnet, None),
            ("USE1-MP:USE1_InputTokenCount-Units", "Claude 3.5 Sonnet (Amazon Bedrock Edition)", None),
            (
                "USE1-Claude4.6Sonnet-cache-write-input-token-count",
                "Amazon Bedrock",
                Some((sonnet_id, CacheWrite5m, None)),
            ),
            // However the hour is written.
            (
                "USE1-Claude4.6Sonnet-cache-write-input-token-count-1-hour",
                "Amazon Bedrock",
                Some((sonnet_id, CacheWrite1h, None)),
            ),
            (
                "USE1-Claude4.6Sonnet-cache-write-1h-input-token-count",
                "Amazon Bedrock",
                Some((sonnet_id, CacheWrite1h, None)),
            ),
            (
                "EU-qwen.qwen3-32b-mantle-input-tokens-flex",
                "Amazon Bedrock",
                Some(("qwen.qwen3-32b", Input, Some("flex"))),
            ),
            (
                "USE1-NovaPro-output-tokens-latency-optimized",
                "Amazon Bedrock",
                Some(("amazon.nova-pro-v1:0", Output, Some("latency-optimized"))),
            ),
            (
                "USE1-Claude3Haiku-output-tokens",
                "Amazon Bedrock",
                Some(("anthropic.claude-3-haiku-20240307-v1:0", Output, None)),
            ),
            ("USE1-Palmyra-input-tokens", "Amazon Bedrock", None),
            ("Reserved_1Month_InputTPM_Geo", "Amazon Bedrock", None),
            ("USE1-NovaLite-custom-model-input-tokens", "Amazon Bedrock", None),
        ] {
            check(text, bedrock(text, product).as_ref(), expected);
        }
    }

    #[test]
    fn skus_of_google() {
        for (text, expected) in [
            ("Gemini 2.5 Flash GA Text Input - Predictions", Some(("gemini-2.5-flash", Input, None))),
            ("Gemini 2.5 Flash GA Thinking Text Output - Predictions", Some(("gemini-2.5-flash", Output, None))),
            ("Gemini 2.5 Flash Lite Text Input - Predictions", Some(("gemini-2.5-flash-lite", Input, None))),
            (" Gemini 2.5 Flash GA Input Text Caching (Long)", Some(("gemini-2.5-flash", CacheRead, None))),
            ("Gemini 2.5 Flash GA Input Text Caching Storage", None),
            ("Gemini 2.5 Flash GA Audio Input (Long) - Predictions", None),
            (
                "Generate content output token count gemini 2.5 flash short input text",
                Some(("gemini-2.5-flash", Output, None)),
            ),
            (
                "Generate content cached input token count gemini 2.5 flash input short text",
                Some(("gemini-2.5-flash", CacheRead, None)),
            ),
            (
                "Generate content output token count gemini 3.7 flash text batch",
                Some(("gemini-3.7-flash", Output, Some("batch"))),
            ),
            (
                "Generate content input token count gemini 3.1 flash lite preview text",
                Some(("gemini-3.1-flash-lite-preview", Input, None)),
            ),
            ("Generate_content text input token count for gemini 3 pro short", Some(("gemini-3-pro", Input, None))),
            ("GenerateContent text output token count for Gemini 2.0 Flash", Some(("gemini-2.0-flash", Output, None))),
            ("EmbedContent input token count for gemini-embedding-001", Some(("gemini-embedding-001", Input, None))),
            (
                "Generate content input token count gemini 3.7 flash text flex caching",
                Some(("gemini-3.7-flash", CacheRead, Some("flex"))),
            ),
            ("Generate_content_input_token_count_gemini_3_pro_short_text", Some(("gemini-3-pro", Input, None))),
            ("CodeMender Gemini 3 Flash Global Text Input", None),
            ("BidiGenerateContent text output token count for Gemini 2.5 Flash", None),
            ("Grounding with Google Search", None),
            ("Cached content storage token hours", None),
        ] {
            check(text, google(text).as_ref(), expected);
        }
    }

    #[test]
    fn claude_sold_by_others() {
        for (text, expected) in [
            ("Claude Sonnet 4.5 Input Tokens", Some(("claude-sonnet-4-5", Input, None))),
            ("Claude Sonnet 4.5 Output Tokens - Batch", Some(("claude-sonnet-4-5", Output, Some("batch")))),
            ("Claude Opus 5 Cached Input Tokens", Some(("claude-opus-5", CacheRead, None))),
            ("Claude Haiku 4.5 Cache Write Tokens", Some(("claude-haiku-4-5", CacheWrite5m, None))),
            ("Claude Haiku 4.5 Cache Write Tokens (1 hour)", Some(("claude-haiku-4-5", CacheWrite1h, None))),
            ("Claude Haiku 4.5 Cache Write 1h Input Tokens", Some(("claude-haiku-4-5", CacheWrite1h, None))),
            ("Claude Haiku 4.5 Long Context Input Tokens", None),
            ("Claude Sonnet 4.5", None),
            ("Claude Code Output Tokens", None),
            ("Input Tokens", None),
        ] {
            check(text, claude(text).as_ref(), expected);
        }
    }
}
