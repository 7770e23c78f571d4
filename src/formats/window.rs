//! Context windows as vendors state them.

use crate::usage::PromptSize;

/// A stated context window: `≤ 200k`, `> 200k`, `0-200k`, `200k-1M`. Only digits and `>` count, since the sign of the
/// first is often damaged on the way. A word such as `unknown` states none; nothing is no window at all.
#[expect(clippy::option_option, reason = "no window is stated, or what stands there is none")]
pub(super) fn window(text: &str) -> Option<Option<PromptSize>> {
    let mut sizes: Vec<u64> = Vec::new();
    let mut number: Option<u64> = None;
    for character in text.chars() {
        match (character.to_digit(10), number) {
            (Some(digit), value) => {
                number = value.unwrap_or(0).checked_mul(10).and_then(|value| value.checked_add(u64::from(digit)));
            }
            (None, Some(value)) => {
                let scale = match character {
                    'k' | 'K' => 1_000,
                    'm' | 'M' => 1_000_000,
                    _ => 1,
                };
                sizes.push(value.saturating_mul(scale));
                number = None;
            }
            (None, None) => {}
        }
    }
    sizes.extend(number);
    // `â‰¥` is `≥` that was read as another encoding.
    let words = text.to_lowercase();
    let is_above = ['>', '≥', '+'].iter().any(|sign| text.contains(*sign))
        || ["â‰¥", "over", "above", "more"].iter().any(|word| words.contains(word));
    match sizes.as_slice() {
        [size] if is_above => Some(Some(PromptSize { above: *size, up_to: u64::MAX })),
        // A number by itself does not say on which side of it a prompt is.
        [_] if text.trim().bytes().all(|byte| byte.is_ascii_alphanumeric()) => Some(None),
        [size] => Some(Some(PromptSize { above: 0, up_to: *size })),
        [above, up_to] if above < up_to => Some(Some(PromptSize { above: *above, up_to: *up_to })),
        [] => Some(None),
        _ => None,
    }
}
