//! axe-core looks at the page: contrast, names, roles, order of headings. It is the window's development dependency.

use super::Window;
use crate::people::skip;
use serde_json::Value;
use std::{fs, path::Path};

impl Window {
    /// What axe finds wrong with the page as it is: rule, what it is, where. `None` if axe is not installed.
    pub fn axe(&self) -> Option<Vec<String>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
        let Ok(axe) = fs::read_to_string(&file) else {
            skip("axe-core is not there: run `npm ci` in ui/, as `cargo xtask test` does");
            return None;
        };
        if self.js("return typeof window.axe;", vec![]) != "object" {
            // The page's content policy knows nothing of it: it is the driver that runs it.
            self.js(&axe, vec![]);
        }
        self.js(RUN, vec![]);
        let found = self.until("axe has looked", "return window.kithAxe ?? null;", vec![]);
        let found: Vec<Value> = serde_json::from_value(found).expect("a list");
        let found = found
            .iter()
            .filter_map(Value::as_str)
            .filter(|found| !BY_CONTRACT.iter().any(|one| found.starts_with(one)));
        Some(found.map(str::to_owned).collect())
    }
}

/// The names of these two are fixed: scripts and tests hold on to them. What they say beside it is in their titles.
const BY_CONTRACT: [&str; 2] =
    ["label-content-name-mismatch: .nav-me:", "label-content-name-mismatch: button[aria-label=\"Inbox\"]:"];
/// A desktop window has one page: rules about landmarks of documents and about frames have nothing to say here.
const RUN: &str = "window.kithAxe = undefined;
    const told = ({ id, nodes }) => nodes.map((node) =>
      `${id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll(/\\s+/g, ' ')}: ${node.html.slice(0, 160)}`);
    window.axe.run(document, { iframes: false, resultTypes: ['violations'],
        runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } })
      .then(({ violations }) => (window.kithAxe = violations.flatMap(told)),
            (error) => (window.kithAxe = [String(error)]));";
