"""NBA Phase 3: software-defined assets from raw box scores to audited per-game summaries."""
