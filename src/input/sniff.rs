//! What a file is, from what it holds.
//!
//! Role: the first bytes of an input → its format, framing and columns, or a sentence about what it is instead. Names
//! of files mean nothing. All inputs are looked at before the first is read.

use super::csv_rows::{End, Fields, record_end};
use super::file_signatures;
use super::json_keys::{Object, check_times, paths, unknown_format};
use super::json_scan::{LONGEST_JSON, object_too_long};
use super::source::Source;
use crate::diagnostic::{Diagnostic, Failure, Place, sanitized_short};
use crate::formats::mapping::TargetField;
use crate::formats::nested::Columns;
use crate::formats::without_delimiters;
use crate::formats::{Container, Format, Header};

/// Bytes looked at.
const HEAD: usize = 256 * 1024;
/// Lines before a header that are skipped at most.
const MOST_PREAMBLE: usize = 50;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How records are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// CSV with this delimiter.
    Csv(u8),
    /// One JSON object a line.
    JsonLines,
    /// JSON objects one after the other or in a list, over any number of lines.
    JsonValues,
    /// The same, where each object holds rows.
    JsonPages,
}

/// What an input is.
#[derive(Clone, Debug)]
pub struct Sniffed {
    /// The format, by position in the registry.
    pub format: usize,
    /// How records are found.
    pub framing: Framing,
    /// Columns, for CSV.
    pub header: Header,
    /// Bytes before the first data row.
    pub skip: usize,
    /// Lines before the header: number and text.
    pub preamble: Vec<(u64, String)>,
    /// Blank lines before the header.
    pub blank: u64,
    /// The header's line.
    pub header_line: u64,
    /// The file began with a byte-order mark.
    pub marked: bool,
}

impl Sniffed {
    /// Whether numbers may have a decimal comma that needs no quotes, so that `1,234` reads both ways whatever the format
    /// says.
    pub const fn may_have_decimal_commas(&self) -> bool {
        matches!(self.framing, Framing::Csv(delimiter) if delimiter != b',')
    }
}

/// Looks at an input; `wanted` is the name given with `--input-format`.
pub fn sniff(source: &Source, formats: &[Format], wanted: Option<&str>) -> Result<Sniffed, Failure> {
    // Room that nothing is written to takes no memory. An allocator that saw a large block come and go, as glibc's, keeps the
    // memory of later ones at hand, where it would give back and ask again for each.
    let mut head = Vec::with_capacity(4 * HEAD);
    let mut whole = source.open()?.append(&mut head, HEAD)? < HEAD;
    // Gateways store whole prompts and vendors whole months: the first object alone may be longer than the first look.
    if !whole && first_byte(&head).is_some_and(|first| b"{[".contains(&first)) && first_objects(&head).1.is_empty() {
        head.clear();
        whole = source.open()?.append(&mut head, LONGEST_JSON)? < LONGEST_JSON;
    }
    file_signatures::check(&source.name, &head)?;
    let marked = head.starts_with(BYTE_ORDER_MARK);
    let body = without_mark(&head);
    let first = first_byte(body);
    let mut sniffed = match first {
        Some(b'{' | b'[') => json(source, formats, wanted, body, whole)?,
        _ => csv(source, formats, wanted, body, whole)?,
    };
    sniffed.marked = marked;
    if marked {
        sniffed.skip += BYTE_ORDER_MARK.len();
    }
    Ok(sniffed)
}

fn without_mark(head: &[u8]) -> &[u8] {
    head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head)
}

fn first_byte(head: &[u8]) -> Option<u8> {
    without_mark(head).iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

/// The name of a format in a container, as reports and `--input-format` write it.
pub fn format_name(format: &Format, framing: Framing) -> String {
    let name = &format.mapping.name;
    match (format.mapping.containers.len(), framing) {
        (0 | 1, _) => name.clone(),
        (_, Framing::Csv(_)) => format!("{name}-csv"),
        (_, Framing::JsonLines | Framing::JsonValues | Framing::JsonPages) => format!("{name}-jsonl"),
    }
}

fn candidates<'f>(
    formats: &'f [Format],
    wanted: Option<&'f str>,
    container: Container,
) -> impl Iterator<Item = (usize, &'f Format)> {
    formats.iter().enumerate().filter(move |(_, format)| {
        format.mapping.containers.contains(&container)
            && wanted.is_none_or(|wanted| {
                let framing = if container == Container::Csv { Framing::Csv(b',') } else { Framing::JsonLines };
                wanted == format.mapping.name || wanted == format_name(format, framing)
            })
    })
}

