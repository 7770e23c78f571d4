//! How far reading is: one line on a terminal, when it takes long.
//!
//! Role: stages that read count here, and a thread of its own draws. This is the only place that asks a clock. Stages
//! can write to it and not read from it, so nothing of it can come into a result. In pipes and files it says nothing.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use terminal_size::{Width, terminal_size_of};

/// Reading that is done by then is not worth a line, and no rate is told before.
const LONG: Duration = Duration::from_secs(1);
/// Time between two drawings.
const REDRAWN: Duration = Duration::from_millis(200);
/// Columns of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;
/// Stands for a total that nobody knows.
const UNKNOWN: u64 = u64::MAX;

static BYTES: AtomicU64 = AtomicU64::new(0);
static ROWS: AtomicU64 = AtomicU64::new(0);
static TOTAL: AtomicU64 = AtomicU64::new(UNKNOWN);
static BEGUN: Mutex<Option<Instant>> = Mutex::new(None);
/// Columns of the screen that the line takes now; nothing once the program ends.
static DRAWN: Mutex<Option<usize>> = Mutex::new(Some(0));

/// A pass over all inputs begins, of so many bytes as stored, where that is known.
pub fn begin(total: Option<u64>) {
    BYTES.store(0, Relaxed);
    ROWS.store(0, Relaxed);
    TOTAL.store(total.unwrap_or(UNKNOWN), Relaxed);
    *locked(&BEGUN) = Some(Instant::now());
}

/// So many more bytes were read, as stored.
pub fn bytes(more: u64) {
    BYTES.fetch_add(more, Relaxed);
}

/// So many more rows were read.
pub fn rows(more: u64) {
    ROWS.fetch_add(more, Relaxed);
}

/// Takes the line off the terminal for good, for a program that is about to end, unless the terminal keeps it waiting.
pub fn end() {
    if let Ok(mut drawn) = DRAWN.try_lock() {
        redraw(&mut io::stderr(), &mut drawn, "");
        *drawn = None;
    }
}

/// A line that is drawn again and again until this is dropped.
#[derive(Debug)]
pub struct Shown {
    stop: mpsc::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

/// Shows how far reading is from now on, where somebody may be looking.
pub fn show(quiet: bool) -> Option<Shown> {
    if quiet || !io::stderr().is_terminal() {
        return None;
    }
    // Where the system refuses a thread there is no line.
    Shown::on(io::stderr(), LONG).ok()
}

impl Shown {
    fn on(mut out: impl Write + Send + 'static, after: Duration) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().spawn(move || {
            let mut wait = after;
            while stopped.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout) {
                let elapsed = locked(&BEGUN).map_or(Duration::ZERO, |begun| begun.elapsed());
                let read = Read {
                    bytes: BYTES.load(Relaxed),
                    total: Some(TOTAL.load(Relaxed)).filter(|total| *total != UNKNOWN),
                    rows: ROWS.load(Relaxed),
                };
                draw(&mut out, &read.line(elapsed));
                wait = REDRAWN;
            }
            draw(&mut out, "");
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        // The thread ends when it hears of it; one that has panicked needs no telling.
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn locked<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

fn draw(out: &mut impl Write, line: &str) {
    redraw(out, &mut locked(&DRAWN), line);
}

/// Puts a line in the place of the last one, without escape codes, which not every terminal knows.
fn redraw(out: &mut impl Write, drawn: &mut Option<usize>, line: &str) {
    let Some(old) = *drawn else { return };
    let width = terminal_size_of(io::stderr()).map_or(USUAL_WIDTH, |(Width(columns), _)| usize::from(columns));
    // The last column is left free: a full line would wrap, and could not be taken back.
    let line: String = line.chars().take(width.saturating_sub(1)).collect();
    let new = line.chars().count();
    if (old, new) == (0, 0) {
        return;
    }
    let rest = " ".repeat(old.saturating_sub(new));
    let back = if line.is_empty() { "\r" } else { "" };
    // A terminal that has gone away has nobody before it.
    let _ = out.write_all(format!("\r{line}{rest}{back}").as_bytes()).and_then(|()| out.flush());
    *drawn = Some(new);
}

/// What was read in a pass so far.
#[derive(Clone, Copy, Debug)]
struct Read {
    bytes: u64,
    total: Option<u64>,
    rows: u64,
}

impl Read {
    fn line(self, elapsed: Duration) -> String {
        let mut line = match self.total {
            Some(total) => {
                let share = u128::from(self.bytes.min(total)) * 100 / u128::from(total.max(1));
                format!("reading: {} of {} ({share}%)", size(self.bytes), size(total))
            }
            None => format!("reading: {} so far", size(self.bytes)),
        };
        if elapsed < LONG {
            return line;
        }
        // Writing to a String cannot fail.
        if self.rows > 0 {
            let rate = u128::from(self.rows) * 1000 / elapsed.as_millis();
            let _ = write!(line, ", {} rows a second", grouped(leading_digits(rate)));
        }
        if let Some(total) = self.total.filter(|_| self.bytes > 0) {
            let left = u128::from(total.saturating_sub(self.bytes)) * elapsed.as_millis() / u128::from(self.bytes);
            let _ = write!(line, ", {} left", duration(left.div_ceil(1000)));
        }
        line
    }
}

/// `1.87 GB`
fn size(bytes: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB")];
    let (unit, name) = units.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1_000, "kB"));
    format!("{}.{:02} {name}", bytes / unit, bytes % unit * 100 / unit)
}

