"""Workflows decides: playbooks, plans, cadence, approvals and the clock."""
