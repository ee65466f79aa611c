"""Mail: what one is (`message`), who carries it (`port`, `smtp`, `recording`), what became of it (`outcome`).

Knows no domain. Microsoft Graph and others come beside `smtp` as one more `Mailer`.
"""
