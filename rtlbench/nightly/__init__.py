"""The nightly job: what verified goes into a model, which is published only if it is better."""