/// Seconds as people tell them.
fn duration(seconds: u128) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

/// The number with all but its first three digits zero: the others change too fast to be read.
fn leading_digits(number: u128) -> u128 {
    let mut unit = 1;
    while number / unit >= 1000 {
        unit *= 10;
    }
    number / unit * unit
}

/// `4,810,000`
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_line_tells_bytes_rate_and_time_left() {
        let read = Read { bytes: 620_000_000, total: Some(1_870_000_000), rows: 3_310_123 };
        assert_eq!(
            read.line(Duration::from_millis(1_500)),
            "reading: 620.00 MB of 1.87 GB (33%), 2,200,000 rows a second, 4 s left"
        );
        assert_eq!(read.line(Duration::from_millis(900)), "reading: 620.00 MB of 1.87 GB (33%)");
        assert!(read.line(Duration::from_secs(200)).ends_with("16,500 rows a second, 7 min left"));
        assert!(read.line(Duration::from_secs(5_000)).ends_with("662 rows a second, 3 h left"));
        let pipe = Read { bytes: 12_345, total: None, rows: 0 };
        assert_eq!(pipe.line(Duration::from_secs(3)), "reading: 12.34 kB so far");
        let nothing = Read { bytes: 0, total: Some(0), rows: 0 };
        assert_eq!(nothing.line(Duration::from_secs(3)), "reading: 0.00 kB of 0.00 kB (0%)");
        let grown = Read { bytes: 2_000, total: Some(1_000), rows: 1 };
        assert_eq!(grown.line(Duration::from_secs(2)), "reading: 2.00 kB of 1.00 kB (100%), 0 rows a second, 0 s left");
    }

    /// What was written, and a word to whoever waits for it.
    struct Screen(Arc<Mutex<String>>, mpsc::Sender<()>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            locked(&self.0).push_str(std::str::from_utf8(bytes).expect("UTF-8"));
            let _ = self.1.send(());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_line_is_taken_back() {
        let screen = Arc::new(Mutex::new(String::new()));
        let (send, drawn) = mpsc::channel();
        begin(Some(2_000));
        bytes(500);
        let shown = Shown::on(Screen(Arc::clone(&screen), send), Duration::ZERO).expect("a thread");
        drawn.recv().expect("a first drawing");
        drop(shown);
        let text = locked(&screen).clone();
        let line = "reading: 0.50 kB of 2.00 kB (25%)";
        assert!(text.starts_with(&format!("\r{line}")), "{text:?}");
        assert!(text.ends_with(&format!("\r{}\r", " ".repeat(line.len()))), "{text:?}");
    }
}
