"""Pages for people, from the same server: one module, one template and one catalogue of words a page."""
