"""The company's own certificate authority."""
