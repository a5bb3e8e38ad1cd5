"""What is claimed about speed, rerunnable."""
