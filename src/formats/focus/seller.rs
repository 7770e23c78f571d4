//! Who sells what a row of a bill is for.
//!
//! Role: the seller's name as the bill writes it → whose grammar its texts have, and what it is called in the price table.

/// Whose texts a row has, and what they are called in the price table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seller {
    /// `OpenAI`.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Amazon Web Services.
    Aws,
    /// Microsoft.
    Azure,
    /// Google, and whether by the Gemini API.
    Google {
        /// Not by Vertex AI.
        is_gemini_api: bool,
    },
    /// A gateway's file, or a seller that is not known: under its own name.
    Other,
}

/// Beginnings of sellers' names: behind them stand legal forms, countries and short forms, as in `Amazon Web Services EMEA
/// SARL` and `Amazon Web Services (AWS)`.
const BEGINNINGS: [(&str, Seller); 8] = [
    ("openai", Seller::OpenAi),
    ("anthropic", Seller::Anthropic),
    ("aws", Seller::Aws),
    ("amazon", Seller::Aws),
    ("microsoft", Seller::Azure),
    ("azure", Seller::Azure),
    ("google", Seller::Google { is_gemini_api: false }),
    ("gcp", Seller::Google { is_gemini_api: false }),
];
/// Google's own API, as one word of several for who sells it.
const GEMINI_HOSTS: [&str; 2] = ["ai studio", "gemini"];

impl Seller {
    /// The seller of this name, in small letters.
    pub fn named(host: &str) -> Self {
        // Names that go on without a space are a gateway's own: `azure_ai`, `openai.chat`.
        let is_end = |rest: &str| rest.is_empty() || rest.starts_with([' ', ',', '(']);
        let found = BEGINNINGS.iter().find(|(name, _)| host.strip_prefix(name).is_some_and(is_end));
        match found {
            Some((_, Self::Google { .. })) => {
                Self::Google { is_gemini_api: GEMINI_HOSTS.iter().any(|name| host.contains(name)) }
            }
            Some((_, seller)) => *seller,
            None => Self::Other,
        }
    }

    /// What the seller is called in the price table, where it is known.
    pub const fn provider(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("openai"),
            Self::Anthropic => Some("anthropic"),
            Self::Aws => Some("bedrock"),
            Self::Azure => Some("azure"),
            Self::Google { is_gemini_api: true } => Some("gemini"),
            Self::Google { is_gemini_api: false } => Some("vertex_ai"),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sellers_by_their_names() {
        for (host, provider) in [
            ("aws", Some("bedrock")),
            ("amazon web services, inc.", Some("bedrock")),
            ("amazon web services (aws)", Some("bedrock")),
            ("amazon web services emea sarl", Some("bedrock")),
            ("microsoft corporation", Some("azure")),
            ("azure openai", Some("azure")),
            ("google llc", Some("vertex_ai")),
            ("google ai studio", Some("gemini")),
            ("openai, llc", Some("openai")),
            ("anthropic, pbc", Some("anthropic")),
            // A gateway's names mean themselves.
            ("azure_ai", None),
            ("openai.chat", None),
            ("vertex_ai", None),
            ("googol", None),
        ] {
            assert_eq!(Seller::named(host).provider(), provider, "{host}");
        }
    }
}
