//! What the saving hangs on: one assumption at a time at its two ends.

use super::{Lane, figures};
use crate::plan::Plan;
use crate::plan::sensitivity::Driver;
use crate::report::html::canvas::{Anchor, Canvas, Scale, WIDTH};
use crate::report::html::components::{Key, Markup, Picture};
use crate::report::plan::sensitivity::{driver_words, drivers, sensitivity};
use crate::report::words::whole_dollars;

/// Room at the top for the base saving.
const TOP: i64 = 22;

pub fn picture(plan: &Plan) -> Option<Picture> {
    let base = &plan.sensitivity.0;
    let drivers: Vec<&Driver> = drivers(plan).collect();
    if drivers.is_empty() {
        return None;
    }
    let ends = drivers.iter().flat_map(|driver| [driver.at_low, driver.at_high]);
    let (low, high) = ends.fold((*base, *base), |(low, high), end| (low.min(end), high.max(end)));
    let scale = Scale::new((low, high), (0, WIDTH));
    let middle = scale.at(*base);
    let mut canvas = Canvas::default();
    let height = TOP + Lane::height(drivers.len());
    let anchor = match middle {
        0..2_500 => Anchor::Start,
        2_500..7_500 => Anchor::Middle,
        _ => Anchor::End,
    };
    canvas.text((middle, 12), anchor, "tick", &format!("base: {}", whole_dollars(*base)));
    for (index, driver) in drivers.iter().enumerate() {
        let lane = Lane::of(index);
        let lane = Lane { text: lane.text + TOP, bar: (lane.bar.0 + TOP, lane.bar.1 + TOP) };
        let (least, most) = (driver.at_low.min(driver.at_high), driver.at_low.max(driver.at_high));
        lane.words(
            &mut canvas,
            driver_words(driver.id),
            &format!("{} – {}", whole_dollars(least), whole_dollars(most)),
        );
        canvas.bar((0, WIDTH), lane.bar, "fill-track");
        canvas.bar((scale.at(least), middle), lane.bar, "fill-more");
        canvas.bar((middle, scale.at(most)), lane.bar, "fill-less");
        canvas.line((middle, lane.bar.0 - 3), (middle, lane.bar.1 + 3), "axis");
    }
    let heading = "What moves the result".to_owned();
    let most = driver_words(drivers[0].id);
    let words = format!(
        "The base saving is {} a month at full rollout. One assumption at a time at its two ends; most is at stake in \
         “{most}”.",
        whole_dollars(*base)
    );
    Some(Picture {
        svg: Markup(canvas.picture("sensitivity", height, &heading, &words)),
        words,
        keys: vec![
            Key { class: "fill-more", words: "saves less".into() },
            Key { class: "fill-less", words: "saves more".into() },
        ],
        // The plan has them as a section; a report has no table of them.
        figures: sensitivity(plan).and_then(|section| figures(&section)),
        heading,
        is_wide: false,
        is_tall: false,
    })
}
