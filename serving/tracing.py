"""Spans of requests for an OpenTelemetry collector; off, and not even imported, unless an endpoint is given."""

import os
from typing import Any

from starlette.types import Scope

from leadloop.clock import now, to_micros
from leadloop.errors import SettingsError

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""The standard variables; either switches tracing on."""
_FAILED = 500


class Tracer:
    """Makes a span of a request once it was answered, so that a request waits for nothing."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("leadloop")

    def note(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """A span named by method and route template, within the trace that the sender began, if it did."""
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind, Status, StatusCode

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        end, method = to_micros(now()) * 1_000, scope["method"]
        span = self._tracer.start_span(
            f"{method} {route}", extract(headers), SpanKind.SERVER, start_time=end - int(seconds * 1e9)
        )
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
        if status >= _FAILED:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


def tracer_of_environment() -> Tracer | None:
    """A tracer when the standard variables name a collector.

    Raises: SettingsError when they do and the libraries are not installed.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{ENDPOINTS[0]} is set and {error.name} is not installed; install leadloop[otel]"
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "leadloop"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracer(provider)