/// The format whose proof is longest among those that recognise the columns.
fn best<'f>(found: impl Iterator<Item = (usize, &'f Format)>, columns: &[&str]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (index, format) in found {
        let Some(strength) = format.recognises(columns) else { continue };
        if best.is_none_or(|(_, known)| strength > known) {
            best = Some((index, strength));
        }
    }
    best.map(|(index, _)| index)
}

fn csv(
    source: &Source,
    formats: &[Format],
    wanted: Option<&str>,
    body: &[u8],
    whole: bool,
) -> Result<Sniffed, Failure> {
    let (mut at, mut line, mut blank) = (0, 1, 0);
    let mut preamble: Vec<(u64, String)> = Vec::new();
    let mut first_names: Vec<String> = Vec::new();
    while at < body.len() && preamble.len() <= MOST_PREAMBLE {
        for delimiter in DELIMITERS {
            let End::At(end, next) = record_end(&body[at..], delimiter, whole) else { continue };
            let record = &body[at..at + end];
            let names = header_names(record, delimiter);
            let Some(columns) = names.as_ref().ok().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>())
            else {
                continue;
            };
            if let Some(format) = best(candidates(formats, wanted, Container::Csv), &columns) {
                let names = names.unwrap_or_default();
                check_header(source, &formats[format], &names, line, record)?;
                check_preamble(source, &preamble, names.len(), delimiter)?;
                check_names(source, &formats[format], &names, preamble.last().map_or("", |(_, text)| text), line)?;
                let header = formats[format].header(names);
                return Ok(Sniffed {
                    format,
                    framing: Framing::Csv(delimiter),
                    header,
                    skip: at + next,
                    preamble,
                    blank,
                    header_line: line,
                    marked: false,
                });
            }
            if first_names.len() <= 1 {
                first_names = columns.iter().map(|name| (*name).to_owned()).collect();
            }
        }
        // Not a header: one line further.
        let length = memchr::memchr2(b'\n', b'\r', &body[at..]).unwrap_or(body.len() - at);
        let text = String::from_utf8_lossy(&body[at..at + length]).into_owned();
        if text.trim().is_empty() {
            blank += 1;
        } else {
            preamble.push((line, text));
        }
        at += length + if body[at + length..].starts_with(b"\r\n") { 2 } else { 1 };
        line += 1;
    }
    Err(unrecognised(source, formats, wanted, &first_names, Container::Csv))
}

fn header_names(record: &[u8], delimiter: u8) -> Result<Vec<String>, usize> {
    let mut fields = Fields::default();
    fields.split(record, delimiter).map_err(|wrong| wrong.field)?;
    let name = |index| {
        String::from_utf8_lossy(&fields.get(index).unwrap_or_default().bytes(record))
            .trim()
            .trim_start_matches('\u{feff}')
            .to_owned()
    };
    Ok((0..fields.len()).map(name).collect())
}

/// A header that names a used column twice, or has a stray quote, would give wrong numbers in silence.
fn check_header(source: &Source, format: &Format, names: &[String], line: u64, record: &[u8]) -> Result<(), Failure> {
    let place = || Place::line(&source.name, line);
    let folded: Vec<String> = names.iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
    for (index, name) in folded.iter().enumerate() {
        if !name.is_empty()
            && folded[..index].contains(name)
            && names.iter().any(|known| known.to_lowercase().replace(' ', "_") == *name && format.paths.uses(known))
        {
            return Err(Failure::input(
                Diagnostic::new(
                    "dup-column",
                    format!("the column `{}` stands twice in the header", sanitized_short(&names[index], 60)),
                )
                .at(place())
                .hint("keep one of them; nothing of the file was counted"),
            ));
        }
    }
    let stray = names.iter().find(|name| name.contains('"'));
    if let Some(name) = stray {
        return Err(Failure::input(
            Diagnostic::new("header", format!("the column name `{}` has a stray quote", sanitized_short(name, 60)))
                .at(place())
                .hint("mend the header; nothing of the file was counted"),
        ));
    }
    if std::str::from_utf8(record).is_err() {
        return Err(Failure::input(
            Diagnostic::new("encoding", "the header is not UTF-8")
                .at(place())
                .hint("save the file as UTF-8, or name its encoding, such as --encoding windows-1252"),
        ));
    }
    Ok(())
}

/// A used column whose name was torn or got a separator would be taken for an unknown one and be missed by nobody.
fn check_names(
    source: &Source,
    format: &Format,
    names: &[String],
    line_before: &str,
    line: u64,
) -> Result<(), Failure> {
    let unknown = |name: &&String| !format.paths.uses(name);
    let orphan_chunks = names.first().filter(unknown).map(|first| format!("{}{first}", line_before.trim()));
    let separated = names.iter().filter(unknown).filter_map(|name| without_delimiters(name));
    let used = orphan_chunks.into_iter().chain(separated).find(|name| format.paths.uses(name.trim()));
    used.map_or(Ok(()), |name| {
        Err(Failure::input(
            Diagnostic::new("header", format!("the column name `{}` is damaged", sanitized_short(&name, 60)))
                .at(Place::line(&source.name, line))
                .hint("mend the header; nothing of the file was counted"),
        ))
    })
}

