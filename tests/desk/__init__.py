"""The desk, entered through the ledger with real mails and by what agents do."""
