"""Notifications carries: messages, deliveries and the channels they leave by."""