/// Lines before the header are titles; a line as wide as the table is data that would be lost.
fn check_preamble(source: &Source, preamble: &[(u64, String)], width: usize, delimiter: u8) -> Result<(), Failure> {
    for (line, text) in preamble {
        let mut fields = Fields::default();
        if fields.split(text.as_bytes(), delimiter).is_ok() && fields.len() == width && width > 1 {
            return Err(Failure::input(
                Diagnostic::new("two-tables", "a line before the header is as wide as the table")
                    .at(Place::line(&source.name, *line))
                    .hint("split the file, or put the header first"),
            ));
        }
    }
    Ok(())
}

/// Objects looked at for their keys: one may leave out what the next has.
const FIRST_OBJECTS: usize = 200;

/// The first objects, and how they stand.
fn first_objects(head: &[u8]) -> (Framing, Vec<Object>) {
    let text = without_mark(head).trim_ascii_start();
    let whole = |line: &[u8]| serde_json::from_slice::<Object>(line).ok();
    let mut lines = text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).take(FIRST_OBJECTS);
    if text.starts_with(b"{") && lines.clone().next().and_then(whole).is_none() {
        let (first, objects) = values(text);
        if memchr::memchr(b'\n', &text[..first]).is_some() {
            return (Framing::JsonValues, objects);
        }
    }
    let objects: Vec<Object> = lines.by_ref().filter_map(whole).collect();
    if !objects.is_empty() && text.starts_with(b"{") {
        // A page on one line may stand before pages on many.
        let all = values(text).1;
        return (Framing::JsonLines, if all.len() > objects.len() { all } else { objects });
    }
    (Framing::JsonValues, values(text.strip_prefix(b"[").unwrap_or(text)).1)
}

/// Objects one after the other or with commas between, and where the first of them ends.
fn values(text: &[u8]) -> (usize, Vec<Object>) {
    let (mut at, mut first, mut objects) = (0, 0, Vec::new());
    while objects.len() < FIRST_OBJECTS {
        let mut values = serde_json::Deserializer::from_slice(&text[at..]).into_iter::<Object>();
        let Some(Ok(object)) = values.next() else { break };
        at += values.byte_offset();
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b',').count();
        if objects.is_empty() {
            first = at;
        }
        objects.push(object);
    }
    (first, objects)
}

/// Whether the first object goes on behind what was looked at, and nothing is wrong with it so far.
fn is_open(body: &[u8]) -> bool {
    let text = body.trim_ascii_start();
    let first = text.strip_prefix(b"[").unwrap_or(text);
    let mut values = serde_json::Deserializer::from_slice(first).into_iter::<serde::de::IgnoredAny>();
    values.next().is_some_and(|value| value.is_err_and(|error| error.is_eof()))
}

fn json(
    source: &Source,
    formats: &[Format],
    wanted: Option<&str>,
    body: &[u8],
    whole: bool,
) -> Result<Sniffed, Failure> {
    let (framing, objects) = first_objects(body);
    if objects.is_empty() && !whole && is_open(body) {
        return Err(object_too_long(&source.name, 1));
    }
    if objects.is_empty() {
        return Err(Failure::input(
            Diagnostic::new("bad-json", "begins like JSON but holds no whole object")
                .at(Place::line(&source.name, 1))
                .hint("export it again; one JSON object a line is expected"),
        ));
    }
    file_signatures::check_answer(&source.name, &objects)?;
    let paths = paths(&objects);
    let keys: Vec<&str> = paths.iter().map(String::as_str).collect();
    let known = || candidates(formats, wanted, Container::Jsonl);
    let lines = known().filter(|(_, format)| format.mapping.rows.is_none() || format.mapping.rows_alone);
    let mut names: Vec<String> = paths.iter().filter(|path| !path.contains(" > ")).cloned().collect();
    let mut found = best(lines, &keys).map(|format| (format, framing));
    // Objects that are no rows themselves may hold some.
    let mut pages: Vec<&Format> = Vec::new();
    for (index, format) in known().filter(|(_, format)| format.mapping.rows.is_some()) {
        if found.is_some() && pages.is_empty() {
            break;
        }
        let Some(columns) = Columns::of(&objects, &format.rows) else { continue };
        if format.recognises(&columns.names.iter().map(String::as_str).collect::<Vec<_>>()).is_some() {
            pages.push(format);
            check_one_kind(source, &pages)?;
            check_models(source, format, &columns)?;
            found = found.or(Some((index, Framing::JsonPages)));
        }
        names = columns.names;
    }
    let Some((format, framing)) = found else {
        let unknown_format = unknown_format(source, &objects);
        return Err(unknown_format.unwrap_or_else(|| unrecognised(source, formats, wanted, &names, Container::Jsonl)));
    };
    check_times(source, &formats[format], &objects)?;
    Ok(Sniffed {
        format,
        framing,
        header: Header::default(),
        skip: 0,
        preamble: Vec::new(),
        blank: 0,
        header_line: 0,
        marked: false,
    })
}

