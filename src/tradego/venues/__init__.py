"""Where does it trade? One folder per broker, exchange, price or news source."""
