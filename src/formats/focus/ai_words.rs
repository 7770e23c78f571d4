//! Words by which a row of a cloud's bill speaks of AI, models or tokens.
//!
//! Role: texts of a row → whether they may be about LLM usage. It errs on that side: what is only perhaps LLM usage is
//! shown, and never taken for something else.

/// Categories of services in FOCUS in which a `model` is another thing: a data model, a model of a machine.
const MODEL_ELSEWHERE: [&str; 13] = [
    "analytics",
    "compute",
    "databases",
    "identity",
    "internet of things",
    "management and governance",
    "media",
    "migration",
    "mobile",
    "networking",
    "security",
    "storage",
    "web",
];
/// Those in which a `token` is one: what a login or a device is known by.
const TOKEN_ELSEWHERE: [&str; 7] =
    ["identity", "internet of things", "management and governance", "mobile", "networking", "security", "web"];
const AI_CATEGORY: &str = "ai and machine learning";
/// Services of clouds for machine learning that call no LLM by tokens, by a part of their name.
const OTHER_SERVICES: [&str; 27] = [
    "sagemaker",
    "rekognition",
    "textract",
    "comprehend",
    "transcribe",
    "polly",
    "amazon translate",
    "amazon lex",
    "personalize",
    "amazon forecast",
    "kendra",
    "fraud detector",
    "ai search",
    "cognitive search",
    "speech",
    "computer vision",
    "cloud vision",
    "form recognizer",
    "document intelligence",
    "document ai",
    "translator",
    "translation",
    "natural language",
    "dialogflow",
    "bot service",
    "video intelligence",
    "content moderator",
];
/// Beginnings of words that name an LLM, who makes it, or what is made of it. A seat of Copilot is LLM usage that no bill
/// counts in tokens, so that it is one of these.
const LLM_NAMES: [&str; 41] = [
    "anthropic",
    "bedrock",
    "cerebras",
    "chatgpt",
    "claude",
    "codestral",
    "cohere",
    "copilot",
    "deepseek",
    "devstral",
    "doubao",
    "ernie",
    "gemini",
    "gemma",
    "glm",
    "gpt",
    "grok",
    "groq",
    "hunyuan",
    "jamba",
    "jumpstart",
    "kimi",
    "llama",
    "magistral",
    "minimax",
    "ministral",
    "mistral",
    "mixtral",
    "moonshot",
    "nemotron",
    "novalite",
    "novamicro",
    "novapremier",
    "novapro",
    "openai",
    "openrouter",
    "palmyra",
    "perplexity",
    "pixtral",
    "qwen",
    "voxtral",
];
/// Words of AI, which mean it in any category.
const AI_WORDS: [&str; 8] = ["ai", "genai", "generative", "llm", "llms", "embeddings", "chatbot", "chatbots"];
/// Words that mean AI beside each other in any category, and without an `s` behind them.
const AI_PAIRS: [[&str; 2]; 7] = [
    ["model", "token"],
    ["model", "serving"],
    ["model", "inference"],
    ["model", "package"],
    ["foundation", "model"],
    ["language", "model"],
    ["snowflake", "cortex"],
];
/// Sellers of nothing but LLMs, and gateways' names of providers, beside those of the price table.
const LLM_HOSTS: [&str; 53] = [
    "ai21",
    "ai21_chat",
    "anthropic",
    "anyscale",
    "azure_ai",
    "azure_text",
    "baseten",
    "bedrock",
    "bedrock_converse",
    "cerebras",
    "codestral",
    "cohere",
    "cohere_chat",
    "dashscope",
    "deepinfra",
    "deepseek",
    "fireworks_ai",
    "friendliai",
    "gemini",
    "gigachat",
    "github_copilot",
    "groq",
    "huggingface",
    "hosted_vllm",
    "hyperbolic",
    "lm_studio",
    "meta_llama",
    "minimax",
    "mistral",
    "moonshot",
    "nebius",
    "novita",
    "nscale",
    "nvidia_nim",
    "ollama",
    "ollama_chat",
    "openai",
    "openrouter",
    "perplexity",
    "replicate",
    "sambanova",
    "text-completion-openai",
    "together_ai",
    "vertex_ai",
    "vertex_ai_beta",
    "vllm",
    "volcengine",
    "voyage",
    "watsonx",
    "watsonx_text",
    "xai",
    "xinference",
    "zai",
];

