//! Wishes with evidence: how they fade, what is read, learned, settled and kept.

mod contradictions;
mod lessons;
mod promises;
mod readings;
mod rules;
