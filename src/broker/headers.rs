//! Matching by headers (E30–E34).

use super::{Name, Refusal, ReplyCode, Table, Value};

/// What `x-match` says (E30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchMode {
    /// Every argument that does not start with `x-` must agree.
    All,
    /// One argument that does not start with `x-` must agree.
    Any,
    /// Every argument but `x-match` must agree.
    AllWithX,
    /// One argument but `x-match` must agree.
    AnyWithX,
}

impl MatchMode {
    /// As a binding's argument writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::AllWithX => "all-with-x",
            Self::AnyWithX => "any-with-x",
        }
    }

    /// Whether every argument must agree, rather than one.
    pub fn wants_all(self) -> bool {
        matches!(self, Self::All | Self::AllWithX)
    }

    fn skips(self, argument: &str) -> bool {
        // E31
        match self {
            Self::All | Self::Any => argument.starts_with("x-"),
            Self::AllWithX | Self::AnyWithX => argument == "x-match",
        }
    }
}

/// A headers binding's arguments, read once when it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadersMatch {
    /// The mode.
    pub mode: MatchMode,
    /// The arguments that count, by name.
    pub wanted: Vec<(Name, Value)>,
}

/// One argument held against a message's headers.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderCheck {
    /// The header's name.
    pub name: Name,
    /// What the binding asks for; [`Value::Void`] asks only for presence (E32).
    pub wanted: Value,
    /// What the message has.
    pub got: Option<Value>,
    /// Whether they agree.
    pub agrees: bool,
}

impl HeadersMatch {
    /// Reads a binding's arguments.
    ///
    /// # Errors
    /// 406 when `x-match` is none of the four modes (E30).
    pub fn new(arguments: &Table) -> Result<Self, Refusal> {
        let mode = match arguments.get("x-match") {
            None => MatchMode::All,
            Some(Value::Text(text)) if text == "all" => MatchMode::All,
            Some(Value::Text(text)) if text == "any" => MatchMode::Any,
            Some(Value::Text(text)) if text == "all-with-x" => MatchMode::AllWithX,
            Some(Value::Text(text)) if text == "any-with-x" => MatchMode::AnyWithX,
            Some(other) => {
                let text = match other {
                    Value::Text(_) => format!(
                        "Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x",
                        other.as_term()
                    ),
                    _ => format!(
                        "Invalid x-match field type {} (value {}); expected longstr",
                        other.type_name(),
                        other.as_term()
                    ),
                };
                return Err(Refusal::new(ReplyCode::PreconditionFailed, "E30", text));
            }
        };
        let wanted = arguments
            .iter()
            .filter(|(name, _)| !mode.skips(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(Self { mode, wanted })
    }

    /// The arguments that do not count, but for `x-match` (E31).
    pub fn skipped(&self, arguments: &Table) -> Vec<Name> {
        let names = arguments.keys().filter(|name| *name != "x-match");
        names
            .filter(|name| self.mode.skips(name))
            .cloned()
            .collect()
    }

    /// Whether a message with these headers matches.
    pub fn matches(&self, headers: &Table) -> bool {
        let mut agreeing = self
            .wanted
            .iter()
            .map(|(name, wanted)| agrees(wanted, headers.get(name)));
        // E34: with nothing to compare, `all` is true of nothing and `any` false.
        if self.mode.wants_all() {
            agreeing.all(|agrees| agrees)
        } else {
            agreeing.any(|agrees| agrees)
        }
    }

    /// Every argument that counts, held against the headers.
    pub fn checks(&self, headers: &Table) -> Vec<HeaderCheck> {
        self.wanted
            .iter()
            .map(|(name, wanted)| {
                let got = headers.get(name);
                HeaderCheck {
                    name: name.clone(),
                    wanted: wanted.clone(),
                    got: got.cloned(),
                    agrees: agrees(wanted, got),
                }
            })
            .collect()
    }
}

fn agrees(wanted: &Value, got: Option<&Value>) -> bool {
    // E32, E33
    got.is_some_and(|got| *wanted == Value::Void || wanted.is_met_by(got))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table<const N: usize>(entries: [(&str, Value); N]) -> Table {
        entries
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect()
    }

    /// The data of j:Routing as semantics.md gives it.
    #[test]
    fn headers_match_as_the_table_under_e34_says() {
        let binding = |mode: &str| {
            HeadersMatch::new(&table([
                ("h1", 12345.into()),
                ("h2", "bar".into()),
                ("h3", Value::Void),
                (
                    "x-key-1",
                    "bindings starting with x- get filtered out".into(),
                ),
                ("x-match", mode.into()),
            ]))
            .unwrap()
        };
        let (all, any) = (binding("all"), binding("any"));
        let rows = [
            (table([]), false, false),
            (
                table([(
                    "x-key-1",
                    "bindings starting with x- get filtered out".into(),
                )]),
                false,
                false,
            ),
            (
                table([("h1", "zot".into()), ("h2", "quux".into())]),
                false,
                false,
            ),
            (table([("h1", 12345.into())]), false, true),
            (table([("h2", "bar".into())]), false, true),
            (table([("h3", Value::Bool(true))]), false, true),
            (
                table([("h1", 12345.into()), ("h2", "bar".into())]),
                false,
                true,
            ),
            (
                table([("h1", 12345.into()), ("h2", "quux".into())]),
                false,
                true,
            ),
            (
                table([
                    ("h1", "zot".into()),
                    ("h2", "quux".into()),
                    ("h3", Value::Void),
                ]),
                false,
                true,
            ),
            (
                table([
                    ("h1", 12345.into()),
                    ("h2", "bar".into()),
                    ("h3", 3.into()),
                    ("more", 1.into()),
                ]),
                true,
                true,
            ),
        ];
        for (headers, with_all, with_any) in rows {
            assert_eq!(all.matches(&headers), with_all, "all: {headers:?}");
            assert_eq!(any.matches(&headers), with_any, "any: {headers:?}");
        }
    }

    // E33, E34
    #[test]
    fn one_is_not_one_point_zero_and_no_arguments_mean_all_but_not_any() {
        let one = HeadersMatch::new(&table([("n", 1.into())])).unwrap();
        assert!(one.matches(&table([("n", 1.into())])));
        assert!(!one.matches(&table([("n", Value::Double(1.0))])));
        assert!(HeadersMatch::new(&table([])).unwrap().matches(&table([])));
        let any = HeadersMatch::new(&table([("x-match", "any".into())])).unwrap();
        assert!(!any.matches(&table([("n", 1.into())])));
    }

    // E30, E31
    #[test]
    fn the_with_x_modes_compare_x_headers_and_other_modes_are_refused() {
        let with_x = HeadersMatch::new(&table([
            ("x-match", "all-with-x".into()),
            ("x-kind", "a".into()),
        ]))
        .unwrap();
        assert!(!with_x.matches(&table([])));
        assert!(with_x.matches(&table([("x-kind", "a".into())])));
        let refusal = HeadersMatch::new(&table([("x-match", "some".into())])).unwrap_err();
        assert_eq!(refusal.code, ReplyCode::PreconditionFailed);
    }
}
