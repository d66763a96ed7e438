"""The open leads of a server as arrays: made apart, kept current by what changed, shown page by page."""
