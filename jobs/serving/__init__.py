"""What runs inside the endpoint: the first and the last container of the inference pipeline."""