/// Usage and costs in one file would be read as one of the two, and the other would be refused row by row.
fn check_one_kind(source: &Source, pages: &[&Format]) -> Result<(), Failure> {
    let [usage, bill] = [false, true].map(|bill| pages.iter().find(|format| format.states_bill() == bill));
    let (Some(usage), Some(bill)) = (usage, bill) else { return Ok(()) };
    let what = format!("holds both {} and {}", usage.mapping.title, bill.mapping.title);
    Err(Failure::input(
        Diagnostic::new("two-exports", what)
            .at(Place::file(&source.name))
            .hint("give each in a file of its own; nothing of the file was counted"),
    ))
}

/// Pages that were not grouped by model would be refused row by row.
fn check_models(source: &Source, format: &Format, columns: &Columns) -> Result<(), Failure> {
    let (model, input) = (format.column_of(TargetField::Model), format.column_of(TargetField::Input));
    let has = |row: &&Vec<String>, name: &str| row.iter().any(|key| key == name);
    let mut usage = columns.filled.iter().filter(|row| has(row, input)).peekable();
    if format.states_bill() || usage.peek().is_none() || usage.any(|row| has(&row, model)) {
        return Ok(());
    }
    Err(Failure::input(
        Diagnostic::new("no-models", format!("is {}, but names no model", format.mapping.title))
            .at(Place::file(&source.name))
            .hint(format!("nothing in it can be priced; export it grouped: {}", format.mapping.how_to_get)),
    ))
}

/// What is missing for the format that fits best.
fn unrecognised(
    source: &Source,
    formats: &[Format],
    wanted: Option<&str>,
    names: &[String],
    container: Container,
) -> Failure {
    if let Some(failure) = file_signatures::other_export(&source.name, names) {
        return failure;
    }
    let has = |name: &str| names.iter().any(|known| known == name);
    let nearest = candidates(formats, wanted, container)
        .map(|(_, format)| {
            let proof = format.recognised_by();
            let missing: Vec<&str> = proof.iter().copied().filter(|name| !has(name)).collect();
            (proof.len() - missing.len(), format, missing)
        })
        // Keys that all stand there, in another place than they should, say nothing of what is missing.
        .filter(|(_, _, missing)| !missing.is_empty())
        // One key of many, such as `id`, makes nothing near.
        .filter(|(present, _, missing)| *present > usize::from(missing.len() > 2) || wanted.is_some())
        .max_by_key(|(present, _, missing)| (*present, usize::MAX - missing.len()));
    let message = match (&nearest, wanted) {
        (Some((_, format, missing)), _) => {
            let listed: Vec<String> = missing.iter().map(|name| describe_missing(name, names)).collect();
            format!("is not recognised; nearest is {}, but it lacks {}", format.mapping.title, listed.join(", "))
        }
        (None, Some(wanted)) => format!("is not a `{wanted}` file"),
        (None, None) => {
            let seen: Vec<String> = names
                .iter()
                .filter(|name| !name.is_empty() && !name.starts_with('@'))
                .take(5)
                .map(|name| format!("`{}`", sanitized_short(name, 40)))
                .collect();
            let what = if container == Container::Csv { "columns" } else { "keys" };
            format!(
                "is not an export this program knows; its {what} are {}",
                if seen.is_empty() { "empty".to_owned() } else { seen.join(", ") }
            )
        }
    };
    Failure::input(
        Diagnostic::new("unrecognised", message)
            .at(Place::file(&source.name))
            .hint("`batchwise formats` lists what is read; `--map FILE` describes your own columns"),
    )
}

fn describe_missing(name: &str, names: &[String]) -> String {
    let near = names
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&known.to_lowercase(), name), known))
        .filter(|(distance, known)| *distance * 3 <= name.len() || known.to_lowercase().contains(name))
        .min();
    match near {
        Some((_, known)) => format!("`{name}` (there is `{}`)", sanitized_short(known, 40)),
        None => format!("`{name}`"),
    }
}
