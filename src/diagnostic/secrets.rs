//! Keys, tokens and passwords in texts: what they look like, as data.
//!
//! Role: text → where a secret stands in it, and how much of it everybody may see. Names of models and workloads are to
//! stay as they are, so that a key is known by its mark, its length and by looking drawn at random; keys without a mark
//! of their own, as Mistral and Cohere give them, cannot be told from other ids unless `api_key=` or the like stands
//! before them.

/// A secret that begins with a mark of its own.
struct Pattern {
    /// What everybody may see.
    mark: &'static str,
    /// What follows.
    body: Body,
    /// Characters of it that are there at least.
    least: usize,
    /// Letters and digits of the key that stand before the mark.
    before: usize,
    /// Whether it is one in the middle of a word too; else only where a word begins.
    anywhere: bool,
}

/// The characters of a key.
#[derive(Clone, Copy)]
enum Body {
    /// Letters and digits.
    Plain,
    /// Digits and the letters a to f.
    Hex,
    /// Capital letters and digits.
    Capital,
    /// Letters, digits, `_`, `-` and `.`.
    Token,
    /// The same and `+`, `/`, `=`, `~`.
    Base64,
}

const fn word(mark: &'static str, body: Body, least: usize) -> Pattern {
    Pattern { mark, body, least, before: 0, anywhere: false }
}

const fn anywhere(mark: &'static str, body: Body, least: usize) -> Pattern {
    Pattern { mark, body, least, before: 0, anywhere: true }
}

/// All of them; of two that begin alike the longer mark comes first.
const PATTERNS: [Pattern; 61] = [
    // Vendors of the price table: OpenAI, Anthropic, and those whose keys look like theirs (DeepSeek).
    anywhere("sk-ant-", Body::Token, 12),
    anywhere("sk-proj-", Body::Token, 12),
    anywhere("sk-svcacct-", Body::Token, 12),
    anywhere("sk-admin-", Body::Token, 12),
    word("sk-", Body::Token, 16),
    word("sess-", Body::Plain, 30),
    // Gemini and the rest of Google: keys, tokens, secrets of clients.
    anywhere("AIza", Body::Token, 30),
    word("AQ.", Body::Token, 30),
    word("ya29.", Body::Token, 20),
    word("GOCSPX-", Body::Token, 20),
    // xAI, Groq, Together, Fireworks, Voyage.
    word("xai-", Body::Plain, 30),
    anywhere("gsk_", Body::Plain, 16),
    word("tgp_v1_", Body::Token, 30),
    word("fw_", Body::Plain, 20),
    word("pa-", Body::Token, 40),
    // Bedrock and the rest of AWS.
    anywhere("AKIA", Body::Capital, 12),
    word("ASIA", Body::Capital, 12),
    word("ABSK", Body::Base64, 60),
    word("bedrock-api-key-", Body::Base64, 40),
    // Azure marks the middle of its keys.
    Pattern { mark: "JQQJ99", body: Body::Plain, least: 20, before: 52, anywhere: true },
    // Other vendors of models.
    anywhere("nvapi-", Body::Token, 20),
    word("pplx-", Body::Plain, 40),
    word("r8_", Body::Plain, 30),
    word("hf_", Body::Plain, 16),
    word("csk-", Body::Plain, 30),
    word("jina_", Body::Token, 30),
    word("vck_", Body::Plain, 30),
    word("dapi", Body::Hex, 32),
    // Gateways and tracers.
    word("pk-lf-", Body::Token, 16),
    word("lsv2_pt_", Body::Token, 20),
    word("lsv2_sk_", Body::Token, 20),
    // Where code and packages are kept.
    anywhere("github_pat_", Body::Token, 20),
    anywhere("ghp_", Body::Plain, 20),
    anywhere("gho_", Body::Plain, 20),
    anywhere("ghu_", Body::Plain, 20),
    anywhere("ghs_", Body::Plain, 20),
    anywhere("ghr_", Body::Plain, 20),
    anywhere("glpat-", Body::Token, 16),
    word("npm_", Body::Plain, 30),
    word("pypi-", Body::Token, 40),
    word("dckr_pat_", Body::Token, 20),
    // Chats, payments, mail, vaults.
    anywhere("xoxb-", Body::Token, 16),
    anywhere("xoxp-", Body::Token, 16),
    anywhere("xoxa-", Body::Token, 16),
    anywhere("xoxr-", Body::Token, 16),
    anywhere("xoxs-", Body::Token, 16),
    anywhere("xapp-", Body::Token, 16),
    word("sk_live_", Body::Plain, 16),
    word("rk_live_", Body::Plain, 16),
    word("sk_test_", Body::Plain, 16),
    word("whsec_", Body::Base64, 20),
    word("SG.", Body::Token, 40),
    word("hvs.", Body::Token, 20),
    word("hvb.", Body::Token, 20),
    word("dp.pt.", Body::Plain, 30),
    word("PMAK-", Body::Token, 30),
    word("lin_api_", Body::Plain, 30),
    // Tokens of any vendor.
    word("eyJ", Body::Token, 24),
    word("Bearer ", Body::Base64, 16),
    word("bearer ", Body::Base64, 16),
    word("Basic ", Body::Base64, 20),
];

