"""The SQL texts on BigQuery's side: proofs that need no cloud."""
