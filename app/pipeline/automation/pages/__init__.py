"""`/automation/`: rules as sentences and forms, what they would do, and what they did."""
