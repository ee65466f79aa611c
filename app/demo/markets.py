"""The eight markets: money, telephone numbers, towns and what hospitals are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class City:
    """`code` is the cadastral code that Italian tax numbers carry, elsewhere empty."""

    name: str
    region: str
    postcode: str
    latitude: float
    longitude: float
    language: str
    code: str = ""


@dataclass(frozen=True)
class Market:
    """One country.

    `families` is how many customers it has. `level` turns a price in EUR into
    one of the country, rounded to `step`. `vat` lists dated rates in percent,
    the oldest first. In `mobile` and `landline` each # is a digit: the blocks
    are reserved for fiction (US, DE) or given to nobody.
    """

    country: str
    families: int
    currency: str
    level: Decimal
    step: int
    vat: tuple[tuple[date, Decimal], ...]
    mobile: tuple[str, ...]
    landline: tuple[str, ...]
    cities: tuple[City, ...]
    hospitals: tuple[str, ...]
    clinics: tuple[str, ...]
    company: str
    doctor: str

    @property
    def language(self) -> str:
        return self.cities[0].language

    def vat_on(self, day: date) -> Decimal:
        """Percent in force on `day`."""
        return next(rate for since, rate in reversed(self.vat) if since <= day)

    def price(self, euros: int) -> Decimal:
        """A list price of the country, without VAT, in its currency."""
        return Decimal(round(euros * self.level / self.step) * self.step).quantize(Decimal("0.01"))


def _cities(language: str, *rows: tuple[str, str, str, float, float, *tuple[str, ...]]) -> tuple[City, ...]:
    return tuple(
        City(name, region, postcode, latitude, longitude, language, *code)
        for name, region, postcode, latitude, longitude, *code in rows
    )


LONG_AGO = date(2020, 1, 1)
MARKETS = {
    market.country: market
    for market in (
        Market(
            "SK",
            115,
            "EUR",
            Decimal(1),
            10,
            ((LONG_AGO, Decimal("20.00")), (date(2025, 1, 1), Decimal("23.00"))),
            ("+421 905 000 ###", "+421 918 000 ###", "+421 944 000 ###", "+421 948 000 ###"),
            ("+421 2 2000 0###", "+421 55 200 0###"),
            _cities(
                "sk",
                ("Bratislava", "Bratislavský kraj", "811 01", 48.1486, 17.1077),
                ("Košice", "Košický kraj", "040 01", 48.7164, 21.2611),
                ("Žilina", "Žilinský kraj", "010 01", 49.2231, 18.7394),
                ("Nitra", "Nitriansky kraj", "949 01", 48.3061, 18.0764),
                ("Banská Bystrica", "Banskobystrický kraj", "974 01", 48.7363, 19.1462),
                ("Prešov", "Prešovský kraj", "080 01", 49.0018, 21.2393),
                ("Trenčín", "Trenčiansky kraj", "911 01", 48.8945, 18.0444),
                ("Trnava", "Trnavský kraj", "917 01", 48.3774, 17.5883),
            ),
            ("Fakultná nemocnica {city}-Juh", "Nemocnica {city} – Pod lipami", "Pôrodnica Luna {city}"),
            ("Gynekologická ambulancia {doctor}", "Gynea {city}", "Centrum zdravia ženy {city}"),
            "INDEXUS Slovensko s. r. o.",
            "MUDr.",
        ),
        Market(
            "CZ",
            90,
            "CZK",
            Decimal(25),
            100,
            ((LONG_AGO, Decimal("21.00")),),
            ("+420 601 000 ###", "+420 702 000 ###", "+420 728 000 ###"),
            ("+420 220 000 ###", "+420 540 000 ###"),
            _cities(
                "cs",
                ("Praha", "Hlavní město Praha", "110 00", 50.0755, 14.4378),
                ("Brno", "Jihomoravský kraj", "602 00", 49.1951, 16.6068),
                ("Ostrava", "Moravskoslezský kraj", "702 00", 49.8209, 18.2625),
                ("Plzeň", "Plzeňský kraj", "301 00", 49.7384, 13.3736),
                ("Olomouc", "Olomoucký kraj", "779 00", 49.5938, 17.2509),
                ("Liberec", "Liberecký kraj", "460 01", 50.7663, 15.0543),
                ("České Budějovice", "Jihočeský kraj", "370 01", 48.9745, 14.4743),
            ),
            ("Nemocnice {city}-Sever", "Porodnice U Lípy {city}", "Městská nemocnice {city}-Západ"),
            ("Gynekologie {doctor}", "Gyncentrum Luna {city}", "Ordinace pro ženy {city}"),
            "INDEXUS Česko s.r.o.",
            "MUDr.",
        ),
        Market(
            "HU",
            38,
            "HUF",
            Decimal(390),
            1000,
            ((LONG_AGO, Decimal("27.00")),),
            ("+36 20 000 ####", "+36 30 000 ####", "+36 70 000 ####"),
            ("+36 1 200 0###", "+36 52 200 0##"),
            _cities(
                "hu",
                ("Budapest", "Budapest", "1052", 47.4979, 19.0402),
                ("Debrecen", "Hajdú-Bihar vármegye", "4024", 47.5316, 21.6273),
                ("Szeged", "Csongrád-Csanád vármegye", "6720", 46.2530, 20.1414),
                ("Győr", "Győr-Moson-Sopron vármegye", "9021", 47.6875, 17.6504),
                ("Pécs", "Baranya vármegye", "7621", 46.0727, 18.2323),
            ),
            ("{city} Északi Kórház", "Szent Luca Szülészet {city}"),
            ("{doctor} nőgyógyászati rendelő", "Nőgyógyászat {city} Liget"),
            "INDEXUS Magyarország Kft.",
            "Dr.",
        ),
        Market(
            "RO",
            32,
            "RON",
            Decimal(5),
            50,
            ((LONG_AGO, Decimal("19.00")), (date(2025, 8, 1), Decimal("21.00"))),
            ("+40 721 000 ###", "+40 744 000 ###", "+40 766 000 ###"),
            ("+40 21 200 0###", "+40 264 200 0##"),
            _cities(
                "ro",
                ("București", "București", "010011", 44.4268, 26.1025),
                ("Cluj-Napoca", "Cluj", "400001", 46.7712, 23.6236),
                ("Timișoara", "Timiș", "300001", 45.7489, 21.2087),
                ("Iași", "Iași", "700001", 47.1585, 27.6014),
                ("Brașov", "Brașov", "500001", 45.6427, 25.5887),
            ),
            ("Spitalul Clinic {city} Nord", "Maternitatea Sfânta Luca {city}"),
            ("Cabinet de ginecologie {doctor}", "Clinica Luna {city}"),
            "INDEXUS România S.R.L.",
            "Dr.",
        ),
        Market(
            "IT",
            24,
            "EUR",
            Decimal("1.25"),
            10,
            ((LONG_AGO, Decimal("22.00")),),
            ("+39 320 000 0###", "+39 347 000 0###", "+39 333 000 0###"),
            ("+39 02 0000 0###", "+39 06 0000 0###"),
            _cities(
                "it",
                ("Milano", "Lombardia", "20121", 45.4642, 9.1900, "F205"),
                ("Roma", "Lazio", "00184", 41.9028, 12.4964, "H501"),
                ("Torino", "Piemonte", "10121", 45.0703, 7.6869, "L219"),
                ("Bologna", "Emilia-Romagna", "40121", 44.4949, 11.3426, "A944"),
                ("Verona", "Veneto", "37121", 45.4384, 10.9916, "L781"),
            ),
            ("Ospedale Santa Lucia di {city}", "Clinica Materna {city} Nord"),
            ("Studio ginecologico {doctor}", "Poliambulatorio Luna {city}"),
            "INDEXUS Italia S.r.l.",
            "Dott.",
        ),
        Market(
            "DE",
            27,
            "EUR",
            Decimal("1.4"),
            10,
            ((LONG_AGO, Decimal("19.00")),),
            ("+49 176 040690##", "+49 171 39200##"),
            ("+49 30 23125 ###", "+49 40 66969 ###", "+49 89 99998 ###"),
            _cities(
                "de",
                ("Berlin", "Berlin", "10115", 52.5200, 13.4050),
                ("Hamburg", "Hamburg", "20095", 53.5511, 9.9937),
                ("München", "Bayern", "80331", 48.1351, 11.5820),
                ("Köln", "Nordrhein-Westfalen", "50667", 50.9375, 6.9603),
                ("Leipzig", "Sachsen", "04109", 51.3397, 12.3731),
            ),
            ("Klinikum {city}-Süd", "Frauenklinik St. Luzia {city}"),
            ("Frauenarztpraxis {doctor}", "Gynäkologie am Park {city}"),
            "INDEXUS Deutschland GmbH",
            "Dr. med.",
        ),
        Market(
            "US",
            16,
            "USD",
            Decimal("1.6"),
            5,
            ((LONG_AGO, Decimal("0.00")),),
            ("+1 212 555 01##", "+1 312 555 01##", "+1 617 555 01##", "+1 206 555 01##"),
            ("+1 212 555 01##", "+1 312 555 01##"),
            _cities(
                "en",
                ("New York", "New York", "10001", 40.7128, -74.0060),
                ("Chicago", "Illinois", "60601", 41.8781, -87.6298),
                ("Boston", "Massachusetts", "02108", 42.3601, -71.0589),
                ("Seattle", "Washington", "98101", 47.6062, -122.3321),
            ),
            ("{city} Lakeside Medical Center", "St. Lucy Women's Hospital {city}"),
            ("{city} Women's Health Associates", "{doctor} Obstetrics & Gynecology"),
            "INDEXUS America Inc.",
            "Dr.",
        ),
        Market(
            "CH",
            18,
            "CHF",
            Decimal("1.5"),
            10,
            ((LONG_AGO, Decimal("7.70")), (date(2024, 1, 1), Decimal("8.10"))),
            ("+41 79 000 ## ##", "+41 78 000 ## ##"),
            ("+41 44 200 00 ##", "+41 22 200 00 ##"),
            (
                City("Zürich", "Zürich", "8001", 47.3769, 8.5417, "de"),
                City("Basel", "Basel-Stadt", "4001", 47.5596, 7.5886, "de"),
                City("Genève", "Genève", "1201", 46.2044, 6.1432, "fr"),
                City("Bern", "Bern", "3011", 46.9480, 7.4474, "de"),
                City("Lausanne", "Vaud", "1003", 46.5197, 6.6323, "fr"),
            ),
            ("Klinik {city} Seeblick", "Maternité {city} Lac"),
            ("Praxis {doctor}", "Cabinet Luna {city}"),
            "INDEXUS Schweiz AG",
            "Dr. med.",
        ),
    )
}
