"""What columns are called elsewhere, in the languages of our markets; without case, accents and punctuation.

A word stands for several fields where tables name the same thing differently; the first one that the table has counts.
"""

from __future__ import annotations

_WORDS: dict[tuple[str, ...], str] = {
    ("first_name",): "firstname forename givenname christianname meno jmeno krstnemeno krestnijmeno vorname keresztnev "
                     "utonev prenume nome prenom",
    ("last_name",): "lastname surname familyname priezvisko prijmeni nachname familienname vezeteknev csaladnev "
                    "numedefamilie nume cognome",
    ("name", "full_name", "company_name"): "name fullname nazov nazev menoapriezvisko jmenoaprijmeni bezeichnung nev "
                                           "teljesnev denumire nume denominazione ragionesociale",
    ("title_before", "title", "academic_title"): "title titul titulpred titel titlu titolo cim",
    ("email", "email_address"): "email emailaddress mail emailadresa emailovaadresa emailcim posta postaelettronica "
                                "adresaemail epost indirizzoemail",
    ("phone", "phone_number", "mobile"): "phone phonenumber telephone tel telefon telefonnecislo telefonnicislo "
                                         "telefonnummer telefonszam numartelefon telefono cellulare mobil mobile "
                                         "mobilephone gsm handy cell",
    ("street", "address", "permanent_address", "address_line"): "street address ulica ulice adresa strasse adresse "
                                                               "ulicaacislo uliceacislo ulicecp strassehausnummer "
                                                               "strasseundhausnummer utcahazszam "
                                                               "utca cim strada indirizzo via",
    ("city", "permanent_city"): "city town mesto obec ort stadt wohnort varos oras localitate citta comune",
    ("postal_code", "permanent_postal_code", "zip_code", "zip"): "postalcode postcode zip zipcode psc plz postleitzahl "
                                                                "iranyitoszam irsz codpostal cap",
    ("country", "country_code"): "country countrycode krajina stat zeme land orszag tara paese nation",
    ("date_of_birth", "birth_date"): "dateofbirth birthdate birthday dob datumnarodenia datumnarozeni datumnar "
                                     "geburtsdatum szuletesidatum datanasterii datadinascita narodenie",
    ("national_id", "personal_id", "birth_number"): "nationalid personalid birthnumber rodnecislo rc szemelyiszam cnp "
                                                    "codicefiscale ssn",
    ("internal_id", "external_id"): "internalid externalid customerid customernumber internecislo internicislo "
                                    "zakaznickecislo kundennummer ugyfelszam clientid codcliente",
    ("registration_number", "company_id", "ico"): "ico registrationnumber companyid handelsregisternummer "
                                                 "cegjegyzekszam",
    ("tax_id", "dic"): "dic taxid steuernummer adoszam codfiscal partitaiva",
    ("vat_number", "vat_id", "ic_dph"): "icdph vat vatid vatnumber uid ustid ustidnr tva iva",
    ("note", "notes", "description", "internal_notes"): "note notes remark comment comments poznamka poznamky "
                                                       "notiz bemerkung anmerkung megjegyzes nota note observatii",
    ("status", "state"): "status state stav allapot stare stato zustand",
    ("language", "preferred_language"): "language jazyk sprache nyelv limba lingua",
    ("currency", "currency_code"): "currency mena wahrung penznem moneda valuta",
    ("value", "amount", "price", "total_amount"): "value amount price suma ciastka castka hodnota cena betrag preis "
                                                  "osszeg ar valoare pret importo prezzo",
    ("assigned_user_id", "owner_id"): "assignedto assigneduser assigned pridelene pridelenykomu pridelena priradene "
                                      "prideleno prirazeno zodpovedny zodpovednaosoba odpovednaosoba zustandig "
                                      "felelos responsabil responsabile assegnatoa",
    ("website", "url"): "web website www url webstranka webovastranka webseite weboldal sitoweb",
    ("id",): "id recordid key idzaznamu datensatzid",
}  # fmt: skip

SYNONYMS: dict[str, tuple[str, ...]] = {}
for _fields, _said in _WORDS.items():
    for _word in _said.split():
        SYNONYMS[_word] = tuple(dict.fromkeys((*SYNONYMS.get(_word, ()), *_fields)))
