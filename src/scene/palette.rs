//! What each [`Ink`] looks like, by day and by night; shared by window, SVG and PNG.

use super::shape::Ink;

/// Red, green and blue, as in `#RRGGBB`.
pub type Rgb = [u8; 3];

/// The two looks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Theme {
    /// Dark ink on paper.
    #[default]
    Light,
    /// Light ink on slate.
    Dark,
}

/// The message colours, after Okabe and Ito: told apart by colour-blind people too.
const MESSAGES: [Rgb; 7] = [
    rgb(0x0072B2),
    rgb(0xD55E00),
    rgb(0x009E73),
    rgb(0xCC79A7),
    rgb(0xE69F00),
    rgb(0x56B4E9),
    rgb(0xF0E442),
];

/// Where the blue stands in [`MESSAGES`].
const BLUE: usize = 0;
/// Where the yellow stands in [`MESSAGES`].
const YELLOW: usize = 6;

/// How many message colours there are.
pub const MESSAGE_INKS: usize = MESSAGES.len();

impl Theme {
    /// What `ink` looks like.
    #[must_use]
    pub fn color(self, ink: Ink) -> Rgb {
        let (light, dark) = match ink {
            Ink::Canvas => (0xFAF9F6, 0x14161B),
            Ink::Panel => (0xFFFFFF, 0x1B1E25),
            Ink::Card => (0xFFFFFF, 0x222631),
            Ink::Hairline => (0xE4E1DA, 0x2B303A),
            Ink::Text => (0x1E2430, 0xE8EAF0),
            Ink::Soft => (0x5C6675, 0x9AA3B2),
            Ink::Faint => (0xA5ACB8, 0x5A6372),
            Ink::Edge => (0x9AA3B0, 0x6E788A),
            Ink::Accent => (0x0072B2, 0x56B4E9),
            Ink::Good => (0x00845F, 0x3FBF9B),
            Ink::Warning => (0xC8500A, 0xF0784B),
            Ink::OnAccent => (0xFFFFFF, 0x14161B),
            // In the dark the blue of most messages would be hard to see from the back row.
            Ink::Message(index) if usize::from(index) % MESSAGE_INKS == BLUE => {
                (0x0072B2, 0x2F93DA)
            }
            Ink::Message(index) => return MESSAGES[usize::from(index) % MESSAGE_INKS],
            // On paper yellow alone would not be seen.
            Ink::MessageEdge(index) if usize::from(index) % MESSAGE_INKS == YELLOW => {
                (0x8A7D00, 0x14161B)
            }
            Ink::MessageEdge(_) => (0xFAF9F6, 0x14161B),
        };
        rgb(match self {
            Self::Light => light,
            Self::Dark => dark,
        })
    }

    /// `over` seen through by `opacity` on `under`, as one colour.
    #[must_use]
    pub fn blend(self, over: Ink, opacity: f32, under: Ink) -> Rgb {
        let (over, under) = (self.color(over), self.color(under));
        std::array::from_fn(|i| {
            let (over, under) = (f32::from(over[i]), f32::from(under[i]));
            // Between two bytes, so it fits a byte.
            (under + (over - under) * opacity.clamp(0.0, 1.0)).round() as u8
        })
    }
}

/// The colour that `hex` spells.
const fn rgb(hex: u32) -> Rgb {
    let [_, red, green, blue] = hex.to_be_bytes();
    [red, green, blue]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG's contrast ratio.
    fn contrast(a: Rgb, b: Rgb) -> f32 {
        let luminance = |color: Rgb| {
            let linear = color.map(|channel| {
                let c = f32::from(channel) / 255.0;
                if c <= 0.040_45 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn words_can_be_read_on_every_ground_in_both_themes() {
        for theme in [Theme::Light, Theme::Dark] {
            for ground in [Ink::Canvas, Ink::Panel, Ink::Card] {
                for ink in [Ink::Text, Ink::Soft, Ink::Accent, Ink::Good, Ink::Warning] {
                    let ratio = contrast(theme.color(ink), theme.color(ground));
                    assert!(ratio >= 4.2, "{theme:?} {ink:?} on {ground:?}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn the_yellow_message_has_an_outline_that_shows_on_paper() {
        let theme = Theme::Light;
        let ratio = contrast(theme.color(Ink::MessageEdge(6)), theme.color(Ink::Canvas));
        assert!(ratio >= 3.0, "{ratio}");
    }

    #[test]
    fn messages_are_seen_in_the_dark() {
        let theme = Theme::Dark;
        for index in 0..MESSAGE_INKS {
            let message = theme.color(Ink::Message(index as u8));
            let ratio = contrast(message, theme.color(Ink::Card));
            assert!(ratio >= 3.5, "{index}: {ratio:.2}");
        }
    }

    #[test]
    fn message_inks_count_round() {
        let theme = Theme::Dark;
        assert_eq!(theme.color(Ink::Message(7)), theme.color(Ink::Message(0)));
    }

    #[test]
    fn blending_goes_from_the_ground_to_the_colour() {
        let theme = Theme::Light;
        assert_eq!(
            theme.blend(Ink::Text, 0.0, Ink::Canvas),
            theme.color(Ink::Canvas)
        );
        assert_eq!(
            theme.blend(Ink::Text, 1.0, Ink::Canvas),
            theme.color(Ink::Text)
        );
    }
}
