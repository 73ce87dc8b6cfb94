//! `leveret list`: the scenarios that come with the program.

use std::io::Write;

use serde::Serialize;

use crate::scenario::builtin;
use crate::words::LANGUAGE;

use super::{Outcome, json_line, open};

#[derive(Serialize)]
struct Row {
    name: &'static str,
    title: String,
    teaches: String,
}

pub(super) fn list(json: bool, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut rows = Vec::new();
    for builtin in builtin::ALL {
        let scenario = open(builtin.name)?;
        rows.push(Row {
            name: builtin.name,
            title: scenario.title.get(LANGUAGE).to_owned(),
            teaches: scenario.teaches.get(LANGUAGE).to_owned(),
        });
    }
    if json {
        json_line(out, &rows)?;
        return Ok(Outcome::Done);
    }
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    for row in rows {
        writeln!(out, "{:width$}  {}", row.name, row.title)?;
        writeln!(out, "{:width$}  {}", "", row.teaches)?;
    }
    Ok(Outcome::Done)
}
