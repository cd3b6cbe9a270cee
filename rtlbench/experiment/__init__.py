"""Experiments: data, fine-tuning and benchmark many times over, by stages that resume."""
