"""Companies that invoice, invoices and their numbers, layouts, rates."""
