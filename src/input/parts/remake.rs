//! The command that makes a rollup file again, of other days or with more of its rows, as errors suggest it.

use std::path::Path;

use super::InputAbout;
use crate::diagnostic::text::shell_word;
use crate::formats::rollup::Kept;
use crate::input::dates::PeriodBounds;
use crate::input::pass::Reading;
use crate::input::source::Source;
use crate::rollup::Context;

/// Options that say how inputs are read, and so which rows of them count.
pub const READING_OPTIONS: [&str; 4] = ["encoding", "input-format", "no-dedupe", "provider"];

/// How a file is made again that keeps what this run asks for.
#[derive(Clone, Debug)]
pub struct Remake {
    command: &'static str,
    options: Vec<String>,
    /// What the file is made of, and what it is a part of.
    inputs: Vec<String>,
}

impl Remake {
    pub(super) fn of(
        file: &Source,
        kept: &Kept,
        inputs: &[&InputAbout],
        (reading, context): (&Reading<'_>, &Context<'_>),
    ) -> Self {
        let mut options = reading.options.to_vec();
        let has_hours = kept.hours || context.lines.is_some_and(|lines| lines.hours);
        options.extend(has_hours.then(|| "--hours".to_owned()));
        let shard = kept.shard.map(|shard| format!("--shard {}", String::from(shard)));
        let source = |name: &str| kept.source.as_ref().map(|source| format!("{name} {}", shell_word(source)));
        if inputs.iter().any(|input| input.file.is_none()) {
            // A query made it.
            let tags = inputs.iter().flat_map(|input| &input.columns).filter_map(|column| column.strip_prefix("tag."));
            let tags: Vec<&str> = tags.collect();
            let tags = (!tags.is_empty()).then(|| format!("--tags {}", shell_word(&tags.join(","))));
            let inputs = tags.into_iter().chain(source("--table")).chain(shard).collect();
            return Self { command: "sql --dialect ENGINE", options, inputs };
        }
        let path = file.path().map_or_else(|| "PART.csv".into(), another);
        // A name such as `-x.csv` is no option.
        let typed = |file: &str| if file.starts_with('-') { format!("./{file}") } else { file.to_owned() };
        let files = inputs.iter().filter_map(|input| input.file.as_deref()).map(|file| shell_word(&typed(file)));
        let as_read = READING_OPTIONS.iter().filter_map(|name| match kept.options.get(*name)?.as_str() {
            "" => Some(format!("--{name}")),
            value => Some(format!("--{name} {}", shell_word(value))),
        });
        let output = format!("-o {}", shell_word(&path));
        let inputs = as_read.chain(source("--source")).chain(shard).chain([output]).chain(files).collect();
        Self { command: "rollup", options, inputs }
    }

    /// What is typed to make one of these days.
    pub fn command(&self, days: PeriodBounds) -> String {
        let days = Some(days.options()).filter(|options| !options.is_empty());
        let words = self.options.iter().chain(&days).chain(&self.inputs).map(String::as_str);
        std::iter::once("batchwise").chain([self.command]).chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// A name beside a file, since in another folder logs of the same names may be other logs: `part.csv.gz` is
/// `part-again.csv.gz`.
fn another(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (stem, endings) = name.split_at(name.find('.').unwrap_or(name.len()));
    path.with_file_name(format!("{stem}-again{endings}")).to_string_lossy().into_owned()
}
