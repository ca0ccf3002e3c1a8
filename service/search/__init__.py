"""Search: what people type, and the two full-text indexes."""
