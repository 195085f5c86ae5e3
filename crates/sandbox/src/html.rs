//! HTML for people: escaped text, and the tables and links of the control page.

/// The newest rows that each table of the page shows.
const ROWS: usize = 50;

/// A table of the control page.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    /// How many rows there are in all.
    pub(crate) count: usize,
    pub(crate) heads: &'static [&'static str],
    /// The newest first, each cell as HTML.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of the newest items; `items` has the oldest first, and `row` gets the item's position.
    pub(crate) fn newest<T>(
        title: &'static str,
        heads: &'static [&'static str],
        items: &[T],
        row: impl Fn(usize, &T) -> Vec<String>,
    ) -> Self {
        let newest = items.iter().enumerate().rev().take(ROWS);
        Self {
            title,
            count: items.len(),
            heads,
            rows: newest.map(|(at, item)| row(at, item)).collect(),
        }
    }
}

/// A link of the control page to a list below `/_sandbox/<vendor>/`.
pub(crate) struct Link {
    /// The list's name in the address.
    pub(crate) list: &'static str,
    pub(crate) label: &'static str,
}

/// Makes text safe inside HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
