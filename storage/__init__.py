"""Memory and to-do list: tables, transactions, jobs, ledger, blobs."""
