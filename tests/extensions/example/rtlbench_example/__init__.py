"""What a package can add to rtlbench."""
