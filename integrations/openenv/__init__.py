"""rtlbench as an OpenEnv environment: a task, an answer, a verdict."""

from .client import RtlEnv
from .models import RtlAction, RtlObservation

__all__ = ["RtlAction", "RtlEnv", "RtlObservation"]
