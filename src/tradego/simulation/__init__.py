"""What would the market do? The make-believe exchange: matching, latency, partial fills."""
