"""The judging service as its clients see it: what is sent and what comes back, and a client."""
