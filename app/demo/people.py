"""People of the eight countries: Faker gives names and streets, the rest is made to agree with them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from faker import Faker

from app.demo.identity import digits, folded, national_id
from app.demo.markets import MARKETS, City, Market
from app.demo.words import words

LOCALES = {
    ("SK", "sk"): "sk_SK",
    ("CZ", "cs"): "cs_CZ",
    ("HU", "hu"): "hu_HU",
    ("RO", "ro"): "ro_RO",
    ("IT", "it"): "it_IT",
    ("DE", "de"): "de_DE",
    ("US", "en"): "en_US",
    ("CH", "de"): "de_CH",
    ("CH", "fr"): "fr_CH",
}
MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
VOWELS = tuple("aeiouy")
STREET_WORDS = ("utca", "út", "útja", "tér", "sor", "köz", "körút", "krt.", "sétány", "liget", "fasor")
TITLES = {
    "SK": ("Mgr.", "Ing.", "Bc.", "JUDr."),
    "CZ": ("Mgr.", "Ing.", "Bc.", "PhDr."),
    "HU": ("Dr.",),
    "IT": ("Dott.ssa",),
    "DE": ("Dr.",),
    "CH": ("Dr.",),
}


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist. `phone` is a fixed line, `street` includes the house number."""

    country: str
    first: str
    last: str
    maiden: str | None
    title: str | None
    female: bool
    born: date
    national_id: str | None
    email: str
    mobile: str
    phone: str
    city: City
    street: str

    @property
    def full(self) -> str:
        """The name as the country writes it: Hungarians put the family name first."""
        return f"{self.last} {self.first}" if self.country == "HU" else f"{self.first} {self.last}"

    @property
    def language(self) -> str:
        return self.city.language

    @property
    def words(self) -> dict[str, Any]:
        """The texts in this person's language."""
        return words(self.language, self.country)


class People:
    """Makes people one after another; the same calls make the same people."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._addresses: set[str] = set()
        self._numbers: set[str] = set()
        self._fakers = {}
        for position, (place, locale) in enumerate(LOCALES.items()):
            self._fakers[place] = Faker(locale)
            self._fakers[place].seed_instance(7000 + position)

    def person(
        self,
        rng: random.Random,
        country: str,
        *,
        female: bool = True,
        ages: tuple[int, int] = (22, 41),
        city: City | None = None,
        last: str | None = None,
        domain: str | None = None,
    ) -> Person:
        """Somebody of the country; `last` gives a family name, e.g. that of the spouse."""
        market = MARKETS[country]
        # Larger towns stand first and have more people.
        home = city or rng.choices(market.cities, range(len(market.cities) + 2, 2, -1))[0]
        faker = self._fakers[country, home.language]
        first = faker.first_name_female() if female else faker.first_name_male()
        last = last or self._last_name(faker, female)
        maiden = self._last_name(faker, True) if female and rng.random() < 0.25 else None
        titles = TITLES.get(country, ())
        born = self._today - timedelta(days=rng.randrange(ages[0] * 365, ages[1] * 365))
        return Person(
            country=country,
            first=first,
            last=last,
            maiden=maiden,
            title=rng.choice(titles) if titles and rng.random() < 0.18 else None,
            female=female,
            born=born,
            national_id=national_id(country, rng, first, last, born, female, home.code),
            email=self._email(first, last, domain or rng.choice(MAIL_DOMAINS)),
            mobile=self.number(rng, market, mobile=True),
            phone=self.number(rng, market, mobile=False),
            city=home,
            street=self.street(country, home.language),
        )

    def husband_name(self, country: str, wife: str) -> str:
        """The family name of her husband: in Slovak and Czech hers has an ending that his has not."""
        if country in ("SK", "CZ") and wife.endswith("ová"):
            stem = wife[:-3]
            # Němcová is the wife of Němec, Blažková of Blažek.
            missing = stem[-1:] in "kc" and folded(stem[-2:-1]) not in VOWELS
            return f"{stem[:-1]}e{stem[-1]}" if missing else stem
        if country in ("SK", "CZ") and wife.endswith("á"):
            return wife[:-1] + "ý"
        return wife

    def street(self, country: str, language: str) -> str:
        """Street and house number on one line."""
        parts = self._fakers[country, language].street_address().replace("\n", ", ").split()
        if country == "HU":
            # The source writes the second name of a street in lower case.
            parts = [part if part in STREET_WORDS else part[:1].upper() + part[1:] for part in parts]
        return " ".join(parts)

    def number(self, rng: random.Random, market: Market, *, mobile: bool) -> str:
        """A telephone number in international form; repeated only when the block is used up."""
        for _ in range(40):
            shape = rng.choice(market.mobile if mobile else market.landline)
            found = "".join(digits(rng, 1) if character == "#" else character for character in shape)
            if found not in self._numbers:
                break
        self._numbers.add(found)
        return found

    def _last_name(self, faker: Faker, female: bool) -> str:
        maker = getattr(faker, "last_name_female" if female else "last_name_male", faker.last_name)
        return str(maker())

    def _email(self, first: str, last: str, domain: str) -> str:
        local = f"{folded(first)}.{folded(last)}".replace(" ", "").replace("'", "").replace("..", ".")
        address, turn = f"{local}@{domain}", 1
        while address in self._addresses:
            turn += 1
            address = f"{local}{turn}@{domain}"
        self._addresses.add(address)
        return address
