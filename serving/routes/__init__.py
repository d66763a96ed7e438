"""The HTTP routes, one module a subject; they parse, call and answer."""
