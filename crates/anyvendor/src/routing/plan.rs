//! The order in which vendors are tried: first by share, so that the same text always gets the same vendor, then failover.

use std::ops::Range;

/// The whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// Which members take new work, as indices into the list of members.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Each member with the range of its share, in hundredths of a percent; the first member gets what is left.
    shares: Vec<(usize, Range<u64>)>,
    /// The first member and those that follow it in failover.
    line: Vec<usize>,
    /// How many members take new work; they come first in the list of members.
    active: usize,
}

impl Plan {
    /// A plan for `active` members: `line` is tried in turn, `shares` are in hundredths of a percent.
    pub(crate) fn new(
        active: usize,
        line: Vec<usize>,
        shares: impl IntoIterator<Item = (usize, u32)>,
    ) -> Self {
        // The first share grows from the bottom and the second from the top: while a share grows, it takes from the first
        // member alone, and every other key stays where it was. Further shares follow the first one, and move with it.
        let mut below = 0;
        let shares = shares.into_iter().enumerate().map(|(at, (member, share))| {
            let share = u64::from(share);
            if at == 1 {
                return (member, WHOLE - share.min(WHOLE)..WHOLE);
            }
            let start = below;
            below += share;
            (member, start..below)
        });
        Self {
            shares: shares.collect(),
            line,
            active,
        }
    }

    /// The members in the order in which they are tried. For a `pinned` request these are all that take new work.
    pub(crate) fn turns(&self, drawn_by: &str, pinned: bool) -> Turns {
        Turns {
            drawn: Some(self.draw(drawn_by)),
            line: 0,
            drawn_first: None,
            rest: if pinned { 0 } else { usize::MAX },
        }
    }

    fn draw(&self, text: &str) -> usize {
        let first = self.line.first().copied().unwrap_or(0);
        if self.shares.is_empty() {
            return first;
        }
        let ticket = hash(text) % WHOLE;
        let mut shares = self.shares.iter();
        shares
            .find(|(_, range)| range.contains(&ticket))
            .map_or(first, |(member, _)| *member)
    }
}

/// Goes through the members in order, each once.
#[derive(Debug)]
pub(crate) struct Turns {
    drawn: Option<usize>,
    drawn_first: Option<usize>,
    line: usize,
    rest: usize,
}

impl Turns {
    /// An order without any member.
    pub(crate) const fn none() -> Self {
        Self {
            drawn: None,
            drawn_first: None,
            line: usize::MAX,
            rest: usize::MAX,
        }
    }

    /// The index of the next member.
    pub(crate) fn next(&mut self, plan: &Plan) -> Option<usize> {
        if let Some(drawn) = self.drawn.take() {
            self.drawn_first = Some(drawn);
            return Some(drawn);
        }
        while let Some(next) = plan.line.get(self.line).copied() {
            self.line += 1;
            if Some(next) != self.drawn_first {
                return Some(next);
            }
        }
        while self.rest < plan.active {
            let next = self.rest;
            self.rest += 1;
            if Some(next) != self.drawn_first && !plan.line.contains(&next) {
                return Some(next);
            }
        }
        None
    }
}

/// FNV-1a with the finishing step of `SplitMix64`: the same on every machine and in every release, because a share must
/// not move when the program is rebuilt.
fn hash(text: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(plan: &Plan, text: &str, pinned: bool) -> Vec<usize> {
        let mut turns = plan.turns(text, pinned);
        std::iter::from_fn(|| turns.next(plan)).collect()
    }

    #[test]
    fn shares_are_kept_over_a_million_keys() {
        // 10 %, 0.5 % and the rest.
        let plan = Plan::new(3, vec![0], [(1, 1000), (2, 50)]);
        for name in ["order-", "customer-0000", "9f3c-"] {
            let mut counts = [0_u32; 3];
            for n in 0..1_000_000 {
                counts[plan.draw(&format!("{name}{n}"))] += 1;
            }
            // Within 0.2 points of a hundred.
            for (count, share) in counts.into_iter().zip([89.5, 10.0, 0.5]) {
                let points = f64::from(count) / 10_000.0;
                assert!((points - share).abs() < 0.2, "{name}: {counts:?}");
            }
        }
    }

    /// While shares only grow, no key leaves a vendor other than the first.
    #[test]
    fn f07_a_share_grows_by_taking_from_the_first_alone() {
        let steps = [[500, 1000], [2000, 1000], [2000, 4000], [6000, 4000]];
        for pair in steps.windows(2) {
            let plan = |shares: [u32; 2]| Plan::new(3, vec![0], [(1, shares[0]), (2, shares[1])]);
            let (small, large) = (plan(pair[0]), plan(pair[1]));
            for n in 0..10_000 {
                let key = format!("order-{n}");
                let before = small.draw(&key);
                if before != 0 {
                    assert_eq!(large.draw(&key), before, "{key} moved: {pair:?}");
                }
            }
        }
    }

    #[test]
    fn draws_are_the_same_in_every_release() {
        assert_eq!(hash(""), 0xf52a_15e9_a9b5_e89b);
        assert_eq!(hash("order-1") % WHOLE, 7_827);
    }

    #[test]
    fn each_gets_one_turn() {
        let plan = Plan::new(4, vec![0, 2], [(1, 10_000)]);
        assert_eq!(all(&plan, "x", false), [1, 0, 2]);
        assert_eq!(all(&plan, "x", true), [1, 0, 2, 3]);
        let plan = Plan::new(3, vec![0, 2], []);
        assert_eq!(all(&plan, "x", false), [0, 2]);
        assert_eq!(all(&plan, "x", true), [0, 2, 1]);
        assert_eq!(Turns::none().next(&plan), None);
    }
}
