"""The models of incidents."""
