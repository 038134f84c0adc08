//! 256 short English words that sound and look unlike each other; three of them carry 24 bits.

/// One word per byte.
pub(crate) const WORDS: [&str; 256] = [
    "acorn", "actor", "agent", "alarm", "album", "alley", "amber", "angle", "ankle", "apple", "apron", "arena",
    "arrow", "atlas", "attic", "autumn", "bacon", "badge", "bagel", "baker", "bamboo", "banjo", "barn", "basket",
    "beach", "beaver", "bench", "berry", "bishop", "bison", "blanket", "blue", "boat", "bonfire", "bottle", "brick",
    "bridge", "broom", "bucket", "buffalo", "button", "cabin", "cactus", "camel", "candle", "canoe", "canyon",
    "carbon", "carpet", "castle", "cedar", "cellar", "cherry", "chess", "circus", "citrus", "cloud", "clover", "cobra",
    "coffee", "comet", "copper", "coral", "cotton", "cousin", "crab", "cricket", "crystal", "curtain", "daisy",
    "dancer", "delta", "desert", "diamond", "dinner", "doctor", "dolphin", "donkey", "dragon", "drum", "eagle", "echo",
    "elbow", "engine", "falcon", "farmer", "feather", "fiddle", "finger", "flag", "flute", "forest", "fox", "frost",
    "galaxy", "garden", "garlic", "ghost", "giant", "ginger", "glacier", "glove", "gold", "grape", "guitar", "hammer",
    "harbor", "hazel", "helmet", "hermit", "hiker", "honey", "horse", "hotel", "igloo", "indigo", "insect", "iron",
    "island", "ivory", "jacket", "jaguar", "jazz", "jelly", "jewel", "jigsaw", "jungle", "kayak", "kettle", "kitten",
    "koala", "ladder", "lagoon", "lantern", "laser", "lemon", "leopard", "library", "lilac", "lion", "lizard",
    "lobster", "lotus", "magnet", "mango", "maple", "marble", "market", "meadow", "melon", "mirror", "monkey", "moon",
    "mosaic", "motor", "mountain", "muffin", "museum", "napkin", "nebula", "needle", "nickel", "noodle", "north",
    "nutmeg", "oasis", "ocean", "olive", "onion", "opera", "orange", "orchid", "otter", "oyster", "paddle", "palace",
    "panda", "paper", "parrot", "pasta", "peanut", "pebble", "pencil", "pepper", "piano", "picnic", "pigeon", "pillow",
    "pirate", "planet", "plum", "pocket", "poem", "potato", "prism", "pumpkin", "puppet", "purple", "quartz", "queen",
    "quilt", "rabbit", "radio", "rainbow", "raven", "ribbon", "river", "robin", "rocket", "ruby", "saddle", "sailor",
    "salmon", "sandal", "satin", "scarf", "school", "shadow", "silver", "singer", "sketch", "snail", "soup", "spider",
    "spoon", "squirrel", "statue", "storm", "sugar", "summit", "swan", "tango", "teapot", "temple", "thunder",
    "ticket", "tiger", "tomato", "topaz", "tractor", "trumpet", "tulip", "tunnel", "turtle", "umbrella", "velvet",
    "violin", "volcano", "waffle", "walnut", "whale", "willow", "window", "winter", "wizard", "yellow",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_short_lower_case_and_there_once() {
        assert!(WORDS.iter().all(|word| (3..=8).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_lowercase())));
        assert_eq!(WORDS.iter().collect::<BTreeSet<_>>().len(), WORDS.len());
    }

    #[test]
    fn words_differ_in_their_first_four_letters() {
        let starts = WORDS.iter().map(|word| word.get(..4).unwrap_or(word));
        assert_eq!(starts.collect::<BTreeSet<_>>().len(), WORDS.len());
    }
}
