//! The second engineer: a program written from the contract alone has to agree, digit by digit, on random logs.

use std::process::{Command, Stdio};

use crate::support::{draws, left_out, root};

/// Runs a script of the oracle; `None` without Python.
fn python(script: &str, words: &[&str]) -> Option<(bool, String)> {
    let known = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !known.is_ok_and(|status| status.success()) {
        left_out(&format!("python3 is not there, so {script} was not run"));
        return None;
    }
    let path = root().join("tests/oracle").join(script);
    let output = Command::new("python3").arg(path).args(words).output().expect("python3 starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

#[test]
fn agrees_on_random_logs_prices_and_policies() {
    let cases = draws("60", "400");
    let words = ["--bin", env!("CARGO_BIN_EXE_batchwise"), "--cases", cases, "--seed", "2026", "--threads", "1,2"];
    if let Some((agrees, text)) = python("run.py", &words) {
        assert!(agrees, "{text}");
        assert!(text.contains("agree exactly"), "{text}");
    }
}

/// Months ahead, steps, budgets, routes, prices that change, successors, the back-test and the band, worked out again.
#[test]
fn agrees_on_random_plans() {
    let cases = draws("60", "300");
    let words = ["--bin", env!("CARGO_BIN_EXE_batchwise"), "--cases", cases, "--seed", "2026"];
    if let Some((agrees, text)) = python("plan.py", &words) {
        assert!(agrees, "{text}");
        assert!(text.contains(&format!("{cases} plans agree exactly")), "{text}");
    }
}

#[test]
fn reproduces_the_invoices_itself() {
    if let Some((passes, text)) = python("selftest.py", &[]) {
        assert!(passes, "{text}");
    }
}
