"""What each marketplace means: one value a file. A new marketplace starts here."""
