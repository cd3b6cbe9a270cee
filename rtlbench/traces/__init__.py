"""What runs leave behind for later training: an event a stage, and the files that it names."""
