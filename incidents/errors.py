"""The one base of every refusal: expected trouble, told in a sentence a person can act on."""


class Refusal(Exception):
    """A request that the rules of the house do not allow now; `str()` is the sentence shown to the person who asked."""
