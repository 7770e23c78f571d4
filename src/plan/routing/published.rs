//! What has been published about routing, to be set beside what a route claims.

use crate::money::{Exact, Percent};

/// Where the figures are from.
pub const SOURCE: &str = "RouteLLM (arXiv 2406.18665)";

/// What a router saved that kept 80 % of the difference in quality between a strong and a weak model, against sending
/// everything to the strong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// How many times dearer the strong model was.
    pub price_ratio: u16,
    /// Chat (MT-Bench).
    pub chat: Percent,
    /// Knowledge (MMLU).
    pub knowledge: Percent,
    /// Mathematics (GSM8K).
    pub mathematics: Percent,
}

const PUBLISHED: [Published; 3] = [of_ratio(103, [68, 29, 36]), of_ratio(10, [62, 27, 33]), of_ratio(5, [55, 24, 29])];

const fn of_ratio(price_ratio: u16, [chat, knowledge, mathematics]: [u8; 3]) -> Published {
    Published {
        price_ratio,
        chat: Percent::whole(chat),
        knowledge: Percent::whole(knowledge),
        mathematics: Percent::whole(mathematics),
    }
}

/// The figures for the nearest price ratio that is not above this one; nothing below the lowest that was measured.
pub fn published(price_ratio: &Exact) -> Option<&'static Published> {
    PUBLISHED.iter().find(|known| Exact::from_integer(known.price_ratio.into()) <= *price_ratio)
}
