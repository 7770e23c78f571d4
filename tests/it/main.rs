//! One integration binary over the real program: snapshots of what it prints, invoices worked out by hand, and laws.

mod support;

mod article;
mod bill;
mod browser;
mod batches;
mod classify;
mod encodings;
mod errors;
mod explain;
mod formats;
mod formats_page;
mod grain;
mod html;
mod init;
mod invoices;
mod laws;
mod methodology;
mod mutation;
mod oracle;
mod outputs;
mod plan;
mod prices;
mod pricing;
mod questions;
mod readme;
mod report;
mod routing;
mod rules;
mod sample;
mod tidy;
mod times;
mod words;
