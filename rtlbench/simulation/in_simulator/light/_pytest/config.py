"""See ../pytest.py."""


class Config:
    """No configuration is read."""
