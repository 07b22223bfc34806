//! A report: findings written for one sink. One file per format, one encoder
//! per sink ([`sanitize`]); nothing here computes a score.

pub mod sanitize;
