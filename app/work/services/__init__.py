"""What can be done: tasks and their comments, and what the clock does with them."""
