use super::*;
use proptest::prelude::*;

fn check(text: &str, width: usize, last: bool) -> Result<Layout, TestCaseError> {
    let bytes = text.as_bytes();
    let (mut index, mut room, mut fields) = (CsvIndex::default(), Fields::default(), Fields::default());
    let reached = index.find(bytes, 0, Dialect { delimiter: b',', width, longest: usize::MAX }, last);
    let (mut at, mut number) = (0, 0);
    while at < bytes.len() {
        match record_end(&bytes[at..], b',', last) {
            End::At(end, next) => {
                prop_assert!(number < index.len(), "a record");
                let record = &bytes[at..at + end];
                let span = index.record(number);
                prop_assert_eq!(span.range(), at..at + end);
                prop_assert_eq!(span.line(), count_lines(&bytes[..at]));
                prop_assert_eq!(span.within(), count_lines(record));
                let rules = fields.split(record, b',');
                let row = index.fields(&span, bytes, b',', &mut room);
                prop_assert_eq!(row.as_ref().err(), rules.as_ref().err());
                if let Ok(row) = row {
                    prop_assert_eq!(row.len(), fields.len());
                    for index in 0..row.len() {
                        let by_rules = fields.get(index).expect("a field").bytes(record).into_owned();
                        prop_assert_eq!(row.get(index).expect("a field").bytes(bytes).into_owned(), by_rules);
                    }
                }
                at += next;
                number += 1;
            }
            End::Open(quote) => {
                if last {
                    prop_assert_eq!(reached.open_quote, quote.map(|quote| at + quote));
                }
                break;
            }
        }
    }
    prop_assert_eq!(number, index.len());
    prop_assert_eq!(index.is_text(), std::str::from_utf8(&bytes[..reached.end]).is_ok());
    prop_assert_eq!(reached.end, at);
    prop_assert_eq!(reached.lines, count_lines(&bytes[..at]));
    if let Some(rows) = index.rows(0..index.len()) {
        for column in 0..width {
            for (row, span) in rows.spans(column, column).enumerate() {
                prop_assert_eq!(rows.span(row, column), span);
                let field = index.fields(&index.record(row), bytes, b',', &mut room).expect("fields");
                let field = field.get(column).expect("a field");
                prop_assert_eq!(
                    (unquoted(bytes, span.0, span.1).start, unquoted(bytes, span.0, span.1).end),
                    (field.start, field.end)
                );
            }
        }
    }
    let mut room_of_picked = Picked::default();
    let (picked, numbers) = index.pick(0..index.len(), width, &mut room_of_picked, |_| true);
    let spans: Vec<Vec<(usize, usize)>> = (0..width).map(|column| picked.spans(column, column).collect()).collect();
    for (row, number) in numbers.iter().enumerate() {
        for (column, spans) in spans.iter().enumerate() {
            let fields = index.fields(&index.record(*number), bytes, b',', &mut room).expect("fields");
            let (start, end) = spans[row];
            let field = unquoted(bytes, start, end);
            prop_assert_eq!(Some((field.start, field.end)), fields.get(column).map(|field| (field.start, field.end)));
        }
    }
    Ok(index.layout)
}

proptest! {
    /// What the `csv` crate writes and reads again is read here too, and without a span where no field has line breaks.
    #[test]
    fn same_as_the_csv_crate(
        rows in proptest::collection::vec(proptest::collection::vec("[a-z ]{0,9}|[a\",é]{0,70}|[a\r\n\"]{0,4}", 4), 1..40),
        always: bool,
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().quote_style(style).from_writer(Vec::new());
        rows.iter().try_for_each(|row| writer.write_record(row)).expect("written");
        let bytes = writer.into_inner().expect("all of it");
        let mut index = CsvIndex::default();
        let dialect = Dialect { delimiter: b',', width: 4, longest: usize::MAX };
        prop_assert_eq!(index.find(&bytes, 0, dialect, true).end, bytes.len());
        let mut room = Fields::default();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
        let mut count = 0;
        for (number, record) in reader.byte_records().enumerate() {
            let record = record.expect("a record");
            let span = index.record(number);
            let fields = index.fields(&span, &bytes, b',', &mut room).expect("fields");
            let found: Vec<Vec<u8>> =
                (0..fields.len()).map(|at| fields.get(at).expect("a field").bytes(&bytes).into_owned()).collect();
            prop_assert_eq!(found, record.iter().map(<[u8]>::to_vec).collect::<Vec<_>>());
            count += 1;
        }
        prop_assert_eq!(index.len(), count);
        let has_breaks = rows.iter().flatten().any(|field| field.contains(['\r', '\n']));
        prop_assert_eq!(index.rows(0..count).is_some(), !has_breaks);
    }

    /// Chunks end anywhere, in the middle of a character too.
    #[test]
    fn records_of_a_cut_chunk_are_text(text in "([aé😀]{0,40},[é]{0,40}\n){1,20}", cut in 0_usize..9) {
        let bytes = &text.as_bytes()[..text.len().saturating_sub(cut)];
        let mut index = CsvIndex::default();
        index.find(bytes, 0, Dialect { delimiter: b',', width: 2, longest: usize::MAX }, false);
        prop_assert!(index.is_text());
    }

    /// Record by record, field by field and line by line the same as the rules written out.
    #[test]
    fn same_as_the_rules(plain in "[a,\n]{0,200}", text in "[a,\"\r\n é]{0,150}", padding in 0_usize..70, last: bool) {
        check(&format!("{plain}{}{text}{plain}", "x".repeat(padding)), 3, last)?;
    }

    /// Rows of proper quotes: with as many fields each they need no spans.
    #[test]
    fn rows_that_look_alike(
        rows in proptest::collection::vec([r#"[a-z]{0,9}|"[a-z, ]{0,20}"|"[a-z]{0,3}""[b,]{0,70}""#, "[0-9é]{0,5}", r#"[a-z]{0,70}|"""""#], 1..60),
        end in "\r?\n",
        tail in "[a,]{0,9}\r?",
    ) {
        let lines = rows.iter().map(|fields| fields.join(",") + &end).collect::<String>();
        let is_regular = |layout| matches!(layout, Layout::Regular { .. });
        let open = check(&format!("{lines}{tail}"), 3, false)?;
        prop_assert!(is_regular(open));
        if tail.is_empty() {
            let whole = check(&lines, 3, true)?;
            prop_assert!(is_regular(whole));
        }
        check(&format!("{lines}{tail}"), 3, true)?;
        check(&lines.replacen('a', "a\n", 1), 3, true)?;
        check(&lines, 2, true)?;
    }
}
