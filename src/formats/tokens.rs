//! Disjoint token counts from whatever an export's columns include.

use super::column_plan::Conflict;
use super::mapping::{Convention, Counted, TargetField};
use super::row::{Refused, RowReader};
use crate::money::decimal;
use crate::usage::{PerClass, TokenClass, TokenCounts};

/// Most tokens that one call is believed to have in one class.
pub const MOST_TOKENS_A_CALL: u64 = 1_000_000_000;
/// Most tokens of one class in a bucket that does not say how many calls it holds.
pub const MOST_TOKENS_A_BUCKET: u64 = 1_000_000_000_000_000;

/// What a row states of its tokens.
struct Stated {
    input: u64,
    read: u64,
    write_5m: u64,
    write_1h: u64,
    output: u64,
    reasoning: u64,
    total: Option<u64>,
}

/// Why a convention does not fit what a row states.
enum Misfit {
    /// Parts of the prompt are more than the whole.
    Prompt(u128),
    /// There is more reasoning than output.
    Reasoning,
    /// The counts do not make the stated total.
    Total(u128),
    /// Beyond what is counted.
    TooLarge,
}

impl RowReader<'_, '_> {
    /// Disjoint token counts; whether the output is missing, and whether the row says
    /// another count than its parts make. `calls` are those of the row, if it says.
    pub(super) fn tokens(&self, calls: Option<u64>) -> Result<(TokenCounts, bool, bool), Refused> {
        let count = |target: TargetField| self.count(target).map(Option::unwrap_or_default);
        self.check_conflicts()?;
        let Some(input) = self.count(TargetField::Input)? else {
            return Err(self.reject("missing", TargetField::Input, "the row states no input tokens"));
        };
        let output = self.count(TargetField::Output)?;
        let (write_5m, write_1h) = self.cache_writes()?;
        let mut stated = Stated {
            input,
            read: count(TargetField::CacheRead)?,
            write_5m,
            write_1h,
            output: output.unwrap_or_default(),
            reasoning: count(TargetField::Reasoning)?,
            total: self.count(TargetField::Total)?,
        };
        self.add_counts(&mut stated)?;
        self.check_size(&stated, calls)?;
        let tokens = self.by_convention(&stated)?;
        self.check_parts(&tokens)?;
        let is_other = |(target, sum): &(TargetField, i128)| u128::try_from(*sum) != Ok(whole(*target, &tokens));
        let parts_differ = self.count(TargetField::InputRest)?.is_some_and(|rest| rest != tokens[TokenClass::Input])
            || self.values.sums.iter().any(is_other);
        Ok((tokens, output.is_none(), parts_differ))
    }

    /// Two places for one count that say different numbers.
    fn check_conflicts(&self) -> Result<(), Refused> {
        match self.values.conflict {
            Some(Conflict { target, counts }) => {
                let [one, other] = counts.map(|(slot, text)| format!("`{}` says {text}", self.format.paths.name(slot)));
                Err(self.reject("usage-conflict", target, format!("{one}, and {other}, of the same tokens")))
            }
            None => Ok(()),
        }
    }

    /// Cache writes for five minutes and for an hour. What is stated of both together counts for five minutes, the
    /// vendors' default, where the lifetimes are not told apart.
    fn cache_writes(&self) -> Result<(u64, u64), Refused> {
        let part = |target: TargetField| self.count(target).map(Option::unwrap_or_default);
        let (short, long) = (part(TargetField::CacheWrite5m)?, part(TargetField::CacheWrite1h)?);
        match (self.count(TargetField::CacheWrites)?, short, long) {
            (None, ..) => Ok((short, long)),
            (Some(both), 0, long) if both >= long => Ok((both - long, long)),
            (Some(both), short, long) if short.checked_add(long) == Some(both) => Ok((short, long)),
            (Some(both), short, long) => Err(self.reject(
                "usage-total-mismatch",
                TargetField::CacheWrites,
                format!("the row states {both} cache-write tokens, and {short} + {long} by lifetime"),
            )),
        }
    }

    /// Adds what is declared to be in no other count. Lifetimes of such cache writes are not told apart.
    fn add_counts(&self, stated: &mut Stated) -> Result<(), Refused> {
        for &(counted, text) in &self.values.counted {
            let Counted::AddsTo(target) = counted else { continue };
            let more = decimal::digits(text.as_bytes());
            let to = match target {
                TargetField::CacheRead => &mut stated.read,
                TargetField::CacheWrites => &mut stated.write_5m,
                TargetField::Output => &mut stated.output,
                _ => &mut stated.input,
            };
            *to = more
                .and_then(|more| to.checked_add(more))
                .ok_or_else(|| self.reject("number", target, format!("`{text}` is no count that could be added")))?;
        }
        Ok(())
    }

