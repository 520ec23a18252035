"""What do I see? The terminal view, and later the dashboard, the API and the messengers."""
