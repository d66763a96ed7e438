"""What is learned, as objects that score; nothing here reads the ledger or trains."""
