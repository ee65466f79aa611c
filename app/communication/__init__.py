"""E-mail and SMS, mailboxes, routing rules."""
