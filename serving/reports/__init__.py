"""Closed-loop reports: what becomes of leads, and whether marketing and sales keep what they promised."""
