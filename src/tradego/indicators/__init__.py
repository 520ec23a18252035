"""What do bars say? Numbers in, numbers out."""
