//! How clouds write a model and a token class into the name of what they sell.
//!
//! Role: a meter, usage type or SKU text → model, token class and tier, or nothing. Each function is the grammar of one
//! cloud as seen on bills and price lists, with texts seen as its test. What a text does not say is not made up: models
//! that a cloud abbreviates are looked up in a list, and what is not in it has no model.

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
const BEDROCK_CLASSES: [(&str, TokenClass); 6] = [
    ("cachewrite1h", TokenClass::CacheWrite1h),
    ("cachewritetokens1h", TokenClass::CacheWrite1h),
    ("cachewrite", TokenClass::CacheWrite5m),
    ("cacheread", TokenClass::CacheRead),
    ("inputtoken", TokenClass::Input),
    ("outputtoken", TokenClass::Output),
];
/// Where the name of a model ends in a usage type.
const BEHIND_MODEL: [&str; 5] = ["-mantle", "-input-token", "-output-token", "-cache-read", "-cache-write"];
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
    let class = BEDROCK_CLASSES.iter().find(|(mark, _)| squeezed.contains(mark)).map(|(_, class)| *class)?;
    let model = match product.strip_suffix("(Amazon Bedrock Edition)") {
        Some(name) => claude_on_bedrock(&super::logic::model_id(name))?,
        None => bedrock_model(&text)?,
    };
    let model = if squeezed.contains("global") { format!("global.{model}") } else { model };
    Some(Sku { model, class, tier: tier_in(&squeezed) })
}

