"""What staff see: figures, history, maps, caches."""
