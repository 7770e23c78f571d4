//! Laws that hold for any log.

pub mod in_process;
