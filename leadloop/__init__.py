"""What every room of the loop leans on: settings, clock, errors, the ledger and what fills it."""
