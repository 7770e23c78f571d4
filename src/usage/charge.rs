//! What a line of a bill is for, where that is something else than tokens of a model.
//!
//! Role: the bill's words → a kind, or nothing. A line that says none of these things is not understood, which is
//! another matter: it may be LLM usage, and is never taken for something else.

/// What a line of a bill is for besides tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeKind {
    /// Free daily tokens: used, and billed at nothing.
    FreeTokens,
    /// Money given back.
    Credit,
    /// Searches, code execution, sessions.
    Tool,
    /// Taxes.
    Tax,
    /// What rounding left.
    Rounding,
    /// Something bought, whatever is used of it.
    Purchase,
    /// Capacity that is paid for by time: provisioned throughput, reservations.
    Commitment,
    /// A support plan.
    Support,
    /// Images, audio, storage, training.
    Other,
}

/// As its name.
impl serde::Serialize for ChargeKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for ChargeKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom("no kind of charge"))
    }
}

impl ChargeKind {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FreeTokens => "free-tokens",
            Self::Credit => "credit",
            Self::Tool => "tool",
            Self::Tax => "tax",
            Self::Rounding => "rounding",
            Self::Purchase => "purchase",
            Self::Commitment => "commitment",
            Self::Support => "support",
            Self::Other => "other",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::FreeTokens,
            Self::Credit,
            Self::Tool,
            Self::Tax,
            Self::Rounding,
            Self::Purchase,
            Self::Commitment,
            Self::Support,
            Self::Other,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether such a line is about no call at all, so that it is a line of its own: in no verdict and no saving.
    pub const fn stands_alone(self) -> bool {
        matches!(self, Self::Credit | Self::Tax | Self::Rounding | Self::Purchase | Self::Commitment | Self::Support)
    }

    /// The kind of a line, by the first word that says one; nothing if its words say none of these things. A line that
    /// only rounds says nothing else, so any other kind goes before; one that says tokens, or what went in or came out, is
    /// no rounding and no plan of support: `Support Bot gpt-5.4 output tokens`.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let words = || text.split(|character: char| !character.is_alphanumeric());
        let kinds = || words().filter_map(Self::of_word);
        let kind = kinds().find(|kind| *kind != Self::Rounding).or_else(|| kinds().next())?;
        let says_tokens = || words().any(|word| matches!(word, "token" | "tokens"));
        let says_usage = || says_tokens() || words().any(|word| matches!(word, "input" | "output" | "cached"));
        match kind {
            // Tokens that go with a tool are tokens all the same.
            Self::Tool if says_tokens() => None,
            Self::Rounding | Self::Support if says_usage() => None,
            kind => Some(kind),
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        match word {
            "tax" | "taxes" | "vat" | "gst" => Some(Self::Tax),
            "credit" | "credits" | "refund" | "refunds" | "adjustment" => Some(Self::Credit),
            "rounding" => Some(Self::Rounding),
            "ptu" | "ptus" | "reserved" | "reservation" | "reservations" | "committed" | "commitment"
            | "commitments" | "savings" => Some(Self::Commitment),
            // `ProvisionedThroughput-Hours`
            _ if word.starts_with("provisioned") => Some(Self::Commitment),
            "support" => Some(Self::Support),
            "search" | "searches" | "searchunits" | "grounding" | "guardrail" | "guardrails" | "execution"
            | "interpreter" | "tool" | "tools" | "session" | "sessions" => Some(Self::Tool),
            "image" | "images" | "picture" | "pictures" | "video" | "videos" | "sora" | "audio" | "speech" | "tts"
            | "transcription" | "transcriptions" | "whisper" | "storage" | "training" | "trng" | "customization"
            | "hosting" | "hstng" => Some(Self::Other),
            _ => None,
        }
    }
}

/// Whether the words of a bill are the id of a model, as vendors and gateways write them: one word in small letters with a
/// version in it.
pub fn is_model_id(words: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".:/@_-".contains(letter);
    words.starts_with(|first: char| first.is_ascii_lowercase())
        && words.contains(|letter: char| letter.is_ascii_digit())
        && words.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_the_words_of_bills() {
        for (words, kind) in [
            ("web search tool calls", Some(ChargeKind::Tool)),
            ("assistants api · file search", Some(ChargeKind::Tool)),
            ("Code Execution Usage", Some(ChargeKind::Tool)),
            ("session_usage", Some(ChargeKind::Tool)),
            ("credit grant", Some(ChargeKind::Credit)),
            ("VAT 19 %", Some(ChargeKind::Tax)),
            ("Rounding error", Some(ChargeKind::Rounding)),
            ("G rounding with Google Search", Some(ChargeKind::Tool)),
            ("gpt-5.4-2026-03-05, input rounding", None),
            ("Support Bot gpt-5.4 output tokens", None),
            ("Provisioned Managed Global Unit", Some(ChargeKind::Commitment)),
            ("USE1-ProvisionedThroughput-Hours", Some(ChargeKind::Commitment)),
            ("Committed use discount", Some(ChargeKind::Commitment)),
            ("gpt-image-2-2026-04-21 image · output", Some(ChargeKind::Other)),
            ("syntax storage", Some(ChargeKind::Other)),
            ("gpt-5.4-2026-03-05, priority", None),
            ("Scale tier units", None),
            // Of what, the text does not say; that it is tokens, it does.
            ("Claude Code Usage - Output Tokens", None),
            ("Deep search output tokens", None),
        ] {
            assert_eq!(ChargeKind::of(words), kind, "{words}");
        }
    }
}
