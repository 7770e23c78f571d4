//! How engines spell what they all can.
//!
//! Role: one record an engine, and nothing else knows that there are several. A spelling is a text in which `{}` stands for
//! what it is applied to. There is one statement; a new engine is one more record here.

/// How an engine spells things.
#[derive(Debug)]
pub struct Dialect {
    /// The name of `--dialect`.
    pub name: &'static str,
    /// The project runs the statement on this engine in its own tests.
    pub is_run: bool,
    /// Around names.
    quote: char,
    /// In texts, a backslash takes the meaning of the next character.
    backslash_escapes: bool,
    /// The type of texts.
    pub text: &'static str,
    /// The type of whole numbers of 64 bits.
    pub integer: &'static str,
    /// What numbers are added up as, so that sums have 38 digits: sums of 64 bits wrap silently in some engines.
    pub sum: &'static str,
    /// The type of amounts, 18 digits behind the point.
    pub amount: &'static str,
    /// A number as an amount. From one kind of number to the other engines go different ways; through text they agree.
    pub as_amount: &'static str,
    /// The type of floating-point numbers.
    pub float: &'static str,
    /// The type of what is true or false.
    pub boolean: &'static str,
    /// A time as microseconds since 1970 in UTC, whatever the session's zone.
    pub micros: &'static str,
    /// The time of so many microseconds.
    pub of_micros: &'static str,
    /// The text of a day by its number since 1970, `2026-10-04`.
    pub day: &'static str,
    /// Whole parts of a number that is not negative.
    pub divide: [&'static str; 3],
    /// Whether a regular expression is found in a text.
    pub matches: [&'static str; 3],
    /// A character in a regular expression, by its number in hexadecimal digits.
    pub code_point: [&'static str; 2],
    /// The SHA-256 of a text as hexadecimal digits in lower case.
    pub sha256: &'static str,
    /// A text of digits as a whole number.
    pub parsed: &'static str,
    /// A text up to its first blank.
    pub first_word: &'static str,
    /// The text of an amount, without zeros at its end.
    pub plain_amount: &'static str,
    /// Compares a text by its bytes.
    pub bytewise: &'static str,
    /// The character of this number.
    pub character: &'static str,
    /// What a step ends with so that it is worked out once, where an engine else works it out anew wherever it is used.
    pub fence: &'static str,
    /// The beginning of `CREATE VIEW`.
    pub create_view: &'static str,
    /// How to save what the statement in `rollup.sql` finds.
    pub save: &'static [&'static str],
}

const STANDARD_PLAIN: &str = "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST({} AS VARCHAR)))";
const SAVE_ELSEWHERE: &[&str] =
    &["save its result as CSV with a header, NULL nowhere, text in UTF-8, all rows: consoles often cut a result off"];

/// All dialects, those that the project runs first.
pub const DIALECTS: [Dialect; 8] = [
    Dialect {
        name: "duckdb",
        is_run: true,
        quote: '"',
        backslash_escapes: false,
        text: "VARCHAR",
        integer: "BIGINT",
        sum: "DECIMAL(38,0)",
        amount: "DECIMAL(38,18)",
        as_amount: "CAST(CAST({} AS VARCHAR) AS DECIMAL(38,18))",
        float: "DOUBLE",
        boolean: "BOOLEAN",
        micros: "epoch_us({})",
        of_micros: "make_timestamp({})",
        day: "strftime(DATE '1970-01-01' + CAST({} AS INTEGER), '%Y-%m-%d')",
        divide: ["(", " // ", ")"],
        matches: ["regexp_matches(", ", ", ")"],
        code_point: ["\\x{", "}"],
        sha256: "sha256({})",
        parsed: "TRY_CAST({} AS BIGINT)",
        first_word: "split_part({}, ' ', 1)",
        plain_amount: "rtrim(rtrim(CAST({} AS VARCHAR), '0'), '.')",
        bytewise: "{}",
        character: "chr({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: &["duckdb -csv calls.duckdb < rollup.sql > rollup.csv"],
    },
    Dialect {
        name: "postgres",
        is_run: true,
        quote: '"',
        backslash_escapes: false,
        text: "TEXT",
        integer: "BIGINT",
        // Of these its sums are exact and as long as they need be.
        sum: "BIGINT",
        amount: "NUMERIC(38,18)",
        as_amount: "CAST(CAST({} AS TEXT) AS NUMERIC(38,18))",
        float: "DOUBLE PRECISION",
        boolean: "BOOLEAN",
        micros: "CAST(floor(extract(epoch FROM {}) * 1000000) AS BIGINT)",
        of_micros: "(TIMESTAMPTZ '1970-01-01 00:00:00+00' + {} * INTERVAL '1 microsecond')",
        day: "to_char(DATE '1970-01-01' + CAST({} AS INTEGER), 'YYYY-MM-DD')",
        divide: ["(", " / ", ")"],
        matches: ["(", " ~ ", ")"],
        code_point: ["\\U", ""],
        sha256: "encode(sha256(convert_to({}, 'UTF8')), 'hex')",
        parsed: "CAST(substring({} FROM '^[0-9]{1,18}$') AS BIGINT)",
        first_word: "split_part({}, ' ', 1)",
        plain_amount: "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST({} AS TEXT)))",
        bytewise: "{} COLLATE \"C\"",
        character: "chr({})",
        fence: "\nOFFSET 0",
        create_view: "CREATE OR REPLACE VIEW",
        save: &["psql --csv --no-psqlrc --quiet --file rollup.sql --output rollup.csv DATABASE"],
    },
    Dialect {
        name: "clickhouse",
        is_run: true,
        quote: '`',
        backslash_escapes: true,
        text: "Nullable(String)",
        integer: "Nullable(Int64)",
        sum: "Nullable(Decimal(38,0))",
        amount: "Nullable(Decimal(38,18))",
        as_amount: "CAST(CAST({} AS Nullable(String)) AS Nullable(Decimal(38,18)))",
        float: "Nullable(Float64)",
        boolean: "Nullable(Bool)",
        micros: "toUnixTimestamp64Micro(CAST({} AS Nullable(DateTime64(6, 'UTC'))))",
        of_micros: "fromUnixTimestamp64Micro({}, 'UTC')",
        day: "toString(toDate32(CAST({} AS Nullable(Int32))))",
        divide: ["intDiv(", ", ", ")"],
        matches: ["match(", ", ", ")"],
        code_point: ["\\x{", "}"],
        sha256: "lower(hex(SHA256({})))",
        parsed: "toInt64OrNull({})",
        first_word: "splitByChar(' ', assumeNotNull({}))[1]",
        plain_amount: "toString({})",
        bytewise: "{}",
        character: "char({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: &["clickhouse-client --format CSVWithNames < rollup.sql > rollup.csv"],
    },
    Dialect {
        name: "spark",
        is_run: true,
        quote: '`',
        backslash_escapes: true,
        text: "STRING",
        integer: "BIGINT",
        sum: "DECIMAL(38,0)",
        amount: "DECIMAL(38,18)",
        as_amount: "CAST(CAST({} AS STRING) AS DECIMAL(38,18))",
        float: "DOUBLE",
        boolean: "BOOLEAN",
        micros: "unix_micros(CAST({} AS TIMESTAMP))",
        of_micros: "timestamp_micros({})",
        day: "date_format(date_add(DATE '1970-01-01', CAST({} AS INT)), 'yyyy-MM-dd')",
        divide: ["(", " DIV ", ")"],
        matches: ["(", " RLIKE ", ")"],
        code_point: ["\\x{", "}"],
        sha256: "sha2({}, 256)",
        parsed: "try_cast({} AS BIGINT)",
        first_word: "split_part({}, ' ', 1)",
        plain_amount: "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST({} AS STRING)))",
        bytewise: "{}",
        character: "chr({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: &[
            "in Python, with `statement` the text of this file:",
            "rows = spark.sql(statement).coalesce(1).write.option('header', True).option('escape', '\"')",
            "rows.option('emptyValue', '').option('ignoreLeadingWhiteSpace', False)",
            "    .option('ignoreTrailingWhiteSpace', False).csv('rollup')   # one file of the folder is the rollup",
        ],
    },
    Dialect {
        name: "datafusion",
        is_run: true,
        quote: '"',
        backslash_escapes: false,
        text: "VARCHAR",
        integer: "BIGINT",
        sum: "DECIMAL(38,0)",
        amount: "DECIMAL(38,18)",
        // It reads no exponents; of numbers so small the other way comes to the same.
        as_amount: "(CASE WHEN CAST({} AS VARCHAR) LIKE '%e-%' THEN CAST({} AS DECIMAL(38,18)) \
                    ELSE CAST(CAST({} AS VARCHAR) AS DECIMAL(38,18)) END)",
        float: "DOUBLE",
        boolean: "BOOLEAN",
        micros: "CAST(arrow_cast({}, 'Timestamp(Microsecond, None)') AS BIGINT)",
        of_micros: "to_timestamp_micros({})",
        day: "to_char(CAST(CAST({} AS INTEGER) AS DATE), '%Y-%m-%d')",
        divide: ["(", " / ", ")"],
        matches: ["regexp_like(", ", ", ")"],
        code_point: ["\\x{", "}"],
        sha256: "encode(sha256({}), 'hex')",
        parsed: "TRY_CAST({} AS BIGINT)",
        first_word: "split_part({}, ' ', 1)",
        plain_amount: "rtrim(rtrim(CAST({} AS VARCHAR), '0'), '.')",
        bytewise: "{}",
        character: "chr({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: &["datafusion-cli --quiet --format csv --maxrows inf --file rollup.sql > rollup.csv"],
    },
    Dialect {
        name: "bigquery",
        is_run: false,
        quote: '`',
        backslash_escapes: true,
        text: "STRING",
        integer: "INT64",
        sum: "BIGNUMERIC",
        amount: "BIGNUMERIC",
        as_amount: "CAST(CAST({} AS STRING) AS BIGNUMERIC)",
        float: "FLOAT64",
        boolean: "BOOL",
        micros: "UNIX_MICROS(CAST({} AS TIMESTAMP))",
        of_micros: "TIMESTAMP_MICROS({})",
        day: "FORMAT_DATE('%F', DATE_FROM_UNIX_DATE({}))",
        divide: ["DIV(", ", ", ")"],
        matches: ["REGEXP_CONTAINS(", ", ", ")"],
        code_point: ["\\x{", "}"],
        sha256: "TO_HEX(SHA256({}))",
        parsed: "SAFE_CAST({} AS INT64)",
        first_word: "SPLIT({}, ' ')[OFFSET(0)]",
        plain_amount: "CAST({} AS STRING)",
        bytewise: "{}",
        character: "CHR({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: SAVE_ELSEWHERE,
    },
    Dialect {
        name: "snowflake",
        is_run: false,
        quote: '"',
        backslash_escapes: true,
        text: "VARCHAR",
        integer: "NUMBER(38,0)",
        sum: "NUMBER(38,0)",
        amount: "NUMBER(38,18)",
        as_amount: "CAST(CAST({} AS VARCHAR) AS NUMBER(38,18))",
        float: "DOUBLE",
        boolean: "BOOLEAN",
        micros: "DATE_PART(EPOCH_MICROSECOND, {})",
        of_micros: "TO_TIMESTAMP_NTZ({}, 6)",
        day: "TO_CHAR(DATEADD(day, {}, DATE '1970-01-01'), 'YYYY-MM-DD')",
        divide: ["FLOOR(", " / ", ")"],
        // The function of this name holds a text as a whole; this one counts what is found.
        matches: ["(REGEXP_COUNT(", ", ", ") > 0)"],
        code_point: ["\\x{", "}"],
        sha256: "SHA2({}, 256)",
        parsed: "TRY_CAST({} AS NUMBER(38,0))",
        first_word: "SPLIT_PART({}, ' ', 1)",
        plain_amount: "RTRIM(RTRIM(CAST({} AS VARCHAR), '0'), '.')",
        bytewise: "{}",
        character: "CHR({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: SAVE_ELSEWHERE,
    },
    Dialect {
        name: "trino",
        is_run: false,
        quote: '"',
        backslash_escapes: false,
        text: "VARCHAR",
        integer: "BIGINT",
        sum: "DECIMAL(38,0)",
        amount: "DECIMAL(38,18)",
        as_amount: "CAST(CAST({} AS VARCHAR) AS DECIMAL(38,18))",
        float: "DOUBLE",
        boolean: "BOOLEAN",
        micros: "CAST(floor(to_unixtime(CAST({} AS TIMESTAMP(6) WITH TIME ZONE)) * 1000000) AS BIGINT)",
        of_micros: "from_unixtime_nanos({} * 1000)",
        day: "date_format(date_add('day', {}, DATE '1970-01-01'), '%Y-%m-%d')",
        divide: ["(", " / ", ")"],
        matches: ["regexp_like(", ", ", ")"],
        code_point: ["\\x{", "}"],
        sha256: "lower(to_hex(sha256(to_utf8({}))))",
        parsed: "TRY_CAST({} AS BIGINT)",
        first_word: "split_part({}, ' ', 1)",
        plain_amount: STANDARD_PLAIN,
        bytewise: "{}",
        character: "chr({})",
        fence: "",
        create_view: "CREATE OR REPLACE VIEW",
        save: SAVE_ELSEWHERE,
    },
];

impl Dialect {
    /// The dialect of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        DIALECTS.iter().find(|dialect| dialect.name == name)
    }