/// Whether a seller, in small letters, sells nothing but LLMs.
pub fn is_llm_host(host: &str) -> bool {
    LLM_HOSTS.contains(&host)
}

/// Whether texts speak of tokens.
pub fn say_tokens(texts: &str) -> bool {
    words(&texts.to_lowercase()).any(|word| matches!(word, "token" | "tokens"))
}

/// What a row says, in small letters.
pub struct Texts<'r> {
    service: String,
    category: String,
    values: &'r str,
}

impl<'r> Texts<'r> {
    /// Of a service, its category, and all that is said in small letters.
    pub fn new(service: &str, category: &str, values: &'r str) -> Self {
        Self { service: service.to_lowercase(), category: category.to_lowercase(), values }
    }

    /// Whether the row speaks of AI, models or tokens.
    pub fn speak_of_ai(&self) -> bool {
        let has = |wanted: &str| words(self.values).any(|word| word.strip_suffix('s').unwrap_or(word) == wanted);
        let names_llm = || words(self.values).any(|word| LLM_NAMES.iter().any(|name| word.starts_with(name)));
        let says_pair = || AI_PAIRS.iter().any(|pair| pair.iter().all(|word| has(word)));
        if OTHER_SERVICES.iter().any(|name| self.service.contains(name)) {
            return names_llm() || has("token") || has("generative") || says_pair();
        }
        let is_of = |categories: &[&str]| categories.contains(&self.category.as_str());
        self.category == AI_CATEGORY
            || names_llm()
            || words(self.values).any(|word| AI_WORDS.contains(&word))
            || says_pair()
            || (has("token") && !is_of(&TOKEN_ELSEWHERE))
            || (has("model") && !is_of(&MODEL_ELSEWHERE))
    }

    /// Whether the category leaves open that the row is for a model of any name.
    pub fn may_be_any_model(&self) -> bool {
        !MODEL_ELSEWHERE.contains(&self.category.as_str())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_of_ai() {
        for (service, category, texts, expected) in [
            ("Claude Sonnet 4.5", "", "Claude Sonnet 4.5 Input", true),
            ("Cognitive Services", "AI and Machine Learning", "S0 unit", true),
            ("New service", "Other", "Output tokens", true),
            ("New service", "", "Inference of models", true),
            // A login's tokens, a data model.
            ("Amazon Cognito", "Identity", "App client token requests", false),
            ("Amazon Elastic Compute Cloud", "Compute", "model m5 instance", false),
            ("Amazon Elastic Compute Cloud", "Compute", "claude-proxy", true),
            ("Amazon SageMaker", "AI and Machine Learning", "ml.p4d.24xlarge hours", false),
            ("Amazon SageMaker", "AI and Machine Learning", "Llama endpoint", true),
            ("Amazon SageMaker", "AI and Machine Learning", "JumpStart inference model package", true),
            // Platforms for data sell LLMs too, in a category of their own.
            ("Cortex AI Functions", "Analytics", "Snowflake AI_SERVICES million tokens complete", true),
            ("Cortex Analyst", "Analytics", "Snowflake Cortex Analyst messages", true),
            ("Foundation Model APIs", "Analytics", "Pay-per-token model serving", true),
            ("Warehouse", "Analytics", "Refresh of a semantic model", false),
            ("Copilot", "Developer Tools", "Copilot Business seat", true),
        ] {
            let texts = texts.to_lowercase();
            assert_eq!(Texts::new(service, category, &texts).speak_of_ai(), expected, "{service}: {texts}");
        }
        assert!(is_llm_host("vertex_ai") && !is_llm_host("Datadog"));
    }
}
