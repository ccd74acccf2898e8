"""The models of notifications."""
