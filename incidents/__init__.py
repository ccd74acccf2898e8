"""Incidents remembers: incidents, facts, customers, promises and everything that happened."""
