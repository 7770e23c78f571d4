use super::*;
use crate::diagnostic::text::mask_secrets;

/// Characters of a body as vendors draw them, so many.
fn drawn(body: Body, length: usize) -> String {
    let letters = match body {
        Body::Hex => "0a1b2c3d4e5f6789",
        Body::Capital => "A2BCD3EFG4HIJ5KLM6NOP7QRS",
        _ => "a7Qm2Xw9Rt4Yb6Nc1Vd8Kf3Hj5Ps0GaZe",
    };
    letters.chars().cycle().take(length).collect()
}

#[test]
fn every_pattern_masks_what_is_long_enough_and_nothing_shorter() {
    for pattern in &PATTERNS {
        // Texts of these alone are not looked at.
        assert!(!pattern.mark.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')));
        let key =
            |length| format!("{}{}{}", drawn(Body::Plain, pattern.before), pattern.mark, drawn(pattern.body, length));
        let whole = key(pattern.least.max(RANDOM));
        for (before, behind) in [("", ""), ("key ", " of ours"), ("a=", "&b=c"), ("\u{1b}[1;31m", "\u{1b}[0m")] {
            let text = format!("{before}{whole}{behind}");
            let masked = mask_secrets(&text);
            assert!(!masked.contains(&drawn(pattern.body, RANDOM)), "{text} → {masked}");
            assert!(masked.starts_with(before) && masked.ends_with(behind), "{text} → {masked}");
            assert_eq!(mask_secrets(&masked), masked, "masked once is masked");
        }
        let glued = format!("K{whole}");
        assert_eq!(mask_secrets(&glued) != glued, pattern.anywhere, "{glued}");
        let short = key(pattern.least - 1);
        let is_other = PATTERNS.iter().any(|other| other.mark != pattern.mark && short.starts_with(other.mark));
        assert!(is_other || mask_secrets(&short) == short, "{short}");
    }
}

#[test]
fn passwords_and_private_keys() {
    for (text, shown) in [
        ("postgres://app:hunter2@db.example/x", "postgres://app:…[masked:"),
        ("redis://:p%40ss@host", "redis://:…[masked:"),
        ("see https://u:a:b@c@host.example ok", "see https://u:…[masked:"),
    ] {
        let masked = mask_secrets(text);
        assert!(masked.starts_with(shown) && masked.contains("]@"), "{masked}");
        assert_eq!(mask_secrets(&masked), masked);
    }
    let key = |kind: &str| format!("a -----{} {kind}-----\nMIIEvq\n-----{} {kind}----- b", "BEGIN", "END");
    for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
        let masked = mask_secrets(&key(kind)).into_owned();
        assert!(masked.starts_with("a -----BEGIN…[masked:") && masked.ends_with("] b"), "{masked}");
        assert_eq!(mask_secrets(&masked), masked);
    }
    let open = key("PRIVATE KEY").replace("END", "");
    assert!(!mask_secrets(&open).contains("MIIEvq"), "a key that is cut off is one");
    assert_eq!(mask_secrets(&key("CERTIFICATE")), key("CERTIFICATE"));
}

#[test]
fn secrets_behind_their_names() {
    let key = drawn(Body::Plain, LEAST_OF_A_NAMED);
    for before in [
        "api_key=",
        "API-KEY: ",
        "\"token\": \"",
        "client_secret='",
        "?key=",
        "api_key%3D",
        "api_key=>",
        "api_key => ",
        "api_key ",
        "api_key\t",
        "key ",
    ] {
        let masked = mask_secrets(&format!("{before}{key}")).into_owned();
        assert!(masked.starts_with(&format!("{before}…[masked:")), "{masked}");
        assert_eq!(mask_secrets(&masked), masked);
    }
    for text in ["api_key=a7Qm2Xw9", "password: x7Kp2mQ9z", "api_key=8f3a-91bc-77de-0a4f", "token 8F3A9.1BC77.DE0A4"] {
        assert!(mask_secrets(text).contains("…[masked:"), "{text}");
    }
    for text in [
        "api_key=web-production-2026",
        "monkey=see",
        "tokens=123456789012",
        "cache_key=a7Qm2Xw9",
        "key nightly-eval-2026-09",
        "token=eval2026",
        "token gpt-5.4-mini-2026-03-05",
        "password reset2026",
        "api_key: gpt-4o-mini-2024-07-18",
        "key: eu-west-1-prod-2026",
        &format!("id={key}"),
    ] {
        assert_eq!(mask_secrets(text), text);
    }
}

/// Keys drawn at random of the least length, by a generator of numbers with a fixed start: hardly one looks like a name.
#[test]
fn hardly_a_drawn_key_is_a_name() {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = 7_u64;
    let mut draw = |letters: &[u8], length: usize| -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters[(state >> 33) as usize % letters.len()]
        };
        (0..length).map(|_| next()).collect()
    };
    for (letters, length, most) in
        [(&letters[..], 20, 10), (letters, 32, 0), (&letters[26..], 32, 10), (b"0123456789abcdef", 32, 0)]
    {
        let missed = (0..10_000).filter(|_| !is_random(&draw(letters, length))).count();
        assert!(missed <= most, "{missed} of 10,000 keys of {length} out of {} characters", letters.len());
    }
}

#[test]
fn names_are_no_secrets() {
    for name in [
        "gsk_vaccineTrialSummaries",
        "gsk_ClinicalTrialPDFSummaries2026",
        "hf_nightlyEvaluationOfModels",
        "ghp_reportsForQuarterlyReview",
        "fw_customerSupportTriageEU2026",
        "sk-learn-nightly-evaluation",
        "sk-eval-batch-2026-09-01-nightly",
        "task-1234567890123456789",
        "pplx-70b-online",
        "pplx-7b-chat-alpha-2026-01-01",
        "r8_finetune_2026_10_05",
        "fw_llama4maverick_batch",
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "npm_audit_nightly_report_for_security_team_2026",
        "pypi-mirror-sync-nightly-of-all-packages-20260901",
        "dapi-gateway-production-eu-west-1",
        "SG.legal.contracts.review.nightly.2026-10-05.batch.eu",
        "SLOVAKIA-2026-INVOICES",
        "hf_mistral_7b_instruct",
        "xai-grok-4-fast-reasoning",
        "Bearer token-refresh-2026-batch",
        "Basic",
        "pa-nightly-summaries-of-support-tickets-2026-10",
        "https://host.example:8080/path@version",
        "https://github.com/octocat/hello",
        "gpt-5.4-mini-2026-03-05",
        "claude-opus-4-5-20251101",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "550e8400-e29b-41d4-a716-446655440000",
        "req_011CSHoEeqs5C35K2UUqR7Fy",
        "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx",
    ] {
        assert_eq!(mask_secrets(name), name);
    }
}
