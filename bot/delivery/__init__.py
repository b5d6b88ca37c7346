"""How what is owed gets to people: in turn, within Slack's rates, once, and changed where it stands."""
