"""Dates and times as the screens write them, where Django's own forms would cost a tired reader a thought."""