    /// A name, quoted: whatever is in it, it is a name.
    pub fn name(&self, name: &str) -> String {
        let escaped = if self.backslash_escapes { name.replace('\\', "\\\\") } else { name.to_owned() };
        format!("{0}{1}{0}", self.quote, escaped.replace(self.quote, &format!("{0}{0}", self.quote)))
    }

    /// A text, quoted.
    pub fn literal(&self, text: &str) -> String {
        let escaped = if self.backslash_escapes { text.replace('\\', "\\\\") } else { text.to_owned() };
        let quote = if self.backslash_escapes { "\\'" } else { "''" };
        format!("'{}'", escaped.replace('\'', quote))
    }

    /// An expression as a type.
    pub fn cast(what: &str, to: &str) -> String {
        format!("CAST({what} AS {to})")
    }

    /// Whether a regular expression is found in a text.
    pub fn found(&self, expression: &str, within: &str) -> String {
        let [open, between, close] = self.matches;
        format!("{open}{within}{between}{}{close}", self.literal(expression))
    }

    /// Whole parts of a number.
    pub fn parts(&self, whole: &str, by: u64) -> String {
        let [open, between, close] = self.divide;
        format!("{open}{whole}{between}{by}{close}")
    }

    /// Ranges of characters for the brackets of a regular expression.
    pub fn class(&self, characters: impl Iterator<Item = char>) -> String {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in characters.map(u32::from) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        let [open, close] = self.code_point;
        let digits = if close.is_empty() { 8 } else { 2 };
        let one = |number: u32| format!("{open}{number:0digits$x}{close}");
        let range = |(first, last)| if first == last { one(first) } else { format!("{}-{}", one(first), one(last)) };
        ranges.into_iter().map(range).collect()
    }
}

/// A spelling, applied.
pub fn spell(spelling: &str, what: &str) -> String {
    spelling.replace("{}", what)
}
