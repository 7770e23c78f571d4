//! Text from files, made safe to show: control characters escaped, things that look like secrets masked.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::secrets::{Secret, may_begin, secret_at};

/// The text with control, bidirectional and zero-width characters escaped and API keys masked.
pub fn sanitized(text: &str) -> Cow<'_, str> {
    let masked = mask_secrets(text);
    // Nearly all text is of this kind, and looked at by the byte.
    if masked.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !masked.chars().any(is_hostile) {
        return masked;
    }
    let mut safe = String::with_capacity(masked.len() + 16);
    for character in masked.chars() {
        if is_hostile(character) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// As [`sanitized`], cut to `most` characters.
pub fn sanitized_short(text: &str, most: usize) -> String {
    let safe = sanitized(text);
    if safe.chars().count() <= most {
        return safe.into_owned();
    }
    let mut cut: String = safe.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A word as a shell reads it: names come from files and may hold anything.
pub fn shell_word(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '/' | '#' | ',');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Text for a cell of a spreadsheet, which runs what begins like a formula: an apostrophe in front keeps it text.
pub fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    match guard(&text) {
        "" => text,
        guard => format!("{guard}{text}").into(),
    }
}

/// What has to stand in front of a text so that a spreadsheet takes it for text: an apostrophe or nothing.
pub fn guard(text: &str) -> &'static str {
    let first = text.trim_start_matches([' ', '\u{200b}', '\u{feff}']).chars().next();
    // A lone minus, the name of standard input, is no formula.
    let is_formula = text != "-"
        && first.is_some_and(|first| {
            matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
        });
    if is_formula { "'" } else { "" }
}

/// A text as Markdown shows it: nothing in it is taken for structure, a link, a mention, a reference or a formula.
pub fn markdown(text: &str) -> String {
    /// Nothing to see, and the end of the word that GitHub would look up: it does so after escapes are undone.
    const BREAK: &str = "<!-- -->";
    let safe = sanitized(text);
    let mut out = String::with_capacity(safe.len() + 16);
    for (at, character) in safe.char_indices() {
        match character {
            '\\' | '|' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '~' | '&' | '$' => {
                out.push('\\');
                out.push(character);
            }
            '@' | '#' => {
                out.push(character);
                out.push_str(BREAK);
            }
            ':' | '.' | '-' => {
                let (before, after) = (&safe[..at], &safe[at + 1..]);
                let follows = |word: &str| {
                    before.get(at.saturating_sub(word.len())..).is_some_and(|end| end.eq_ignore_ascii_case(word))
                };
                let is_looked_up = match character {
                    // A link, or an emoji such as `:tada:`.
                    ':' => after.starts_with("//") || after.starts_with(|next: char| next.is_ascii_alphabetic()),
                    '.' => follows("www"),
                    // A reference such as `GH-7`.
                    _ => follows("gh"),
                };
                out.push(character);
                if is_looked_up {
                    out.push_str(BREAK);
                }
            }
            _ => out.push(character),
        }
    }
    out
}

/// A name as code in Markdown, where nothing means anything but what would end it: that is shown by its number.
pub fn markdown_code(text: &str) -> String {
    let safe = sanitized(text).replace('`', "\\u{60}").replace('|', "\\u{7c}");
    if safe.trim().is_empty() { format!("“{safe}”") } else { format!("`{safe}`") }
}

