"""Tables of the system itself: connections and short-lived login state."""
