"""Who is asking, what they may see, and what keeps others out: sessions, guards, throttling."""
