"""A booking's life: made, moved, called off, signed for; who sees it, who hears of it."""
