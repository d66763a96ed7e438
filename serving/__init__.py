"""How the loop is used: scores with reasons, and the ranked queue."""
