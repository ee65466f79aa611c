"""What is stored: what we sell: products, their market instances, prices, payment plans and sets."""

from app.products.models.catalogue import MarketProductInstance, MarketProductService, Product
from app.products.models.payments import (
    InstancePaymentOption,
    InstancePaymentOptionCalculationMode,
    InstancePaymentOptionFrequency,
    InstancePaymentOptionInstanceType,
    PaymentInstallment,
    PaymentInstallmentCalculationType,
)
from app.products.models.prices import (
    InstanceDiscount,
    InstanceDiscountInstanceType,
    InstancePrice,
    InstancePriceInstanceType,
    InstanceVatRate,
    InstanceVatRateInstanceType,
)
from app.products.models.sets import CustomerProduct, ProductSet, ProductSetCollection, ProductSetStorage

__all__ = [
    "CustomerProduct",
    "InstanceDiscount",
    "InstanceDiscountInstanceType",
    "InstancePaymentOption",
    "InstancePaymentOptionCalculationMode",
    "InstancePaymentOptionFrequency",
    "InstancePaymentOptionInstanceType",
    "InstancePrice",
    "InstancePriceInstanceType",
    "InstanceVatRate",
    "InstanceVatRateInstanceType",
    "MarketProductInstance",
    "MarketProductService",
    "PaymentInstallment",
    "PaymentInstallmentCalculationType",
    "Product",
    "ProductSet",
    "ProductSetCollection",
    "ProductSetStorage",
]