/// Letters and digits in a row that do not make a word: a key is drawn at random, and no name is.
const RANDOM: usize = 8;

/// No word is that long.
const LONGEST_WORD: usize = 20;
/// A day without anything between year, month and day.
const LONGEST_NUMBER: usize = 8;
/// Capital letters in a row that are an abbreviation.
const LONGEST_ABBREVIATION: usize = 5;
/// Characters that the words of a name have on average at least; of what is drawn at random it is two.
const USUAL_WORD: usize = 4;
/// Date and time to the second, without anything between them.
const DIGITS_OF_A_MOMENT: usize = 14;

/// What a secret is called that stands behind its name, as in `api_key=…`.
const NAMES: [&str; 6] = ["key", "token", "secret", "password", "passwd", "pwd"];
/// What may stand between both; a blank alone says least.
const SIGNS: [&str; 9] = ["%3D", "%3d", "%3A", "%3a", "=>", "=", ":", " ", "\t"];
/// Characters of one that has a name and no mark: behind a blank, or a `key` of any kind.
const LEAST_OF_A_NAMED: usize = 16;
/// Those of all others.
const LEAST_OF_A_CREDENTIAL: usize = 8;

/// A secret in a text.
pub(super) struct Secret {
    /// Where it begins and ends.
    pub(super) range: std::ops::Range<usize>,
    /// How much of its begin everybody may see.
    pub(super) public: usize,
}

/// The patterns by the first and by the second byte of their mark, a bit each: nearly all places of a text are passed by
/// with one look. The last three bits are for secrets behind their names, passwords of addresses and private keys.
static BEGINS: [[u64; 256]; 2] = {
    let mut begins = [[0; 256]; 2];
    let mut index = 0;
    while index < PATTERNS.len() {
        let mark = PATTERNS[index].mark.as_bytes();
        begins[0][mark[0] as usize] |= 1 << index;
        begins[1][mark[1] as usize] |= 1 << index;
        index += 1;
    }
    let mut sign = 0;
    while sign < SIGNS.len() {
        begins[0][SIGNS[sign].as_bytes()[0] as usize] |= NAMED;
        sign += 1;
    }
    let mut second = 0;
    while second < 256 {
        begins[1][second] |= NAMED;
        second += 1;
    }
    begins[0][b':' as usize] |= PASSWORD;
    begins[1][b'/' as usize] |= PASSWORD;
    begins[0][b'-' as usize] |= PRIVATE_KEY;
    begins[1][b'-' as usize] |= PRIVATE_KEY;
    begins
};
const NAMED: u64 = 1 << 61;
const PASSWORD: u64 = 1 << 62;
const PRIVATE_KEY: u64 = 1 << 63;

/// Bytes of the shortest secret that has a mark, from its mark on.
const SHORTEST: usize = {
    let mut shortest = usize::MAX;
    let mut index = 0;
    while index < PATTERNS.len() {
        let length = PATTERNS[index].mark.len() + PATTERNS[index].least;
        if length < shortest {
            shortest = length;
        }
        index += 1;
    }
    shortest
};

