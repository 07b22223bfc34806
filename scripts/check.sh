#!/usr/bin/env bash
# What "done" means: formatted, no warnings, tests pass, documentation builds.
#
# polars is most of the build, so the steps are arranged to compile it twice
# and no more: once as metadata, for clippy and rustdoc, and once as code, for
# the tests and the binary that they run. Cargo resolves features with the
# development dependencies only when a target needs them, and two features
# below polars differ then. Every step therefore names such a target:
# --all-targets, --tests, or (although there are none) --examples. A plain
# `cargo build` or `cargo doc` here would compile all of polars once more.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    echo "== $*"
    "$@"
}

step cargo fmt --check
step cargo clippy --locked --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" step cargo doc --locked --no-deps --document-private-items --lib --examples
step cargo test --locked
step cargo test --locked --manifest-path scripts/bench/Cargo.toml
step cargo test --locked --manifest-path scripts/schemas/Cargo.toml
