//! The lines of a rollup file, each once.

use std::hash::BuildHasher as _;

use super::{Folder, NAMELESS};
use crate::maps::next_number;
use crate::rollup::{ChargeId, Line, LineId, Logged};
use crate::usage::Field;

impl Folder<'_> {
    /// The lines so far, with the names of their providers.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, &str)> {
        self.rollup.lines.iter().zip(self.about.iter().map(|(_, provider)| self.rollup.texts.get(*provider)))
    }

    /// The number of a line, new or known.
    pub(super) fn line_id(&mut self, line: Line) -> LineId {
        let Self { lines, line_hasher, rollup, .. } = self;
        let hash = line_hasher.hash_one(&line);
        if let Some(&known) = lines.find(hash, |id| rollup.lines[*id as usize] == line) {
            return known;
        }
        let id = next_number(rollup.lines.len());
        lines.insert_unique(hash, id, |id| line_hasher.hash_one(&rollup.lines[*id as usize]));
        let [provider, model] = [Field::Provider, Field::Model].map(|field| line.texts[field as usize]);
        let model = model.unwrap_or_else(|| rollup.texts.id(NAMELESS));
        let logged = Logged { provider, format_provider: line.format_provider, model };
        rollup.lines.push(line);
        let resolution = self.resolution(logged) as usize;
        // What it costs is for another run to say.
        self.about.push((ChargeId::MAX, self.rollup.resolutions[resolution].shown_provider));
        id
    }
}