/// JSON whose texts show such characters as JSON's own escapes: the same data, safe to look at.
pub fn shown_json(json: &str) -> Cow<'_, str> {
    const MANY: usize = 64;
    let is_raw = |character: char| is_hostile(character) && character != '\n';
    // JSON escapes what lies below a blank, so that of ASCII the last character is left: it and all beyond have the highest
    // bit set, or get it with one more. That is seen for many bytes at a time; where one has it, characters are looked at.
    let bits = |bytes: &[u8]| bytes.iter().fold(0_u8, |all, byte| all | byte | byte.wrapping_add(1));
    let begins_raw = |at: usize| json.get(at..).is_some_and(|rest| rest.starts_with(is_raw));
    let holds_raw = |(chunk, bytes): (usize, &[u8])| {
        bits(bytes) >= 0x80 && (0..bytes.len()).any(|at| begins_raw(chunk * MANY + at))
    };
    if !json.as_bytes().chunks(MANY).enumerate().any(holds_raw) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_raw(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Characters that move the cursor, change direction, or cannot be seen.
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Replaces what looks like a key or a password by its public begin and a mark. Two different ones stay different through
/// a short digest, so that groups named by a key do not merge on the page.
pub fn mask_secrets(text: &str) -> Cow<'_, str> {
    // Ids, most of them: every mark has a letter beyond these.
    if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(next) = text.as_bytes()[at..].windows(2).position(|pair| may_begin(pair[0], pair[1])) {
        at += next;
        let found = secret_at(text, at).filter(|secret| secret.range.start >= copied);
        if let Some(Secret { range, public }) = found {
            let hidden = range.start + public;
            masked.push_str(&text[copied..hidden]);
            // Writing to a String cannot fail.
            let _ = write!(masked, "…[masked:{:08x}]", digest(&text[range.clone()]));
            (at, copied) = (range.end, range.end);
        } else {
            // What begins a secret is one byte long.
            at += 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// 32 bits of SHA-256 over a salted secret: enough to keep keys apart, too little to find one.
fn digest(secret: &str) -> u32 {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::new().chain_update(b"batchwise mask").chain_update(secret.as_bytes()).finalize();
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_masked_and_names_are_not() {
        for (text, masked) in [
            ("sk-ant-api03-abcdefgh1234567890", true),
            ("key sk-proj-abcdefgh1234567890XYZ!", true),
            ("AKIA1234567890ABCDEF", true),
            ("\u{1b}[1;31msk-abcdefgh1234567890XYZ", true),
            ("keysk-ant-abcdefgh1234567890", true),
            ("sk-learn-nightly-evaluation", false),
            ("xai-usage-2026-09-01-to-2026-09-30.csv", false),
            ("hf_inference_export_20261114T093000Z_v2.jsonl", false),
            ("sk-ant-costs-2026-09.csv", false),
            ("AKIA123456789012", true),
            ("sk-1234567890123456.csv", true),
            ("sk-ant-api03-abcdefghijklmnopqrstuvwxyz", true),
            ("task-1234567890123456789", false),
            ("nightly", false),
        ] {
            let safe = sanitized(text);
            assert_eq!(safe.contains("masked"), masked, "{text} → {safe}");
            assert!(!masked || !safe.contains("1234567890"), "{safe}");
        }
        assert_ne!(sanitized("sk-ant-aaaaaaaaaaaa1"), sanitized("sk-ant-aaaaaaaaaaaa2"));
    }

    #[test]
    fn markdown_takes_a_text_for_nothing_else() {
        for (text, safe) in [
            ("nightly", "nightly"),
            ("a|b\\|c", "a\\|b\\\\\\|c"),
            (
                "*a* _b_ `c` [d](e) <f> &amp; ~g~ $h$",
                "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f\\> \\&amp; \\~g\\~ \\$h\\$",
            ),
            ("@octocat fixes #12", "@<!-- -->octocat fixes #<!-- -->12"),
            ("https://e.example Www.e.example", "https:<!-- -->//e.example Www.<!-- -->e.example"),
            ("a\nb", "a\\\\u{a}b"),
        ] {
            assert_eq!(markdown(text), safe);
        }
        assert_eq!(markdown_code("a`|b\n@c"), "`a\\u{60}\\u{7c}b\\u{a}@c`");
        assert_eq!(markdown_code(" "), "“ ”");
    }

    #[test]
    fn what_moves_a_terminal_is_escaped() {
        assert_eq!(sanitized("a\u{1b}[31mb\u{202e}c\nd"), "a\\u{1b}[31mb\\u{202e}c\\u{a}d");
        assert_eq!(sanitized_short("abcdef", 4), "abc…");
    }
}
