"""What can go wrong, and whose fault it is.

`UserError`: the caller gave something unusable; the message says what, where and what to do,
and no traceback is shown. `HarnessError`: the harness could not tell; it becomes the outcome
`error` of a Verdict and is never counted against a candidate.
"""

from __future__ import annotations


class UserError(Exception):
    """A mistake in what the user gave: shown as one message."""


class HarnessError(Exception):
    """The harness could not tell: never blamed on a candidate."""


class GoldenError(HarnessError):
    """The Spec's own golden contradicts its reference model: the tools work, the Spec does not."""
