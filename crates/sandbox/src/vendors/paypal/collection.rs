//! Objects of one kind in the order in which they were created, found by id.

use std::collections::HashMap;

/// All objects of one kind.
#[derive(Debug)]
pub(super) struct Collection<T> {
    items: Vec<T>,
    /// The position in `items` of each id.
    positions: HashMap<String, usize>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            positions: HashMap::new(),
        }
    }
}

impl<T> Collection<T> {
    pub(super) fn add(&mut self, id: &str, item: T) {
        self.positions.insert(id.to_owned(), self.items.len());
        self.items.push(item);
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(*self.positions.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(*self.positions.get(id)?)
    }

    /// The objects, the oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.iter()
    }
}
