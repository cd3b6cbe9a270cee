"""Work in stages, each done once: it goes on after a stop, and refuses to go on under other
options."""
