"""The own rule of a value by its meaning: an account, a phone number, the number a state gives to a person.

Each check is a pure function of a text and a country: what is wrong (`error`), what is odd but may be right
(`warning`), and the value as it is kept. Which column has which rule is said in `rules`, who asks is `screens.judge`.
"""
