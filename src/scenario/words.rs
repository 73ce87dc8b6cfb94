//! Text for people, in one language or several.

use std::collections::BTreeMap;

/// The language of a text that does not say.
const DEFAULT_LANGUAGE: &str = "en";

/// What a scenario says to people: one text, or one for each language.
///
/// Runs of spaces and line breaks count as one space, so that a file may wrap its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// One for each language, by language tag (`"it"`, `"pt-BR"`).
    pub fn by_language(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        let texts = texts.into_iter();
        Self(texts.map(|(tag, text)| (tag, on_one_line(&text))).collect())
    }

    /// The text in `language`, else in the language without its region, else in English, else in the first there is.
    pub fn get(&self, language: &str) -> &str {
        let general = language.split(['-', '_']).next().unwrap_or_default();
        [language, general, DEFAULT_LANGUAGE]
            .into_iter()
            .find_map(|tag| self.0.get(tag))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(String::is_empty)
    }

    /// The text, if it is in the default language only.
    pub(super) fn alone(&self) -> Option<&str> {
        let text = self.0.get(DEFAULT_LANGUAGE)?;
        (self.0.len() == 1).then_some(text)
    }

    /// Each language's tag and text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(tag, text)| (tag.as_str(), text.as_str()))
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::by_language([(DEFAULT_LANGUAGE.to_owned(), text.to_owned())])
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[(&str, &str)]) -> Words {
        Words::by_language(
            texts
                .iter()
                .map(|(tag, text)| (tag.to_string(), text.to_string())),
        )
    }

    #[test]
    fn the_nearest_language_is_taken() {
        let greeting = words(&[("en", "hello"), ("it", "ciao"), ("pt-BR", "oi")]);
        assert_eq!(greeting.get("it"), "ciao");
        assert_eq!(greeting.get("it-CH"), "ciao");
        assert_eq!(greeting.get("pt-BR"), "oi");
        assert_eq!(greeting.get("de"), "hello");
        assert_eq!(words(&[("it", "ciao"), ("es", "hola")]).get("de"), "hola");
        assert_eq!(Words::default().get("en"), "");
    }

    #[test]
    fn wrapped_lines_become_one() {
        assert_eq!(Words::from(" one\n   two ").get("en"), "one two");
    }
}
