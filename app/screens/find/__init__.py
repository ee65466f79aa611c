"""Search over the records of all tables: what was typed, the indexed doors it is looked for at, what was found."""
