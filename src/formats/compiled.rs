//! What reading needs of a mapping, made once.
//!
//! Role: a mapping → its paths by number, and what each field, id, tag and rule of it is read from. It reads no rows.

use std::sync::Arc;

use super::expected::ExpectedKeys;
use super::focus::KnownNames;
use super::logic::DerivedFields;
use super::mapping::{ColumnRule, Convention, Kind, Mapping, Spec, TargetField};
use super::naming::Naming;
use super::paths::{Paths, Slot, Unknown};
use crate::money::DecimalStyle;

/// A mapping made ready for reading.
#[derive(Debug)]
pub struct Compiled {
    /// All paths it reads.
    pub paths: Paths,
    /// The keys of the lists that hold rows, the outermost first; empty where each object is a row.
    pub rows: Vec<String>,
    /// What rows are expected to have.
    pub expected: ExpectedKeys,
    pub(super) derive: Option<DerivedFields>,
    pub(super) time: Vec<Slot>,
    pub(super) end: Vec<Slot>,
    /// Where both stand once more.
    pub(super) again: [Vec<Slot>; 2],
    /// By target: where it comes from.
    pub(super) targets: Vec<Option<(Vec<Slot>, Spec)>>,
    /// Where ids stand, by position in [`Field::WITH_IDS`](crate::usage::Field::WITH_IDS).
    pub(super) ids: Vec<(usize, Vec<Slot>)>,
    /// What has names and ids.
    pub(super) naming: Vec<Naming>,
    pub(super) tags: Vec<(String, Slot)>,
    /// Objects that hold tags.
    pub(super) tag_objects: Vec<Slot>,
    pub(super) blank: Vec<Slot>,
    pub(super) not_usage: Vec<Slot>,
    pub(super) total: Option<(Slot, Vec<String>)>,
    /// By which column calls are known.
    pub(super) call: Option<(Slot, Vec<String>)>,
    /// And what is none.
    pub(super) no_call: Option<(Slot, Vec<String>)>,
    pub(super) conventions: Vec<Convention>,
    /// Counts, and what makes each.
    pub(super) sums: Vec<(TargetField, Vec<Slot>)>,
    /// Further columns that tell buckets apart, and where their texts are joined.
    pub(super) grouping: Option<(Vec<Slot>, Slot)>,
    pub(super) decimal: DecimalStyle,
}

impl Compiled {
    /// Numbers the paths of a mapping and finds what stands at each.
    pub(super) fn of(mapping: &Mapping, built_in: bool, names: Option<&Arc<KnownNames>>) -> Self {
        let mut paths = Paths::new(mapping.tags.prefix.clone(), mapping.kind == Kind::Usage);
        let time = mapping.time.from.iter().map(|path| paths.slot(path)).collect();
        let end = mapping.end.iter().flat_map(|end| &end.from).map(|path| paths.slot(path)).collect();
        let again = [Some(&mapping.time), mapping.end.as_ref()]
            .map(|spec| spec.iter().flat_map(|spec| &spec.same_as).map(|path| paths.slot(path)).collect());
        let mut targets: Vec<Option<(Vec<Slot>, Spec)>> = vec![None; TargetField::COUNT];
        for (target, spec) in &mapping.fields.0 {
            targets[*target as usize] = Some((spec.from.iter().map(|path| paths.slot(path)).collect(), spec.clone()));
        }
        let ids = mapping.fields.0.iter().filter(|(_, spec)| !spec.ids.is_empty());
        let ids = ids.filter_map(|(target, spec)| {
            Some((target.field()?.with_id()?, spec.ids.iter().map(|path| paths.slot(path)).collect()))
        });
        let ids = ids.collect();
        let tags = mapping.tags.named.0.iter().map(|(name, path)| (name.clone(), paths.slot(path))).collect();
        let mut slots = |names: &[String]| names.iter().map(|path| paths.slot(path)).collect::<Vec<_>>();
        let tag_objects = slots(&mapping.tags.objects);
        let (blank, not_usage) = (slots(&mapping.blank_if_empty), slots(&mapping.not_usage_if));
        let sums = mapping.sums.iter().map(|sum| (sum.whole, slots(&sum.parts))).collect();
        let grouping = slots(&mapping.also_group_by);
        let grouping = (!grouping.is_empty()).then(|| (grouping, paths.slot("@grouping")));
        let mut rule =
            |rule: &Option<ColumnRule>| rule.as_ref().map(|rule| (paths.slot(&rule.column), rule.values.clone()));
        let [total, call, no_call] = [&mapping.total_if, &mapping.call_if, &mapping.no_call_if].map(&mut rule);
        mapping.usage_objects.iter().for_each(|path| paths.usage_object(path));
        mapping.declared.0.iter().for_each(|(path, declared)| paths.declare(path, declared));
        let mut derive = mapping.logic.map(|logic| DerivedFields::new(logic, &mut paths));
        if let (Some(DerivedFields::Focus(focus)), Some(names)) = (&mut derive, names) {
            focus.set_names(names);
        }
        // Only the tool's own format, and a mapping of one's own, have columns that somebody made up for this program.
        let is_own = mapping.tags.prefix.is_some() || !built_in;
        paths.unknown = match mapping.kind {
            Kind::Usage if grouping.is_some() => Unknown::TellsApart,
            _ if is_own && mapping.provider.is_none() && mapping.logic.is_none() => Unknown::Noted,
            _ => Unknown::Unnoted,
        };
        let is_fixed = built_in && mapping.provider.is_some();
        paths.json_cells = mapping.json_cells;
        paths.counts_tokens_in_objects = paths.counts_tokens && mapping.rows.is_some();
        let expected = ExpectedKeys::of(mapping, is_fixed, &mut paths);
        let naming = Naming::of(mapping, &mut paths, &expected);
        let decimal = mapping.decimal.unwrap_or(DecimalStyle::Undeclared);
        let rows = mapping.rows.iter().flat_map(|path| path.split(" > ")).map(ToOwned::to_owned).collect();
        Self {
            paths,
            rows,
            expected,
            derive,
            time,
            end,
            again,
            targets,
            ids,
            naming,
            tags,
            tag_objects,
            blank,
            not_usage,
            total,
            call,
            no_call,
            conventions: mapping.conventions(),
            sums,
            grouping,
            decimal,
        }
    }
}
