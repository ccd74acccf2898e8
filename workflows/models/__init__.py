"""The models of workflows."""
