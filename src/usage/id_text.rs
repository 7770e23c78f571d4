//! Ids as they are written: one that tells a call from all others, a word for none, or what a spreadsheet left of one.
//!
//! Role: the text of an id → what it is good for. Rows with the same word for `no id` are no duplicates of each other.
//! Every row of every log comes through here, so nothing is put into memory. docs/specification.md, section 7.

/// What the text of an id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdText {
    /// An id.
    Id,
    /// A word or sign for none.
    Placeholder,
    /// `0`: an id, unless it stands on more than one row of an input.
    Zero,
    /// A number in exponent form, which lost the digits that told it from others.
    Mangled,
}

/// Words for none, in lower case.
const WORDS: [&str; 9] = ["none", "null", "nil", "nan", "n/a", "na", "undefined", "unknown", "false"];
/// The longest of them.
const LONGEST_WORD: usize = 9;
/// Errors of a spreadsheet that end in no mark; all others are capitals between `#` and `!` or `?`, in any language.
const ERRORS: [&str; 3] = ["#n/a", "#nv", "#getting_data"];

impl IdText {
    /// Looks at a text. What most ids begin with is no sign of anything but an id, so that little is looked at.
    #[inline]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let is_placeholder = match text.as_bytes() {
            [] | b"-" | b"--" | b"\\N" | b"\\n" => true,
            b"0" => return Self::Zero,
            [b'0'..=b'9' | b'+' | b'-' | b'.' | b',', ..] => {
                if is_in_exponent_form(text) {
                    return Self::Mangled;
                }
                is_uuid_of_zeros(text)
            }
            [b'#', rest @ ..] => is_spreadsheet_error(text, rest),
            [b'{', inner @ .., b'}'] | [b'[', inner @ .., b']'] => {
                inner.trim_ascii().is_empty() || text.starts_with("{0") && is_uuid_of_zeros(&text[1..text.len() - 1])
            }
            bytes => bytes.len() <= LONGEST_WORD && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)),
        };
        if is_placeholder { Self::Placeholder } else { Self::Id }
    }

    /// Whether bytes are plainly an id: longer than any word for none, and neither a number nor in brackets or blanks.
    #[inline]
    pub const fn is_plain(id: &[u8]) -> bool {
        let ([first, .., last], true) = (id, id.len() > LONGEST_WORD) else { return false };
        // No number in exponent form is written like a UUID, and one of zeros begins with a zero.
        let is_uuid = id.len() == 36 && id[8] == b'-' && id[13] == b'-' && *first != b'0';
        (first.is_ascii_alphabetic() || is_uuid) && last.is_ascii_alphanumeric()
    }

    /// What else than an id a text may be, as a regular expression for texts in lower case, in what all engines of
    /// databases know of it. `0` is none either where several rows have it, and where one has it nothing hangs on it.
    pub fn pattern() -> String {
        format!("^ *({}) *$", Self::kinds().map(|(_, texts)| texts).join("|"))
    }

    /// The same of one kind.
    pub fn patterns() -> [(&'static str, String); 3] {
        Self::kinds().map(|(name, texts)| (name, format!("^ *({texts}) *$")))
    }

    /// Each kind that is no id for sure, by the name of its count.
    fn kinds() -> [(&'static str, String); 3] {
        let words = WORDS.iter().chain(&ERRORS).copied().collect::<Vec<_>>().join("|");
        let zeros = "00000000-0000-0000-0000-000000000000";
        let plain = zeros.replace('-', "");
        let errors = "#([a-z/0_]|[^ -~])+[!?]|#+";
        let numbers = "[+-]?([0-9]+[.,][0-9]*|[.,][0-9]+)e[+-]?[0-9]+|[+-]?[0-9]+e[+][0-9]+";
        let placeholders = format!("|--?|\\\\n|{words}|{zeros}|{plain}|[{{]{zeros}[}}]|{errors}|[{{] *[}}]|\\[ *\\]");
        [("placeholders", placeholders), ("zeros", "0".into()), ("mangled", numbers.into())]
    }

    /// Whether rows with this text are told apart by it.
    #[inline]
    pub const fn identifies(self, zero_is_placeholder: bool) -> bool {
        matches!(self, Self::Id) || (matches!(self, Self::Zero) && !zero_is_placeholder)
    }
}

/// `1.23457E+15`, with a point or a comma. Digits around an `e` alone, such as `7302e914`, are how ids of hexadecimal digits
/// look.
fn is_in_exponent_form(text: &str) -> bool {
    let bytes = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    let Some(at) = bytes.iter().position(|byte| !byte.is_ascii_digit() && !matches!(byte, b'.' | b',')) else {
        return false;
    };
    let (mantissa, exponent) = (&bytes[..at], &bytes[at + 1..]);
    let separators = mantissa.iter().filter(|byte| !byte.is_ascii_digit()).count();
    let digits = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
    matches!(bytes[at], b'e' | b'E')
        && separators <= 1
        && mantissa.len() > separators
        && !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && (separators == 1 || exponent.starts_with(b"+"))
}

fn is_uuid_of_zeros(text: &str) -> bool {
    text == "00000000-0000-0000-0000-000000000000" || text == "00000000000000000000000000000000"
}

/// `#REF!`, `#NAME?`, `#WERT!`, and the signs that a column too narrow for its number is filled with.
fn is_spreadsheet_error(text: &str, rest: &[u8]) -> bool {
    let is_sign = |character: char| character.is_alphabetic() || matches!(character, '/' | '0' | '_' | '¡' | '¿');
    let marked = text[1..].strip_suffix(['!', '?']).filter(|name| !name.is_empty());
    marked.is_some_and(|name| name.chars().all(is_sign))
        || rest.iter().all(|&byte| byte == b'#')
        || ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_what_looks_like_them() {
        let zeros = "00000000-0000-0000-0000-000000000000";
        for text in [
            "",
            " ",
            "None",
            "NULL",
            "nil",
            "NaN",
            "n/a",
            "N/A",
            "na",
            "undefined",
            "Unknown",
            "-",
            "--",
            "false",
            "FALSE",
            "[]",
            "{}",
            "[ ]",
            "\\N",
            "\\n",
            " None\t",
            zeros,
            "00000000000000000000000000000000",
            "{00000000-0000-0000-0000-000000000000}",
            "#REF!",
            "#N/A",
            "#DIV/0!",
            "#VALUE!",
            "#NAME?",
            "#NUM!",
            "#NULL!",
            "#SPILL!",
            "#CALC!",
            "#GETTING_DATA",
            "#ref!",
            "#BEZUG!",
            "#¡REF!",
            "#NV",
            "########",
        ] {
            assert_eq!(IdText::of(text), IdText::Placeholder, "{text:?}");
        }
        for text in [
            "nonesuch",
            "none-1",
            "nano",
            "unknown1",
            "00",
            "0.0",
            "---",
            "-1",
            "#1",
            "#order-17!",
            "#a1!",
            "[0]",
            "{a}",
            "\\Na",
            "0000",
            "0000000000000001",
            "1",
            "7302e914",
            "1e5",
            "12e-4",
            "1.5",
            "1,5",
            "1.2.3E+4",
            "E+15",
            "1.5E",
            "1.5E+",
            "1.5E+1a",
            "call_1.5E+15",
            "chatcmpl-9",
            "é",
        ] {
            assert_eq!(IdText::of(text), IdText::Id, "{text:?}");
        }
        for text in ["chatcmpl-9abcdef", "nonesuch-1", "7c1b77ae-0bf3-4dad-993c-eeb9026e6076"] {
            assert!(IdText::is_plain(text.as_bytes()) && IdText::of(text) == IdText::Id, "{text:?}");
        }
        for text in ["None      ", "undefined", "#GETTING_DATA", "1.23457E+15", "{00000000-0}", zeros] {
            assert!(!IdText::is_plain(text.as_bytes()), "{text:?}");
        }
        for text in ["1.23457E+15", "1,23457E+15", "1E+15", "1.2e15", "-1.5E+3", " 1.5E+15 ", "1.5E-7", "1.E+15"] {
            assert_eq!(IdText::of(text), IdText::Mangled, "{text:?}");
        }
        assert_eq!([IdText::of("0"), IdText::of(" 0 ")], [IdText::Zero; 2]);
        assert!(WORDS.iter().all(|word| word.len() <= LONGEST_WORD));
    }
}
