"""Every failure of the catalogue, injected into the real thing. docs/failures.md maps failure to guard to test."""
