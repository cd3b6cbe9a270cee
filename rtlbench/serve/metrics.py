"""What the service counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from rtlbench.judging.pool import JudgingPool
from rtlbench.serve.limits import Load

SIZES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Of one service."""

    def __init__(self, pool: JudgingPool, load: Load) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "rtlbench_requests", "Requests to judge.", ["status"], registry=self._registry
        )
        self.verdicts = Counter(
            "rtlbench_verdicts", "Verdicts given.", ["outcome"], registry=self._registry
        )
        self.seconds = Histogram(
            "rtlbench_request_seconds", "From a request to its Verdicts.", registry=self._registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
        )  # fmt: skip
        taken = Gauge("rtlbench_answers_taken", "Without a Verdict yet.", registry=self._registry)
        taken.set_function(lambda: load.taken)
        self._registry.register(_PoolMetrics(pool))

    def text(self) -> bytes:
        """All of them, in Prometheus's format."""
        return generate_latest(self._registry)


class _PoolMetrics(Collector):
    def __init__(self, pool: JudgingPool) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        """What the pool counts itself."""
        restarts = CounterMetricFamily("rtlbench_worker_restarts", "Workers that died.")
        restarts.add_metric([], self._pool.restarts)
        yield restarts
        batches = self._pool.batches.copy()
        sizes = HistogramMetricFamily("rtlbench_batch_answers", "Answers judged together.")
        upto = [(str(s), float(sum(n for k, n in batches.items() if k <= s))) for s in SIZES]
        total = float(sum(k * n for k, n in batches.items()))
        sizes.add_metric([], [*upto, ("+Inf", float(batches.total()))], total)
        yield sizes