fn bedrock_model(usage_type: &str) -> Option<String> {
    let end = BEHIND_MODEL.iter().filter_map(|mark| usage_type.find(mark)).min()?;
    let name = usage_type.get(..end)?;
    // `USE1-`: where it was used.
    let is_region = |text: &str| text.len() <= 5 && text.ends_with(|last: char| last.is_ascii_digit());
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
        return claude_on_bedrock(&format!("claude-{family}-{}", version.replace('.', "-")));
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

/// Words of Azure's meters that begin what is not the model.
const AZURE_INPUT: [&str; 4] = ["inp", "inpt", "input", "in"];
const AZURE_OUTPUT: [&str; 5] = ["outp", "outpt", "opt", "output", "out"];
const AZURE_CACHED: [&str; 3] = ["cached", "cd", "cchd"];
const AZURE_OTHER: [&str; 13] =
    ["batch", "pp", "glbl", "gl", "global", "regnl", "regional", "dzone", "dz", "data", "shortco", "longco", "tokens"];
/// Azure's names with month and day, and the snapshot there is of that day.
const AZURE_SNAPSHOTS: [(&str, &str); 9] = [
    ("gpt-4o-0513", "gpt-4o-2024-05-13"),
    ("gpt-4o-0806", "gpt-4o-2024-08-06"),
    ("gpt-4o-1120", "gpt-4o-2024-11-20"),
    ("gpt-4o-mini-0718", "gpt-4o-mini-2024-07-18"),
    ("gpt-4.5-0227", "gpt-4.5-preview-2025-02-27"),
    ("o1-1217", "o1-2024-12-17"),
    ("o3-0416", "o3-2025-04-16"),
    ("o3-mini-0131", "o3-mini-2025-01-31"),
    ("o4-mini-0416", "o4-mini-2025-04-16"),
];

/// A meter of Azure: `gpt 4.1 nano Batch Inp glbl Tokens`.
pub fn azure(meter: &str) -> Option<Sku> {
    let lower = meter.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    // Fine-tuned models have prices of their own, pictures and sound too.
    if has(&["ft", "audio", "aud", "image", "img", "rt", "realtime", "provisioned", "hosting", "training"]) {
        return None;
    }
    let class = match (has(&AZURE_INPUT), has(&AZURE_OUTPUT), has(&AZURE_CACHED)) {
        (true, false, false) => TokenClass::Input,
        (true, false, true) => TokenClass::CacheRead,
        (false, true, false) => TokenClass::Output,
        _ => return None,
    };
    let begins = |word: &&str| {
        [&AZURE_INPUT[..], &AZURE_OUTPUT, &AZURE_CACHED, &AZURE_OTHER].iter().any(|list| list.contains(word))
    };
    let name = words.iter().take_while(|word| !begins(word)).copied().collect::<Vec<_>>().join("-");
    // `5.4 inp`: of whom is not said.
    if !(name.starts_with("gpt-") || name.starts_with('o') && name[1..].starts_with(|next: char| next.is_ascii_digit()))
    {
        return None;
    }
    let model = AZURE_SNAPSHOTS.iter().find(|(short, _)| *short == name).map_or(name, |(_, id)| (*id).to_owned());
    let tier = if has(&["batch"]) {
        Some("batch")
    } else if has(&["pp"]) {
        Some("priority")
    } else {
        None
    };
    Some(Sku { model, class, tier })
}

/// Words of the names of Gemini models, which stand behind the version.
const GEMINI_WORDS: [&str; 4] = ["pro", "flash", "lite", "preview"];
/// What is not charged as text.
const NOT_TEXT: [&str; 6] = ["audio", "image", "video", "live", "storage", "tuning"];

/// A SKU of the Gemini API or of Vertex AI: `Generate content output token count gemini 3.7 flash text batch`, ` Gemini 2.5
/// Flash GA Input Text Caching`.
pub fn google(sku: &str) -> Option<Sku> {
    let lower = sku.trim().to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| letter.is_whitespace() || "()".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    if NOT_TEXT.iter().any(|word| has(word)) {
        return None;
    }
    let class = if let Some(counted) = lower.split(" token count").next().filter(|_| lower.contains(" token count")) {
        // Later words say how long the prompts were, and may say `input` of what was put out.
        match counted.rsplit(' ').next()? {
            "input" if counted.contains("cached") => TokenClass::CacheRead,
            "input" => TokenClass::Input,
            "output" => TokenClass::Output,
            _ => return None,
        }
    } else {
        match (has("input"), has("output"), has("caching")) {
            (true, false, true) => TokenClass::CacheRead,
            (true, false, false) => TokenClass::Input,
            (false, true, false) => TokenClass::Output,
            _ => return None,
        }
    };
    Some(Sku { model: gemini_model(&words)?, class, tier: tier_in(&lower) })
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

    type Expected<'e> = Option<(&'e str, TokenClass, Option<&'e str>)>;

    fn check(text: &str, found: Option<&Sku>, expected: Expected<'_>) {
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
            ("USE1-Palmyra-input-tokens", "Amazon Bedrock", None),
            ("Reserved_1Month_InputTPM_Geo", "Amazon Bedrock", None),
            ("USE1-NovaLite-custom-model-input-tokens", "Amazon Bedrock", None),
        ] {
            check(text, bedrock(text, product).as_ref(), expected);
        }
    }

    #[test]
    fn meters_of_azure() {
        for (text, expected) in [
            ("gpt 4o 1120 Inp glbl Tokens", Some(("gpt-4o-2024-11-20", Input, None))),
            ("gpt 4o 1120 Outp glbl Tokens", Some(("gpt-4o-2024-11-20", Output, None))),
            ("gpt 4o 1120 cached Inp glbl Tokens", Some(("gpt-4o-2024-11-20", CacheRead, None))),
            ("gpt 4o 1120 Batch Inp glbl Tokens", Some(("gpt-4o-2024-11-20", Input, Some("batch")))),
            ("gpt 4.1 nano Batch Outp glbl Tokens", Some(("gpt-4.1-nano", Output, Some("batch")))),
            ("o4-mini 0416 Inp glbl Tokens", Some(("o4-mini-2025-04-16", Input, None))),
            ("GPT 5 Inpt Glbl 1M Tokens", Some(("gpt-5", Input, None))),
            ("GPT 5 outpt Glbl 1M Tokens", Some(("gpt-5", Output, None))),
            ("5.4 inp Gl 1M Tokens", None),
            ("5.5 ShortCo opt Dz 1M Tokens", None),
            ("V4 Pro Inp glbl Tokens", None),
            ("Provisioned Managed Global Unit", None),
            ("gpt 4o ft Inp regnl Tokens", None),
        ] {
            check(text, azure(text).as_ref(), expected);
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
            ("Grounding with Google Search", None),
            ("Cached content storage token hours", None),
        ] {
            check(text, google(text).as_ref(), expected);
        }
    }
}
