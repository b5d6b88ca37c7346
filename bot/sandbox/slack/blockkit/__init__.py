"""Block Kit's rules as tables, and the checks that read them."""
