"""What was known about a lead at an instant, as numbers: the same for training and for serving."""
