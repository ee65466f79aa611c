"""Bank accounts: the banks of each country and account numbers whose check digits are right."""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.demo.identity import digits, italian_check, luhn, weighted


@dataclass(frozen=True)
class Bank:
    """`code` is the national code of the bank, as it stands in an IBAN."""

    name: str
    code: str
    swift: str


@dataclass(frozen=True)
class Account:
    bank: Bank
    number: str
    iban: str | None


BANKS = {
    "SK": (
        Bank("Tatra banka", "1100", "TATRSKBX"),
        Bank("Slovenská sporiteľňa", "0900", "GIBASKBX"),
        Bank("Všeobecná úverová banka", "0200", "SUBASKBX"),
    ),
    "CZ": (
        Bank("Česká spořitelna", "0800", "GIBACZPX"),
        Bank("Komerční banka", "0100", "KOMBCZPP"),
        Bank("Československá obchodní banka", "0300", "CEKOCZPP"),
    ),
    "HU": (Bank("OTP Bank", "117", "OTPVHUHB"), Bank("K&H Bank", "104", "OKHBHUHB")),
    "RO": (
        Bank("Banca Transilvania", "BTRL", "BTRLRO22"),
        Bank("Banca Comercială Română", "RNCB", "RNCBROBU"),
    ),
    "IT": (Bank("Intesa Sanpaolo", "03069", "BCITITMM"), Bank("UniCredit", "02008", "UNCRITMM")),
    "DE": (Bank("Deutsche Bank", "10070000", "DEUTDEBB"), Bank("Deutsche Bank Hamburg", "20070000", "DEUTDEHH")),
    "US": (Bank("First Example Bank", "000000000", "XXXXUS33"),),
    "CH": (Bank("PostFinance", "09000", "POFICHBE"), Bank("UBS Switzerland", "00230", "UBSWCHZH")),
}
CZECHOSLOVAK = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
HUNGARIAN = (9, 7, 3, 1)


def iban(country: str, domestic: str) -> str:
    """Put the two check digits in front of the domestic number (ISO 13616)."""
    spelled = "".join(str(int(character, 36)) for character in f"{domestic}{country}00")
    return f"{country}{98 - int(spelled) % 97:02}{domestic}"


def account(country: str, rng: random.Random) -> Account:
    """A made-up account at a bank of the country; the USA has no IBAN."""
    bank = rng.choice(BANKS[country])
    match country:
        case "SK" | "CZ":
            number = _divisible_by_11(rng)
            return Account(bank, number, iban(country, f"{bank.code}000000{number}"))
        case "HU":
            head = bank.code + digits(rng, 4)
            head += str(-weighted(head, (HUNGARIAN * 2)[:7]) % 10)
            tail = digits(rng, 7)
            tail += str(-weighted(tail, (HUNGARIAN * 2)[:7]) % 10)
            return Account(bank, f"{head}-{tail}-00000000", iban("HU", f"{head}{tail}00000000"))
        case "RO":
            number = f"RONCRT{digits(rng, 10)}"
            return Account(bank, number, iban("RO", bank.code + number))
        case "IT":
            body = f"{bank.code}01600{digits(rng, 12)}"
            return Account(bank, body[10:], iban("IT", italian_check(body) + body))
        case "US":
            return Account(bank, digits(rng, 10), None)
        case "DE":
            body = digits(rng, 6)
            number = f"0{body}{luhn(body)}00"
            return Account(bank, number, iban("DE", bank.code + number))
    number = digits(rng, 12)
    return Account(bank, number, iban(country, bank.code + number))


def _divisible_by_11(rng: random.Random) -> str:
    while True:
        number = rng.choice("123456789") + digits(rng, 8)
        check = -weighted(number, CZECHOSLOVAK[:9]) % 11
        if check < 10:
            return f"{number}{check}"
