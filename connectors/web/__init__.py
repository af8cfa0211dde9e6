"""The contact form: a hosted page, its embedding, and a JSON endpoint, all leading into the ledger."""