/// The patterns whose marks begin with two bytes, of which the first then is a character.
fn candidates(first: u8, second: u8) -> u64 {
    BEGINS[0][usize::from(first)] & BEGINS[1][usize::from(second)]
}

/// Whether a mark may begin with two bytes.
pub(super) fn may_begin(first: u8, second: u8) -> bool {
    candidates(first, second) != 0
}

/// The secret whose mark stands at a place.
pub(super) fn secret_at(text: &str, at: usize) -> Option<Secret> {
    let mut candidates = candidates(*text.as_bytes().get(at)?, *text.as_bytes().get(at + 1)?);
    if text.len() - at < SHORTEST {
        candidates &= PASSWORD | NAMED;
    }
    while candidates != 0 {
        let bit = candidates & candidates.wrapping_neg();
        let found = match bit {
            NAMED => named(text, at),
            PASSWORD => password(text, at),
            PRIVATE_KEY => private_key(text, at),
            _ => PATTERNS.get(bit.trailing_zeros() as usize).and_then(|pattern| pattern.find(text, at)),
        };
        if found.is_some() {
            return found;
        }
        candidates ^= bit;
    }
    None
}

impl Pattern {
    fn find(&self, text: &str, at: usize) -> Option<Secret> {
        let body = text.get(at..)?.strip_prefix(self.mark)?.as_bytes();
        let length = body.iter().take_while(|byte| self.body.holds(**byte)).count();
        if length < self.least {
            return None;
        }
        let start = at.checked_sub(self.before)?;
        let stands_right = if self.before > 0 {
            text.as_bytes()[start..at].iter().all(u8::is_ascii_alphanumeric)
        } else {
            self.anywhere || starts_word(&text[..at])
        };
        // What goes on in other characters of keys belongs to it.
        let longest = body.iter().take_while(|byte| Body::Token.holds(**byte)).count().max(length);
        // A mark that ends in letters is one with the letters and digits behind it.
        let word = self.mark.len() - self.mark.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric()).len();
        let from = at + self.mark.len() - word;
        (stands_right && is_random(&text.as_bytes()[from..at + self.mark.len() + longest])).then_some(Secret {
            range: start..at + self.mark.len() + longest,
            public: if self.before > 0 { 0 } else { self.mark.len() },
        })
    }
}

impl Body {
    const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Plain => byte.is_ascii_alphanumeric(),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Token => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => Self::Token.holds(byte) || matches!(byte, b'+' | b'/' | b'=' | b'~'),
        }
    }
}

/// Whether a body looks drawn at random: some letters in a row with a digit among them, or in both cases, that are no name,
/// or more letters than a word and more digits than a moment has. Words such as `sk-learn-nightly-evaluation-2026` and
/// `gsk_vaccineTrialSummaries` are not.
fn is_random(body: &[u8]) -> bool {
    body.split(|byte| !byte.is_ascii_alphanumeric()).filter(|run| run.len() >= RANDOM).any(|run| {
        let has = |is: fn(&u8) -> bool| run.iter().any(is);
        let has_case = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        // A day such as 20260901 is no key.
        let has_letter = has(u8::is_ascii_alphabetic);
        let is_mixed = has_letter && (has(u8::is_ascii_digit) || has_case);
        (is_mixed || run.len() >= LONGEST_WORD) && !is_name(run) || !has_letter && run.len() > DIGITS_OF_A_MOMENT
    })
}

/// Whether letters and digits in a row are words written together, each with a capital letter or without, or all in capital
/// letters, and at most one number that is no longer than a day. Of a thousand keys of twenty characters drawn at random it is one.
fn is_name(run: &[u8]) -> bool {
    let class = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let (mut words, mut short, mut numbers) = (0, 0, 0);
    let mut rest = run;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|byte| class(byte) == class(first)).count();
        // The last of some capital letters begins the word behind them.
        let small =
            rest[same..].iter().take_while(|byte| first.is_ascii_uppercase() && byte.is_ascii_lowercase()).count();
        let (word, abbreviation) = match (first.is_ascii_digit(), first.is_ascii_uppercase()) {
            (true, _) => (0, 0),
            (_, true) => (if small > 0 { small + 1 } else { 0 }, if small > 0 { same - 1 } else { same }),
            _ => (same, 0),
        };
        let number = if first.is_ascii_digit() { same } else { 0 };
        if word > LONGEST_WORD || abbreviation > LONGEST_ABBREVIATION || number > LONGEST_NUMBER {
            return false;
        }
        numbers += usize::from(number > 0);
        short += usize::from(word == 1 || word == 2);
        words += usize::from(word > 0) + usize::from(abbreviation > 0);
        rest = &rest[same + small..];
    }
    short <= 1 && numbers <= 1 && (words + numbers) * USUAL_WORD <= run.len()
}

