"""How the loop learns: labels, moments, a fit chosen forward in time, and an honest scorecard."""
