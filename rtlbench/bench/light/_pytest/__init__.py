"""See ../pytest.py."""
