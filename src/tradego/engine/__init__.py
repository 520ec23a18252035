"""What happens next? `step(state, event) -> effects`: order life, protection, square-off."""
