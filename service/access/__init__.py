"""Who is asking, and what keeps others out: sessions, tokens, guards, throttling."""
