"""Supervised fine-tuning of LoRA adapters."""
