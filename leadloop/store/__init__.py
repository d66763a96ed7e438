"""The ledger: everything the loop remembers, as rows that only ever come in, each with when it could be known."""
