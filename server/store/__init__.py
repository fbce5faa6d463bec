"""The only database calls: a repository a collection, its indexes declared beside it."""
