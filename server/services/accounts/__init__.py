"""Who is who: signing up and in, tokens, one's own account, addresses."""
