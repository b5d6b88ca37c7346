"""What is told, to whom, and when: pure functions of what was seen and what people have chosen; no I/O."""
