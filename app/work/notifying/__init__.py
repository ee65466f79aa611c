"""Telling people what happened: their own rules, the bell, the page of notifications, the daily letter.

An event (`core.records`, `work.events`) becomes facts (`facts`), facts meet
what everybody is told and what people asked for (`rules`), and whoever may
know of the record gets one row of `notifications` (`delivery`). The row holds
keys and codes only; its words are made when it is read (`reading`).
"""
