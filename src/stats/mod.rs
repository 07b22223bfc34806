//! Mathematics on plain numbers; knows no logs.
