"""What a number means, once."""
