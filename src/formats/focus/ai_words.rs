//! Words by which a row of a cloud's bill speaks of AI, models or tokens.
//!
//! Role: texts of a row → whether they may be about LLM usage. It errs on that side: what is only perhaps LLM usage is
//! shown, and never taken for something else.

/// Categories of services in FOCUS that hold no AI, where `token` and `model` mean other things.
const OTHER_CATEGORIES: [&str; 13] = [
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
/// Beginnings of words that name an LLM or who makes it.
const LLM_NAMES: [&str; 17] = [
    "anthropic",
    "bedrock",
    "chatgpt",
    "claude",
    "codestral",
    "cohere",
    "deepseek",
    "gemini",
    "gemma",
    "gpt",
    "grok",
    "kimi",
    "llama",
    "mistral",
    "mixtral",
    "openai",
    "qwen",
];
/// Words of AI, models and tokens in general.
const AI_WORDS: [&str; 8] = ["ai", "genai", "llm", "llms", "model", "models", "token", "tokens"];
/// Sellers of nothing but LLMs, and gateways' names of providers, as the price table or a gateway writes them.
const LLM_HOSTS: [&str; 34] = [
    "ai21",
    "anthropic",
    "azure_ai",
    "azure_text",
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
    "gemini",
    "groq",
    "huggingface",
    "hosted_vllm",
    "mistral",
    "moonshot",
    "nvidia_nim",
    "ollama",
    "openai",
    "openrouter",
    "perplexity",
    "replicate",
    "sambanova",
    "text-completion-openai",
    "together_ai",
    "vertex_ai",
    "vertex_ai_beta",
    "voyage",
    "watsonx",
    "xai",
];

/// Whether a seller sells nothing but LLMs.
pub fn is_llm_host(host: &str) -> bool {
    LLM_HOSTS.contains(&host.to_lowercase().as_str())
}

/// Whether texts speak of tokens.
pub fn say_tokens(texts: &str) -> bool {
    words(&texts.to_lowercase()).any(|word| matches!(word, "token" | "tokens"))
}

/// Whether a row with this service, in this category, speaks of AI, models or tokens.
pub fn speak_of_ai(service: &str, category: &str, texts: &str) -> bool {
    let [service, category, texts] = [service, category, texts].map(str::to_lowercase);
    let names_llm = || words(&texts).any(|word| LLM_NAMES.iter().any(|name| word.starts_with(name)));
    if OTHER_SERVICES.iter().any(|name| service.contains(name)) {
        return names_llm() || say_tokens(&texts);
    }
    let says_ai = || words(&texts).any(|word| AI_WORDS.contains(&word));
    category == AI_CATEGORY || names_llm() || (!OTHER_CATEGORIES.contains(&category.as_str()) && says_ai())
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
        ] {
            assert_eq!(speak_of_ai(service, category, texts), expected, "{service}: {texts}");
        }
        assert!(is_llm_host("vertex_ai") && !is_llm_host("Datadog"));
    }
}
