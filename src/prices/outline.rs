//! Where things stand in a price table's text: lines with their keys, found by indentation.
//!
//! Role: places for messages about a file that was read already, and the layout test. It understands block maps, lists
//! and flow maps on one line, which is how price tables are written; of anything else it has no lines. It is no reader
//! of YAML: [`crate::yaml`] is.

/// A line that holds a key or begins a list's item.
#[derive(Debug)]
pub struct Line<'t> {
    /// From 1.
    pub number: u64,
    /// Spaces before the text, a list's dash included.
    pub indent: usize,
    /// The keys around this one from the outermost, items of lists as `#0`, `#1`, …
    pub around: Vec<String>,
    /// The key without quotes.
    pub key: &'t str,
    /// What stands behind the colon, without a comment.
    pub value: &'t str,
    /// The column of the value, from 1.
    pub value_column: usize,
}

/// The lines of a text that hold keys.
pub fn outline(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    // Keys around the current line with their indentation, and how many items a list has had.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut items: Vec<(usize, usize)> = Vec::new();
    for (number, raw) in (1..).zip(text.lines()) {
        let body = raw.trim_start_matches(' ');
        let dash = raw.len() - body.len();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        items.retain(|(indent, _)| *indent <= dash);
        let (opens_item, body, indent) = match body.strip_prefix("- ") {
            Some(rest) => {
                (true, rest.trim_start_matches(' '), dash + (body.len() - rest.trim_start_matches(' ').len()))
            }
            None => (false, body, dash),
        };
        open.retain(|(known, name)| *known < dash || (opens_item && *known == dash && !name.starts_with('#')));
        if opens_item {
            let index = items.iter().find(|(known, _)| *known == dash).map_or(0, |(_, index)| index + 1);
            items.retain(|(known, _)| *known != dash);
            items.push((dash, index));
            open.push((dash, format!("#{index}")));
        } else {
            items.retain(|(known, _)| *known < dash);
        }
        let Some((key, rest)) = split_key(body) else { continue };
        let value = without_comment(rest.trim_start_matches(' ')).trim_end();
        let value_column = indent + 1 + (body.len() - rest.trim_start_matches(' ').len());
        let around = open.iter().map(|(_, name)| name.clone()).collect();
        lines.push(Line { number, indent, around, key, value, value_column });
        open.push((indent, key.to_owned()));
    }
    lines
}

/// A key without its quotes, and what follows its colon.
fn split_key(body: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(rest) = body.strip_prefix(quote) {
            let (key, rest) = rest.split_once(quote)?;
            return rest.strip_prefix(':').map(|rest| (key, rest));
        }
    }
    if body.starts_with(['{', '[']) {
        return None;
    }
    match body.split_once(": ") {
        Some((key, rest)) => Some((key, rest)),
        None => body.trim_end().strip_suffix(':').map(|key| (key, "")),
    }
}

/// Text before a comment; a `#` in quotes or inside a word is none.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match (character, quote) {
            (_, Some(end)) if character == end => quote = None,
            ('"' | '\'', None) if !before.is_alphanumeric() => quote = Some(character),
            ('#', None) if before == ' ' => return &text[..at],
            _ => {}
        }
        before = character;
    }
    text
}

/// The pairs of a flow map on one line with where each begins in the text, or nothing if it is none.
pub fn flow_map(text: &str) -> Option<Vec<(usize, &str, &str)>> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut pairs = Vec::new();
    for (at, part) in flow_parts(inner) {
        let trimmed = part.trim_start();
        let begin = 1 + at + (part.len() - trimmed.len());
        let (key, value) = split_key(trimmed.trim_end())?;
        pairs.push((begin, key, value.trim()));
    }
    Some(pairs)
}

/// The parts between the commas of a flow map or list, with where they begin.
pub fn flow_parts(inner: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut begin) = (0_i32, None, 0);
    for (at, character) in inner.char_indices() {
        match (character, quote) {
            (_, Some(end)) if character == end => quote = None,
            ('"' | '\'', None) => quote = Some(character),
            ('{' | '[', None) => depth += 1,
            ('}' | ']', None) => depth -= 1,
            (',', None) if depth == 0 => {
                parts.push((begin, &inner[begin..at]));
                begin = at + 1;
            }
            _ => {}
        }
    }
    if !inner[begin..].trim().is_empty() {
        parts.push((begin, &inner[begin..]));
    }
    parts
}

/// A model, one of its entries, or a key of that: where it stands.
pub fn place(
    lines: &[Line<'_>],
    provider: &str,
    model: &str,
    entry: Option<usize>,
    keys: &[&str],
) -> Option<(u64, usize)> {
    let item = entry.map(|index| format!("#{index}"));
    let model_path = ["providers", provider, "models"];
    let is_model = |line: &&Line<'_>| line.key == model && line.around.iter().eq(model_path.iter());
    let Some(item) = item else {
        let whole = lines.iter().find(is_model)?;
        let below = |line: &&Line<'_>| {
            line.around.len() == 4 && line.around[3] == model && line.around[..3].iter().eq(model_path.iter())
        };
        let key = keys.first().and_then(|key| lines.iter().filter(below).find(|line| line.key == *key));
        let line = key.unwrap_or(whole);
        return Some((line.number, line.indent + 1));
    };
    let start = lines.iter().position(|line| is_model(&line))?;
    let entry_path = [provider, "models", model, "prices", &item];
    let within: Vec<&Line<'_>> = lines[start..]
        .iter()
        .skip(1)
        .take_while(|line| line.around.get(3).is_some_and(|name| name == model))
        .filter(|line| line.around.get(1..6).is_some_and(|path| path.iter().eq(entry_path.iter())))
        .collect();
    let key = within.iter().find(|line| {
        line.around[6..].iter().map(String::as_str).chain([line.key]).eq(keys.iter().copied()) && !keys.is_empty()
    });
    let line = key.or(within.first())?;
    Some((line.number, line.indent + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found() {
        let text = "providers:\n  a:\n    models:\n      m-1:\n        retires: 2026-01-01 # gone\n        prices:\n          - from: 2025-01-01\n            standard: {input: 1}\n          - from: 2025-02-01\n            above:\n              10:\n                batch: {input: 1}\n      \"m:2\":\n        prices:\n        - standard: {input: 1}\n";
        let lines = outline(text);
        assert_eq!(place(&lines, "a", "m-1", None, &["retires"]), Some((5, 9)));
        assert_eq!(lines[4].value, "2026-01-01");
        assert_eq!(place(&lines, "a", "m-1", Some(0), &["standard"]), Some((8, 13)));
        assert_eq!(place(&lines, "a", "m-1", Some(1), &["above", "10", "batch"]), Some((12, 17)));
        assert_eq!(place(&lines, "a", "m-1", Some(1), &[]), Some((9, 13)));
        assert_eq!(place(&lines, "a", "m:2", Some(0), &["standard"]), Some((15, 11)));
        assert_eq!(place(&lines, "a", "m-3", None, &[]), None);
    }

    #[test]
    fn flow_maps_are_taken_apart() {
        assert_eq!(
            flow_map("{a: 1, b: [2, 3], \"c\": \"x, y\"}"),
            Some(vec![(1, "a", "1"), (7, "b", "[2, 3]"), (18, "c", "\"x, y\"")])
        );
        assert_eq!(flow_map("{}"), Some(vec![]));
        assert_eq!(flow_map("[1]"), None);
    }
}
