//! Rollups of parts into the rollup of the whole, and out of it.

use super::Folder;
use crate::maps::next_number;
use crate::rollup::{
    Charge, ChargeId, DailyKey, Direction, Group, GroupId, Key, Logged, QuoteId, QuoteKey, ResolutionId, Rollup,
    RuleSetId, TextId, Texts, Times, Unsummable,
};

impl Folder<'_> {
    /// Adds all sums of a rollup. Any order of parts gives the same sums.
    pub fn absorb(&mut self, other: &Rollup) -> Result<(), Unsummable> {
        self.merge(other, Direction::Add)
    }

    /// Takes away the sums of rows that were added, each of which has an equal one that stays. So what is no sum stays too:
    /// the days, end users, names and rules of the rows that stay are the same.
    pub fn take_away(&mut self, other: &Rollup) -> Result<(), Unsummable> {
        self.merge(other, Direction::TakeAway)
    }

    fn merge(&mut self, other: &Rollup, direction: Direction) -> Result<(), Unsummable> {
        let texts: Vec<_> = other.texts.iter().map(|(_, text)| self.rollup.texts.id(text)).collect();
        let text = |id: TextId| texts[Texts::index(id)];
        let resolutions: Vec<ResolutionId> = other
            .resolutions
            .iter()
            .map(|known| {
                let logged = known.logged;
                self.resolution(Logged {
                    provider: logged.provider.map(text),
                    format_provider: logged.format_provider.map(text),
                    model: text(logged.model),
                })
            })
            .collect();
        let quotes: Vec<QuoteId> = other
            .quotes
            .iter()
            .map(|known| {
                let key = known.key;
                self.quote(QuoteKey { resolution: resolutions[key.resolution as usize], geo: key.geo.map(text), ..key })
            })
            .collect();
        let charges: Vec<ChargeId> = other
            .charges
            .iter()
            .map(|charge| {
                let charge = Charge { quote: quotes[charge.quote as usize], ..*charge };
                *self.charges.entry(charge).or_insert_with(|| {
                    self.rollup.charges.push(charge);
                    next_number(self.rollup.charges.len() - 1)
                })
            })
            .collect();
        let groups: Vec<GroupId> = other
            .groups
            .iter()
            .map(|group| {
                let group = Group {
                    workload: group.workload.map(text),
                    provider: text(group.provider),
                    model: text(group.model),
                };
                *self.groups.entry(group).or_insert_with(|| {
                    self.rollup.groups.push(group);
                    next_number(self.rollup.groups.len() - 1)
                })
            })
            .collect();
        let rule_sets: Vec<RuleSetId> = other.rule_sets.iter().map(|rules| self.rule_set(rules)).collect();
        let own = |key: &Key| Key {
            group: groups[key.group as usize],
            charge: charges[key.charge as usize],
            by: key.by.map(|by| by.map(text)),
            against: key.against.map(|rules| rule_sets[rules as usize]),
            ..*key
        };
        // A rollup has keys or lines.
        let mut places: Vec<u32> = other.lines.iter().map(|line| self.line_id(line.map(text))).collect();
        places.extend(other.keys.iter().map(|key| self.place_of(own(key))));
        for (place, cell) in places.iter().zip(other.cells.iter()) {
            self.cell(*place).merge(cell, direction)?;
        }
        for (key, sums) in &other.daily {
            let key = DailyKey { charge: charges[key.charge as usize], ..*key };
            self.daily.entry(key).or_default().merge(sums, direction)?;
        }
        let whole = &mut self.rollup;
        for (line, notes) in &other.line_notes {
            let known = whole.line_notes.entry(places[*line as usize]).or_default();
            known.oddities.merge(notes.oddities, direction)?;
        }
        whole.oddities.merge(other.oddities, direction)?;
        direction.count(&mut whole.undated, other.undated)?;
        direction.count(&mut whole.undated_prices, other.undated_prices)?;
        if let Some(others) = &other.times {
            let times = whole.times.get_or_insert_with(Times::new);
            direction.count(&mut times.spread, others.spread)?;
            let hours = others.hours.iter().map(|((hour, charge), sums)| ((*hour, charges[*charge as usize]), *sums));
            times.merge_hours(hours, direction)?;
            let days = others
                .days
                .as_ref()
                .map(|days| days.iter().map(|((key, day), sums)| ((places[*key as usize], *day), *sums)));
            times.merge_days(days, direction, self.context.most_keys)?;
        }
        if direction == Direction::Add {
            for (place, cell) in places.iter().zip(other.cells.iter()) {
                self.cell(*place).days.absorb(&cell.days);
            }
            for (place, shared) in places.iter().zip(&other.shared) {
                self.shared[*place as usize].join(shared, text);
            }
            let whole = &mut self.rollup;
            for (group, users) in &other.end_users {
                whole.end_users.entry(groups[*group as usize]).or_default().absorb(users);
            }
            for (rule, matches) in &other.matches {
                whole.matches.entry(*rule).or_insert_with(|| matches.clone()).absorb(matches);
            }
            for (line, notes) in &other.line_notes {
                let known = whole.line_notes.entry(places[*line as usize]).or_default();
                known.end_users.absorb(&notes.end_users);
            }
            whole.stated.absorb(&other.stated);
            whole.ways.add(other.ways);
        }
        self.check_keys()
    }
}
