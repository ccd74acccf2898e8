"""A sender as a process of its own, to be killed: pumps until it is told to stop."""

import os
import time

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crisiscomm.settings")
    django.setup()
    from incidents import clock
    from notifications import engine

    while True:
        engine.pump(channel_names=["email_personal", "email_bulk"], worker=str(os.getpid()), clock=clock.now, seconds=1)
        time.sleep(0.05)