/// Whether a body is groups of one length, as in `8f3a-91bc-77de-0a4f`, that together look drawn at random.
fn is_grouped(body: &[u8]) -> bool {
    const GROUPS: usize = 3;
    const SHORTEST_GROUP: usize = 4;
    let groups = || body.split(|byte| matches!(byte, b'-' | b'.'));
    let length = groups().next().map_or(0, <[u8]>::len);
    length >= SHORTEST_GROUP
        && groups().count() >= GROUPS
        && groups().all(|group| group.len() == length)
        && is_random(&groups().flatten().copied().collect::<Vec<_>>())
}

/// A secret behind its name and a sign, which stands at the place given.
fn named(text: &str, at: usize) -> Option<Secret> {
    let name = text.get(..at)?.trim_end_matches(['"', '\'', ' ']).as_bytes();
    let ends_in = |word: &&str| {
        name.len().checked_sub(word.len()).is_some_and(|from| name[from..].eq_ignore_ascii_case(word.as_bytes()))
    };
    NAMES.iter().find(|word| ends_in(word))?;
    let sign = SIGNS.into_iter().find(|sign| text[at..].starts_with(sign))?;
    let behind = &text[at + sign.len()..];
    let from = text.len() - behind.trim_start_matches(['"', '\'', ' ', '\t']).len();
    let is_credential = !ends_in(&"key") || ["api_key", "api-key", "apikey"].iter().any(ends_in);
    let least = if is_credential && !sign.trim().is_empty() { LEAST_OF_A_CREDENTIAL } else { LEAST_OF_A_NAMED };
    let body = text.as_bytes().get(from..)?;
    let length = body.iter().take_while(|byte| Body::Base64.holds(**byte)).count();
    (length >= least && (is_random(&body[..length]) || is_grouped(&body[..length])))
        .then_some(Secret { range: at..from + length, public: from - at })
}

/// A password before the host of an address.
fn password(text: &str, at: usize) -> Option<Secret> {
    let authority = text.get(at..)?.strip_prefix("://")?;
    let ends = |character: char| matches!(character, '/' | '?' | '#') || character.is_whitespace();
    let authority = authority.split(ends).next()?;
    let (login, _) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    // One that is masked stays as it is.
    let is_secret = !password.is_empty() && !password.starts_with('…');
    let public = "://".len() + user.len() + ":".len();
    is_secret.then_some(Secret { range: at..at + public + password.len(), public })
}

/// A private key as text, to its end or that of the text.
fn private_key(text: &str, at: usize) -> Option<Secret> {
    const BEGIN: &str = "-----BEGIN";
    const LONGEST_KIND: usize = 40;
    let rest = text.get(at..)?;
    let kind = rest.strip_prefix(BEGIN)?.strip_prefix(' ')?;
    let is_private = kind.find("PRIVATE KEY").is_some_and(|found| found < LONGEST_KIND);
    let end =
        rest.find("-----END").map(|from| from + rest[from + 5..].find("-----").map_or(rest.len() - from, |to| to + 10));
    is_private.then_some(Secret { range: at..at + end.unwrap_or(rest.len()), public: BEGIN.len() })
}

/// Whether a word begins behind this text: behind anything but a letter or digit, or behind an escape sequence, which
/// ends in a letter.
fn starts_word(before: &str) -> bool {
    if !before.ends_with(|character: char| character.is_ascii_alphanumeric()) {
        return true;
    }
    before.rfind('\u{1b}').is_some_and(|escape| {
        let sequence = before[escape + 1..].trim_start_matches(['[', ';', '?']);
        sequence.trim_start_matches(|character: char| character.is_ascii_digit() || character == ';').len() == 1
    })
}

#[cfg(test)]
mod tests;
