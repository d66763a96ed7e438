"""From files that a CRM or a warehouse wrote to rows of the ledger: the first step of the loop, without the ledger."""
