//! Words that rows say yes and no in, and how a call ended, in lower case.

/// Yes.
pub const TRUE: [&str; 3] = ["true", "1", "yes"];
/// No.
pub const FALSE: [&str; 3] = ["false", "0", "no"];
/// It succeeded.
pub const SUCCEEDED: [&str; 5] = ["success", "succeeded", "ok", "true", "completed"];
/// It failed.
pub const FAILED: [&str; 5] = ["failure", "failed", "error", "errored", "false"];
/// It is not over, or the row is a piece of an answer.
pub const UNDECIDED: [&str; 2] = ["unfinished", "piece"];
