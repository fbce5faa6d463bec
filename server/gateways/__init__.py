"""Everything outside the process: mail, SMS, payments."""
