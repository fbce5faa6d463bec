"""What has changed, whole, to those who may read it."""
