"""Acts that span features, one file each."""
