"""HTML pages: one file each, nothing fetched from anywhere, whatever they show escaped."""
