//! One integration binary over the real program: snapshots of what it prints, invoices worked out by hand, and laws.

mod support;

mod article;
mod batches;
mod classify;
mod errors;
mod explain;
mod formats;
mod invoices;
mod laws;
mod methodology;
mod mutation;
mod oracle;
mod outputs;
mod prices;
mod pricing;
mod readme;
mod report;
mod sample;
mod tidy;
mod words;
