//! Markup: the only place that writes a tag. Names of elements and attributes
//! are ours, known when this is compiled; every text and every value goes
//! through the encoder. What is opened is closed, whatever is inside.

use crate::report::sanitize::{self, Charset, Logged};

/// An attribute: its name and its value.
pub(in crate::report) type Attribute<'a> = (&'static str, &'a str);

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Markup {
    html: String,
}

impl Markup {
    pub(in crate::report) fn new() -> Self {
        Self::default()
    }

    /// Bytes so far.
    pub(in crate::report) fn len(&self) -> usize {
        self.html.len()
    }

    /// An element with whatever `inside` writes.
    pub(in crate::report) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        inside(self);
        self.html.push_str("</");
        self.html.push_str(name);
        self.html.push('>');
    }

    /// An element that holds text alone, on a line of its own.
    pub(in crate::report) fn line<T: Logged + ?Sized>(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        text: &T,
    ) {
        self.element(name, attributes, |m| m.text(text));
        self.html.push('\n');
    }

    /// An element that never holds anything.
    pub(in crate::report) fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.open(name, attributes);
    }

    /// Text, whoever wrote it.
    pub(in crate::report) fn text<T: Logged + ?Sized>(&mut self, text: &T) {
        self.html.push_str(&sanitize::html(text));
    }

    /// Logged text: set apart, so that its direction of writing cannot reach
    /// its neighbours, and cut after `max` characters, which is said.
    pub(in crate::report) fn logged<T: Logged + ?Sized>(&mut self, text: &T, max: usize) {
        let shown = sanitize::terminal(text, Charset::Unicode);
        let cut = shown.char_indices().nth(max).map(|(at, _)| at);
        self.element("bdi", &[], |m| {
            match cut.and_then(|at| shown.split_at_checked(at)) {
                None => m.text(&shown),
                Some((head, tail)) => {
                    m.text(head);
                    let n_more = tail.chars().count();
                    m.text(&format!("… ({n_more} more characters)"));
                }
            }
        });
    }

    /// Another piece, as it is.
    pub(in crate::report) fn append(&mut self, other: &Self) {
        self.html.push_str(&other.html);
    }

    /// A style sheet or script of ours, which no log can reach.
    pub(super) fn verbatim(&mut self, name: &'static str, content: &'static str) {
        self.element(name, &[], |m| m.html.push_str(content));
        self.html.push('\n');
    }

    /// A line break in the source: for people who look at it, and for `diff`.
    pub(in crate::report) fn newline(&mut self) {
        self.html.push('\n');
    }

    pub(super) fn into_html(self) -> String {
        self.html
    }

    fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.html.push('<');
        self.html.push_str(name);
        for (attribute, value) in attributes {
            self.html.push(' ');
            self.html.push_str(attribute);
            self.html.push_str("=\"");
            self.html.push_str(&sanitize::html(*value));
            self.html.push('"');
        }
        self.html.push('>');
    }
}

/// Something wide, which scrolls by itself, also from the keyboard.
pub(in crate::report) fn scrolling(m: &mut Markup, label: &str, inside: impl FnOnce(&mut Markup)) {
    let attributes = [
        ("class", "scroll"),
        ("role", "group"),
        ("aria-label", label),
        ("tabindex", "0"),
    ];
    m.element("div", &attributes, inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_wherever_it_is() {
        let mut markup = Markup::new();
        markup.line("p", &[("title", "a\"b<c")], "x <script> & 'y'\u{202e}");
        assert_eq!(
            markup.into_html(),
            "<p title=\"a&quot;b&lt;c\">x &lt;script&gt; &amp; &#39;y&#39;\\u{202e}</p>\n"
        );
    }

    #[test]
    fn long_text_is_cut_between_characters_and_says_so() {
        let mut markup = Markup::new();
        markup.logged("名名名&&", 4);
        markup.logged("名名名&&", 5);
        assert_eq!(
            markup.into_html(),
            "<bdi>名名名&amp;… (1 more characters)</bdi><bdi>名名名&amp;&amp;</bdi>"
        );
    }
}
