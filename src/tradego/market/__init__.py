"""What is the market? Sessions, bands, data quality, news scoring, watchlist, symbols."""
