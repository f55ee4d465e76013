"""What students handed in, read once as bytes, never imported on this side."""
