"""Numbers that states give to people and companies, made up but with the right check digits."""

from __future__ import annotations

import random
import string
import unicodedata
from datetime import date

UNFOLDED = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae"})


def folded(words: str) -> str:
    """Lower case Latin letters without accents."""
    plain = unicodedata.normalize("NFKD", words.lower().translate(UNFOLDED))
    return "".join(letter for letter in plain if letter in string.ascii_lowercase + string.digits + " -'.")


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def weighted(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))


def mod_11_10(number: str) -> str:
    """The check digit of ISO 7064, as in German tax numbers."""
    rest = 10
    for digit in number:
        rest = ((int(digit) + rest) % 10 or 10) * 2 % 11
    return str((11 - rest) % 10)


def luhn(number: str) -> str:
    total = sum(sum(divmod(int(digit) * 2, 10)) for digit in number[-1::-2])
    total += sum(int(digit) for digit in number[-2::-2])
    return str(-total % 10)


# -- people ---------------------------------------------------------------------------------------------


def birth_number(rng: random.Random, born: date, female: bool) -> str:
    """Rodné číslo: women have 50 added to the month; all ten digits are divisible by 11."""
    while True:
        number = f"{born:%y}{born.month + 50 * female:02}{born:%d}{digits(rng, 3)}"
        check = int(number) % 11
        if check < 10:
            return f"{number[:6]}/{number[6:]}{check}"


def taj(rng: random.Random) -> str:
    number = digits(rng, 8)
    number = f"{number}{weighted(number, (3, 7) * 4) % 10}"
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def cnp(rng: random.Random, born: date, female: bool) -> str:
    first = (5 if born.year >= 2000 else 1) + female
    number = f"{first}{born:%y%m%d}{rng.randrange(1, 41):02}{rng.randrange(1, 1000):03}"
    check = weighted(number, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return f"{number}{1 if check == 10 else check}"


LETTER_WEIGHTS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
ODD = dict(zip(string.ascii_uppercase, LETTER_WEIGHTS, strict=True)) | dict(
    zip(string.digits, LETTER_WEIGHTS[:10], strict=True)
)
EVEN = {character: position for position, character in enumerate(string.digits)} | {
    character: position for position, character in enumerate(string.ascii_uppercase)
}


def italian_check(code: str) -> str:
    """The check letter of Italian tax codes and account numbers: odd places weigh by a table."""
    total = sum((ODD if place % 2 == 0 else EVEN)[character] for place, character in enumerate(code))
    return string.ascii_uppercase[total % 26]


def codice_fiscale(first: str, last: str, born: date, female: bool, birthplace: str) -> str:
    def letters(name: str, given: bool) -> str:
        plain = [letter for letter in folded(name).upper() if letter in string.ascii_uppercase]
        consonants = [letter for letter in plain if letter not in "AEIOU"]
        if given and len(consonants) > 3:
            consonants = [consonants[0], *consonants[2:]]
        return "".join([*consonants, *(letter for letter in plain if letter in "AEIOU"), *"XXX"][:3])

    day = born.day + 40 * female
    code = f"{letters(last, False)}{letters(first, True)}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{day:02}{birthplace}"
    return code + italian_check(code)


def german_tax_number(rng: random.Random) -> str:
    """Steuer-IdNr: of the first ten digits exactly one occurs twice."""
    chosen = rng.sample(string.digits, 9)
    number = [*chosen, rng.choice(chosen)]
    rng.shuffle(number)
    while number[0] == "0":
        rng.shuffle(number)
    plain = "".join(number)
    return plain + mod_11_10(plain)


def swiss_insured_number(rng: random.Random) -> str:
    number = f"756{digits(rng, 9)}"
    number += str(-weighted(number, (1, 3) * 6) % 10)
    return f"{number[:3]}.{number[3:7]}.{number[7:11]}.{number[11:]}"


def national_id(
    country: str, rng: random.Random, first: str, last: str, born: date, female: bool, birthplace: str
) -> str | None:
    """The personal number of the country; None in the USA, where the bank does not ask for one."""
    match country:
        case "SK" | "CZ":
            return birth_number(rng, born, female)
        case "HU":
            return taj(rng)
        case "RO":
            return cnp(rng, born, female)
        case "IT":
            return codice_fiscale(first, last, born, female, birthplace)
        case "DE":
            return german_tax_number(rng)
        case "CH":
            return swiss_insured_number(rng)
    return None


def identity_card(country: str, rng: random.Random) -> str:
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVXYZ") for _ in range(4))
    shapes = {
        "SK": f"{letters[:2]}{digits(rng, 6)}",
        "CZ": digits(rng, 9),
        "HU": f"{digits(rng, 6)}{letters[:2]}",
        "RO": f"{letters[:2]} {digits(rng, 6)}",
        "IT": f"C{letters[0]}{digits(rng, 5)}{letters[1:3]}",
        "DE": f"L{digits(rng, 2)}{letters[0]}{digits(rng, 5)}",
        "CH": f"S{digits(rng, 7)}",
    }
    return shapes.get(country, f"{letters[0]}{digits(rng, 8)}")


# -- companies ------------------------------------------------------------------------------------------


def register_number(rng: random.Random) -> str:
    """IČO of Slovakia and Czechia."""
    number = rng.choice("2345") + digits(rng, 6)
    return f"{number}{(11 - weighted(number, (8, 7, 6, 5, 4, 3, 2)) % 11) % 10}"


def company_numbers(country: str, rng: random.Random) -> tuple[str, str, str]:
    """Register number, tax number and VAT number with prefix."""
    match country:
        case "SK":
            while True:
                tax = f"20{rng.choice('234789')}{digits(rng, 6)}"
                check = -int(tax + "0") % 11
                if check < 10:
                    return register_number(rng), f"{tax}{check}", f"SK{tax}{check}"
        case "CZ":
            number = register_number(rng)
            return number, f"CZ{number}", f"CZ{number}"
        case "HU":
            core = rng.choice("12") + digits(rng, 6)
            core += str(-weighted(core, (9, 7, 3, 1, 9, 7, 3)) % 10)
            return f"01-09-{digits(rng, 6)}", f"{core}-2-41", f"HU{core}"
        case "RO":
            core = rng.choice("34") + digits(rng, 6)
            core += str(weighted(core.zfill(9), (7, 5, 3, 2, 1, 7, 5, 3, 2)) * 10 % 11 % 10)
            return f"J40/{rng.randrange(100, 20000)}/2015", core, f"RO{core}"
        case "IT":
            core = rng.choice("01") + digits(rng, 6) + "015"
            core += luhn(core)
            return f"MI-{digits(rng, 7)}", core, f"IT{core}"
        case "DE":
            core = rng.choice("123") + digits(rng, 7)
            return (
                f"HRB {rng.randrange(10000, 250000)}",
                f"{digits(rng, 2)}/{digits(rng, 3)}/{digits(rng, 5)}",
                f"DE{core}{mod_11_10(core)}",
            )
        case "CH":
            while True:
                core = rng.choice("123") + digits(rng, 7)
                check = (11 - weighted(core, (5, 4, 3, 2, 7, 6, 5, 4)) % 11) % 11
                if check < 10:
                    name = f"CHE-{core[:3]}.{core[3:6]}.{core[6:]}{check}"
                    return name, name, f"{name} MWST"
    employer = f"{rng.randrange(10, 99)}-{digits(rng, 7)}"
    return employer, employer, ""
