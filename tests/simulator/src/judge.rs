//! When the oracle is asked: after every transaction, of the replica that made it and of every pair.

use super::{
    Rule,
    oracle::{self, Finding, What},
    world::World,
};
use kith_core::replica::Rows;

impl World {
    /// What must hold of a replica after each of its transactions.
    pub(super) fn judge(&mut self, device: usize) {
        self.judgements += 1;
        if self.rule != Rule::Product || self.finding.is_some() || self.copying {
            return;
        }
        let known = self.checked.remove(&device).unwrap_or_default();
        let machine = &mut self.devices[device];
        let vector = machine.disk.rows.state().vector();
        let honest = if vector == known { Ok(()) } else { self.oracle.check_honest(&machine.disk.rows, &known) };
        let whole = self.judgements.is_multiple_of(CONTENT_CHECK_EVERY);
        let content = if whole { self.oracle.check_content(&mut machine.disk.rows) } else { Ok(()) };
        self.checked.insert(device, vector);
        if let Err(finding) = honest.and(content) {
            return self.report(Finding { detail: format!("device {device}: {}", finding.detail), ..finding });
        }
        for other in 0..self.devices.len() {
            if other != device && self.have_diverged(device, other) {
                return self.found(What::Diverged, format!("devices {device} and {other}"));
            }
        }
    }

    /// What a device shows its person now: every so often, and after each start.
    pub(super) fn look(&mut self, device: usize) {
        self.looks += 1;
        if self.looks.is_multiple_of(LOOK_EVERY) {
            self.look_closely(device);
        }
    }

    pub(super) fn look_closely(&mut self, device: usize) {
        if self.rule == Rule::Product
            && let Err(finding) = self.oracle.looked(device, &self.devices[device].disk.rows)
        {
            self.report(finding);
        }
    }

    /// Whether rule 3.1/12 is broken between two replicas.
    pub(super) fn have_diverged(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.devices[one].disk.rows, &self.devices[other].disk.rows);
        let settled = one.state().is_settled() && other.state().is_settled();
        settled && one.state().vector() == other.state().vector() && !oracle::is_same(one, other)
    }

    /// V of a device went back: it has to be checked anew.
    pub(super) fn check_anew(&mut self, device: usize) {
        self.checked.remove(&device);
    }

    pub(super) fn found(&mut self, what: What, detail: String) {
        self.report(Finding::new(what, detail));
    }

    /// Keeps the first finding.
    pub(super) fn report(&mut self, finding: Finding) {
        let at_ms = self.now_ms;
        self.trace(|_| format!("FOUND {:?}: {}", finding.what, finding.detail));
        self.finding.get_or_insert(Finding { at_ms, ..finding });
    }
}

/// Looking at a whole book takes longer than the transaction that it follows.
const CONTENT_CHECK_EVERY: u64 = 4;
const LOOK_EVERY: u64 = 4;
