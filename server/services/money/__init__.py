"""Payments, what the gateway does and says, earnings, the ledger."""
