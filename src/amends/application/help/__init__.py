"""The help centre: articles about this product, whose numbers are those of the policy."""
