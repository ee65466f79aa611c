"""Contract categories, templates with their versions, and the variables that templates may use."""

from __future__ import annotations

import json
from datetime import timedelta

from app.contracts.models import (
    ContractCategory,
    ContractCategoryDefaultTemplate,
    ContractTemplate,
    ContractTemplateVersion,
    Variable,
    VariableBlock,
    VariableKeyword,
)
from app.demo.companies import SECOND_LANGUAGES
from app.demo.words import words
from app.demo.world import World, row_id

CATEGORIES = {
    # value: (id, label, sk, cz, hu, ro, it, de, us)
    "general": (
        1,
        "Collection and storage",
        "Odber a uskladnenie",
        "Odběr a uložení",
        "Levétel és tárolás",
        "Recoltare și stocare",
        "Raccolta e conservazione",
        "Entnahme und Lagerung",
        "Collection and storage",
    ),
    "extension": (
        2,
        "Storage extension",
        "Predĺženie uskladnenia",
        "Prodloužení uložení",
        "Tárolás meghosszabbítása",
        "Prelungirea stocării",
        "Proroga della conservazione",
        "Verlängerung der Lagerung",
        "Storage extension",
    ),
    "consent": (
        3,
        "Informed consent",
        "Informovaný súhlas",
        "Informovaný souhlas",
        "Tájékozott beleegyezés",
        "Consimțământ informat",
        "Consenso informato",
        "Einwilligung",
        "Informed consent",
    ),
}
LABELS = ("label", "label_sk", "label_cz", "label_hu", "label_ro", "label_it", "label_de", "label_us")
BLOCKS = {
    # code: (Slovak name, English name, icon, description, variables)
    # variable: (key, Slovak label, English label, type, required, example)
    "customer": (
        "Klientka",
        "Client",
        "user",
        "The mother who concludes the contract.",
        (
            ("customer.fullName", "Celé meno", "Full name", "text", True, "Mgr. Jana Vzorová"),
            ("customer.address", "Adresa", "Address", "address", True, "Hlavná 1, 811 01 Bratislava"),
            ("customer.email", "E-mail", "E-mail", "email", False, "jana.vzorova@example.com"),
            ("customer.mobile", "Mobil", "Mobile", "phone", False, "+421 905 000 001"),
            ("customer.birthDate", "Dátum narodenia", "Date of birth", "date", False, "12. 5. 1992"),
        ),
    ),
    "billing": (
        "Fakturačná spoločnosť",
        "Billing company",
        "building",
        "Our company that is party to the contract.",
        (
            ("billing.companyName", "Názov", "Name", "text", True, "INDEXUS Slovensko s. r. o."),
            ("billing.address", "Sídlo", "Seat", "address", True, "Dlhá 5, 811 01 Bratislava"),
            ("billing.iban", "IBAN", "IBAN", "iban", False, "SK31 1200 0000 1987 4263 7541"),
        ),
    ),
    "contract": (
        "Zmluva",
        "Contract",
        "file-text",
        "The contract itself and its amounts.",
        (
            ("contract.number", "Číslo zmluvy", "Contract number", "text", True, "ZML-2026-00001"),
            ("contract.totalGross", "Cena s daňou", "Total with VAT", "number", True, "1697.40"),
            ("contract.currency", "Mena", "Currency", "text", True, "EUR"),
            ("contract.date", "Dátum zmluvy", "Date of contract", "date", False, "3. 2. 2026"),
        ),
    ),
    "case": (
        "Tehotenstvo",
        "Pregnancy",
        "baby",
        "The expected birth.",
        (
            ("case.dueDate", "Termín pôrodu", "Due date", "date", False, "20. 6. 2026"),
            ("case.hospital", "Pôrodnica", "Hospital", "text", False, "Pôrodnica Luna Bratislava"),
        ),
    ),
}
KEYWORDS = (
    ("customer", "klientka", "sk", 3),
    ("customer", "klientka", "cs", 3),
    ("customer", "ügyfél", "hu", 3),
    ("customer", "Kundin", "de", 3),
    ("billing", "poskytovateľ", "sk", 2),
    ("billing", "poskytovatel", "cs", 2),
    ("billing", "prestator", "ro", 2),
    ("contract", "cena", "sk", 1),
    ("contract", "prezzo", "it", 1),
    ("case", "termín pôrodu", "sk", 2),
    ("case", "due date", "en", 2),
)


