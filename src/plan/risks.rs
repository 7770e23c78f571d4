//! What is known ahead: prices that change and models that are retired.
//!
//! Role: levels of prices and the table's days → one line for each day and kind, with the dollars a month that hang on it.
//! What changes no dollar is no risk.

use super::Material;
use super::forecast::Forecast;
use super::levels::{Level, Role, at_start, models};
use crate::calendar::{Day, Period};
use crate::money::{Money, Overflow};
use crate::pricing::ModelId;

/// Something known ahead that changes the figures; all amounts are dollars a month at the volume that the forecast starts
/// from.
#[derive(Clone, Debug)]
pub struct Risk {
    /// `price-change` or `retirement`.
    pub kind: &'static str,
    /// Whether the models run today, or routes lead to them.
    pub role: Role,
    /// When.
    pub day: Day,
    /// The models.
    pub models: Vec<String>,
    /// What a month costs more from then on: if nothing is done, or where routes lead to the models with these routes;
    /// nothing for a retirement.
    pub monthly_change: Option<Money>,
    /// What the plan saves more from then on, once all of it runs; nothing for a retirement.
    pub saving_change: Option<Money>,
    /// What the models cost, or what routes to them save.
    pub monthly_cost: Money,
}

/// All of them, by day.
pub(super) fn risks(
    material: &Material<'_>,
    forecast: &Forecast,
    levels: &[Level],
    period: Period,
    last_day: Day,
) -> Result<Vec<Risk>, Overflow> {
    let table = material.context.table;
    let mut risks = Vec::new();
    let month = |amount: Money| at_start(amount, levels, forecast);
    for pair in levels.windows(2) {
        let [before, after] = pair else { continue };
        for role in [Role::InUse, Role::RouteTarget] {
            let changes =
                |model: &ModelId| table.model(*model).entries.iter().any(|entry| entry.from == Some(after.from));
            let changed: Vec<ModelId> = models(material)
                .filter(|(model, own)| *own == role && changes(model))
                .map(|(model, _)| model)
                .collect();
            let change = |of: fn(&Level) -> Money| month(of(after).sub(of(before))?);
            let (cost, saving) = match role {
                Role::InUse => (change(|level| level.sums.today)?, change(|level| level.moves.batch.base)?),
                Role::RouteTarget => {
                    let saving = change(|level| level.moves.routing.base)?;
                    (Money::ZERO.sub(saving)?, saving)
                }
            };
            if changed.is_empty() || (cost.is_zero() && saving.is_zero()) {
                continue;
            }
            risks.push(Risk {
                kind: "price-change",
                role,
                day: after.from,
                models: changed.iter().map(|model| table.model(*model).name.clone()).collect(),
                monthly_change: Some(cost),
                saving_change: Some(saving),
                monthly_cost: month(at_stake(material, before, role, |model| changed.contains(&model))?)?,
            });
        }
    }
    let is_ahead = |day: &Day| *day > period.to && *day <= last_day;
    for (model, role) in models(material) {
        let known = table.model(model);
        let Some(day) = known.retires.filter(is_ahead) else { continue };
        let Some(level) = levels.iter().rev().find(|level| level.from <= day) else { continue };
        let monthly_cost = month(at_stake(material, level, role, |other| other == model)?)?;
        if !monthly_cost.is_zero() {
            risks.push(Risk {
                kind: "retirement",
                role,
                day,
                models: vec![known.name.clone()],
                monthly_change: None,
                saving_change: None,
                monthly_cost,
            });
        }
    }
    risks.sort_by(|a, b| (a.day, a.kind, a.role, &a.models).cmp(&(b.day, b.kind, b.role, &b.models)));
    Ok(risks)
}

/// What rows on some models cost, or what routes to them save, in all base months.
fn at_stake(
    material: &Material<'_>,
    level: &Level,
    role: Role,
    is_one: impl Fn(ModelId) -> bool,
) -> Result<Money, Overflow> {
    let rows = material.assessment.rows.iter().zip(&level.moves.rows);
    let targets = &material.context.route_targets;
    match role {
        Role::InUse => {
            Money::sum(rows.filter(|(row, _)| row.priced_as.is_some_and(&is_one)).map(|(_, planned)| planned.cost))
        }
        Role::RouteTarget => Money::sum(
            rows.filter(|(row, planned)| {
                let target = row.routed.as_ref().and_then(|routed| targets.get(routed.route));
                !planned.batched.base && target.is_some_and(|target| is_one(*target))
            })
            .map(|(_, planned)| planned.routing.base),
        ),
    }
}
