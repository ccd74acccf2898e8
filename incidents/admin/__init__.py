"""The pages of the incident side: what every page shares is in `base`, how people start something in `doors`."""

from incidents.admin import commitment

__all__ = ["commitment"]