def wording(language: str, country: str) -> str:
    """The contract of a country in one language, with variables in double braces."""
    said = words(language, country)["contract"]
    return (
        f"<h1>{said['title']}</h1><p>{{{{contract.number}}}}</p><h2>{said['parties']}</h2>"
        f"<p>{said['company']}</p><p>{said['client']}</p>"
        f"<p>{said['subject']}</p><p>{said['price']}</p><p>{said['end']}</p><p>{said['signature']}</p>"
    )


def template_key(country: str, language: str) -> str:
    return f"{country}-{language}"


def version_id(world: World, country: str) -> int:
    """The serial id of the wording in use: each country has two versions, the second is the default."""
    return 2 * list(world.markets).index(country) + 2


def load(world: World) -> None:
    for order, (value, (number, *labels)) in enumerate(CATEGORIES.items()):
        world.add(
            ContractCategory,
            value,
            id=number,
            value=value,
            **dict(zip(LABELS, labels, strict=True)),
            description=labels[0],
            sort_order=order,
        )
    for code, (slovak, english, icon, description, variables) in BLOCKS.items():
        block = world.add(
            VariableBlock,
            code,
            code=code,
            display_name=slovak,
            display_name_en=english,
            icon=icon,
            description=description,
            priority=len(variables),
        )
        for order, (key, label, label_en, kind, required, example) in enumerate(variables):
            world.add(
                Variable,
                key,
                block_id=block,
                key=key,
                label=label,
                label_en=label_en,
                description=f"{english}: {label_en.lower()}",
                data_type=kind,
                source_form=code,
                example=example,
                is_required=required,
                priority=order,
            )
    for block, keyword, locale, weight in KEYWORDS:
        world.add(
            VariableKeyword,
            f"{locale}-{keyword}",
            block_id=row_id(VariableBlock, block),
            keyword=keyword,
            locale=locale,
            weight=weight,
        )
    for place, country in enumerate(world.markets):
        _templates(world, country, place)
    world.flush()
    for model in (ContractCategory, ContractCategoryDefaultTemplate, ContractTemplateVersion):
        world.continue_numbering(model)


def _templates(world: World, country: str, place: int) -> None:
    main = world.markets[country].language
    for language in (main, *SECOND_LANGUAGES.get(country, ())):
        world.add(
            ContractTemplate,
            template_key(country, language),
            name=f"{words(language, country)['contract']['name']} ({country})",
            description="Collection and storage for 20 years.",
            country_code=country,
            language_code=language,
            category="general",
            status="published",
            content_html=wording(language, country),
        )
    world.add(
        ContractTemplate,
        f"{country}-old",
        name=f"{words(main, country)['contract']['name']} ({country}, {world.opened.year})",
        description="Replaced by the present wording.",
        country_code=country,
        language_code=main,
        category="general",
        status="archived" if place % 2 else "draft",
        content_html=wording(main, country),
    )
    html, admin = wording(main, country), world.colleagues[0]
    fields = sorted({piece.split("}}")[0] for piece in html.split("{{")[1:]})
    changes = words(main, country)["contract"]["changes"]
    for number in (1, 2):
        world.add(
            ContractTemplateVersion,
            f"{country}-{number}",
            id=2 * place + number,
            category_id=1,
            country_code=country,
            version_number=number,
            docx_file_path=f"contracts/{country}/general-v{number}.docx",
            html_content=html,
            change_description=changes[number - 1],
            created_by=admin.id,
            created_by_name=admin.name,
            is_default=number == 2,
            created_at=world.opened + timedelta(hours=number),
        )
    failed = country == "US"
    world.add(
        ContractCategoryDefaultTemplate,
        country,
        id=place + 1,
        category_id=1,
        country_code=country,
        template_type="pdf_form" if failed else "docx",
        template_id=row_id(ContractTemplate, template_key(country, main)),
        source_docx_path=None if failed else f"contracts/{country}/general-v2.docx",
        original_docx_path=None if failed else f"contracts/{country}/general-v2-original.docx",
        source_pdf_path=f"contracts/{country}/general.pdf" if failed else None,
        preview_pdf_path=None if failed else f"contracts/{country}/general-preview.pdf",
        extracted_fields=json.dumps(fields),
        placeholder_mappings=json.dumps({field: field for field in fields}),
        html_content=None if failed else html,
        conversion_status="failed" if failed else "completed",
        conversion_error="The PDF has no form fields." if failed else None,
        conversion_metadata=json.dumps({"pages": 2, "characters": len(html)}),
        created_by=admin.id,
        created_at=world.opened + timedelta(hours=3),
    )
