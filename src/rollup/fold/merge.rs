//! Rollups of parts into the rollup of the whole.

use super::Folder;
use crate::maps::next_number;
use crate::rollup::{
    Charge, ChargeId, DailyKey, Group, GroupId, Key, Logged, QuoteId, QuoteKey, ResolutionId, Rollup, RuleSetId,
    TextId, Texts, Times, Unsummable,
};

impl Folder<'_> {
    /// Adds all sums of a rollup. Any order of parts gives the same sums.
    pub fn absorb(&mut self, other: &Rollup) -> Result<(), Unsummable> {
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
            self.cell(*place).absorb(cell)?;
        }
        for (place, shared) in places.iter().zip(&other.shared) {
            self.shared[*place as usize].join(shared, text);
        }
        let whole = &mut self.rollup;
        whole.stated.absorb(&other.stated);
        for (key, sums) in &other.daily {
            let key = DailyKey { charge: charges[key.charge as usize], ..*key };
            self.daily.entry(key).or_default().absorb(sums)?;
        }
        for (group, users) in &other.end_users {
            whole.end_users.entry(groups[*group as usize]).or_default().absorb(users);
        }
        for (rule, matches) in &other.matches {
            let known = whole.matches.entry(*rule).or_insert_with(|| matches.clone());
            known.absorb(matches);
        }
        for (line, notes) in &other.line_notes {
            whole.line_notes.entry(places[*line as usize]).or_default().absorb(notes);
        }
        whole.oddities.add(other.oddities);
        whole.undated += other.undated;
        whole.undated_prices += other.undated_prices;
        whole.ways.add(other.ways);
        if let Some(others) = &other.times {
            let times = whole.times.get_or_insert_with(Times::new);
            times.spread += others.spread;
            let hours = others.hours.iter();
            times.absorb_hours(hours.map(|((hour, charge), sums)| ((*hour, charges[*charge as usize]), *sums)))?;
            let days = others
                .days
                .as_ref()
                .map(|days| days.iter().map(|((key, day), sums)| ((places[*key as usize], *day), *sums)));
            times.absorb_days(days, self.context.most_keys)?;
        }
        self.check_keys()
    }
}
