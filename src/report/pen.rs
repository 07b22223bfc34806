//! The pen: writes encoded lines in one [`Style`], and is the only place that
//! emits escape sequences, all of them our own.

use std::io::Write;

use anyhow::Context as _;

use super::Style;
use super::layout;
use super::sanitize::Logged;
use crate::finding::Severity;

/// Emphasis. Nothing is ever said by it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Bold,
    Dim,
    Alarm,
    Red,
    Yellow,
    Cyan,
}

impl Ink {
    /// The ink a severity is written in.
    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Alarm,
            Severity::High => Self::Red,
            Severity::Medium => Self::Yellow,
            Severity::Low => Self::Cyan,
            Severity::None => Self::Dim,
        }
    }

    /// The parameters of the "select graphic rendition" sequence.
    fn sgr(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Alarm => "1;31",
            Self::Red => "31",
            Self::Yellow => "33",
            Self::Cyan => "36",
        }
    }
}

/// Writes lines to a sink that a person reads.
pub(super) struct Pen<'a> {
    out: &'a mut dyn Write,
    style: Style,
}

/// Narrower terminals get lines this wide.
const NARROWEST: u16 = 40;

/// Width of lines where nobody told us one: what mail and tickets keep.
const DEFAULT_WIDTH: u16 = 100;

impl<'a> Pen<'a> {
    pub(super) fn new(style: &Style, out: &'a mut dyn Write) -> Self {
        Self { out, style: *style }
    }

    /// Columns of a line.
    pub(super) fn width(&self) -> usize {
        usize::from(self.style.width.unwrap_or(DEFAULT_WIDTH).max(NARROWEST))
    }

    /// Encodes logged text for this sink.
    pub(super) fn text<T: Logged + ?Sized>(&self, text: &T) -> String {
        self.style.text(text)
    }

    /// A command or step, if this sink can show it exactly as it is.
    pub(super) fn command<T: Logged + ?Sized>(&self, command: &T) -> Option<String> {
        let shown = self.text(command);
        (shown == command.raw()).then_some(shown)
    }

    /// The mark of omitted text.
    pub(super) fn ellipsis(&self) -> &'static str {
        self.either("…", "...")
    }

    /// `unicode`, or `ascii` on a terminal that has nothing else.
    pub(super) fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.style.ascii { ascii } else { unicode }
    }

    /// Whether this sink has ASCII characters only.
    pub(super) fn is_ascii(&self) -> bool {
        self.style.ascii
    }

    /// A horizontal rule of the full width.
    pub(super) fn rule(&self) -> String {
        self.either("─", "-").repeat(self.width())
    }

    /// `text`, which must be encoded, in `ink`.
    pub(super) fn paint(&self, text: &str, ink: Ink) -> String {
        if self.style.color && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", ink.sgr())
        } else {
            text.to_owned()
        }
    }

    /// Writes one line, which must be encoded and painted already.
    pub(super) fn line(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{}", line.trim_end()).context("writing the report")
    }

    /// Writes a section heading after an empty line.
    pub(super) fn heading(&mut self, title: &str) -> anyhow::Result<()> {
        self.line("")?;
        let title = self.paint(title, Ink::Bold);
        self.line(&title)
    }

    /// Writes `text`, which must be encoded, wrapped into a block: the first
    /// line after `label`, the others below it.
    pub(super) fn block(&mut self, label: &str, text: &str) -> anyhow::Result<()> {
        let room = self.width().saturating_sub(layout::width(label));
        self.lines(label, &layout::wrap(text, room))
    }

    /// Writes something that limits what can be said; `text` must be encoded.
    pub(super) fn warning(&mut self, text: &str) -> anyhow::Result<()> {
        let room = self.width().saturating_sub(2);
        let mut margin = self.paint("! ", Ink::Yellow);
        for line in layout::wrap(text, room) {
            self.line(&format!("{margin}{line}"))?;
            margin = "  ".to_owned();
        }
        Ok(())
    }

    /// Writes finished lines, the first after `label`, the others below it.
    pub(super) fn lines(&mut self, label: &str, lines: &[String]) -> anyhow::Result<()> {
        let indent = " ".repeat(layout::width(label));
        for (idx, line) in lines.iter().enumerate() {
            let margin = if idx == 0 {
                self.paint(label, Ink::Dim)
            } else {
                indent.clone()
            };
            self.line(&format!("{margin}{line}"))?;
        }
        Ok(())
    }

    /// Writes out what is buffered below.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        self.out.flush().context("writing the report")
    }
}
