"""Public-private partnership dashboard: see architecture in docs/architecture.md."""