    /// No declared part is above its whole.
    fn check_parts(&self, tokens: &TokenCounts) -> Result<(), Refused> {
        for &(counted, text) in &self.values.counted {
            let Counted::PartOf(target) = counted else { continue };
            let whole = whole(target, tokens);
            let part = decimal::parse_scaled(text, 0, self.decimal).map_or(0, |(part, _)| part);
            if u128::try_from(part).is_ok_and(|part| part > whole) {
                let reason = format!("a part of it ({part}) is more than the whole ({whole})");
                return Err(self.reject("tokens", target, reason));
            }
        }
        Ok(())
    }

    fn check_size(&self, stated: &Stated, calls: Option<u64>) -> Result<(), Refused> {
        let most = calls.map_or(MOST_TOKENS_A_BUCKET, |calls| MOST_TOKENS_A_CALL.saturating_mul(calls.max(1)));
        let prompt = [stated.input, stated.read, stated.write_5m, stated.write_1h];
        let target = if prompt.into_iter().any(|count| count > most) {
            TargetField::Input
        } else if stated.output.max(stated.reasoning) > most {
            TargetField::Output
        } else {
            return Ok(());
        };
        let reason = match calls {
            Some(1) => "more than 1,000,000,000 tokens in one call",
            Some(_) => "more than 1,000,000,000 tokens a call",
            None => "more than 1,000,000,000,000,000 tokens of one class in one row",
        };
        Err(self.reject("implausible", target, reason))
    }

    /// A stated total is met by the first convention under which no part is above its whole; without one the usual
    /// convention holds (docs/specification.md, section 7).
    fn by_convention(&self, stated: &Stated) -> Result<TokenCounts, Refused> {
        let conventions = self.format.conventions.as_slice();
        let tried = if stated.total.is_some() { conventions } else { &conventions[..1] };
        let mut misfits = Vec::new();
        for convention in tried {
            match stated.by(convention) {
                Ok(tokens) => return Ok(tokens),
                Err(misfit) => misfits.push(misfit),
            }
        }
        // What is wrong under the usual convention says most.
        let Some(usual) = misfits.first() else {
            return Err(self.reject("tokens", TargetField::Input, "the format declares no convention"));
        };
        Err(match (stated.total, usual) {
            (Some(total), Misfit::Total(sum)) => self.reject(
                "usage-total-mismatch",
                TargetField::Total,
                format!("the row states {total} tokens in all, and its parts make {sum}"),
            ),
            (_, Misfit::Prompt(parts)) => self.reject(
                "tokens",
                TargetField::Input,
                format!("the parts of the prompt ({parts}) are more than the whole ({})", stated.input),
            ),
            (_, Misfit::Reasoning) => self.reject(
                "tokens",
                TargetField::Output,
                format!("the reasoning tokens ({}) are more than the output ({})", stated.reasoning, stated.output),
            ),
            _ => self.reject("number", TargetField::Output, "a count too large to be true"),
        })
    }
}

/// What a count of a row is, once its tokens are disjoint.
fn whole(target: TargetField, tokens: &TokenCounts) -> u128 {
    let of = |class| u128::from(tokens[class]);
    match target {
        TargetField::CacheRead => of(TokenClass::CacheRead),
        TargetField::CacheWrites => of(TokenClass::CacheWrite5m) + of(TokenClass::CacheWrite1h),
        TargetField::InputRest => of(TokenClass::Input),
        TargetField::Output => of(TokenClass::Output),
        _ => tokens.prompt(),
    }
}

impl Stated {
    fn by(&self, convention: &Convention) -> Result<TokenCounts, Misfit> {
        let mut tokens = PerClass([self.input, self.read, self.write_5m, self.write_1h, self.output]);
        let parts: u128 = convention.input_holds.iter().map(|part| u128::from(tokens[part.class()])).sum();
        tokens[TokenClass::Input] = u128::from(self.input)
            .checked_sub(parts)
            .and_then(|rest| u64::try_from(rest).ok())
            .ok_or(Misfit::Prompt(parts))?;
        if convention.output_holds_reasoning() {
            if self.reasoning > self.output {
                return Err(Misfit::Reasoning);
            }
        } else {
            tokens[TokenClass::Output] = self.output.checked_add(self.reasoning).ok_or(Misfit::TooLarge)?;
        }
        match self.total {
            Some(total) if u128::from(total) != tokens.total() => Err(Misfit::Total(tokens.total())),
            _ => Ok(tokens),
        }
    }
}
