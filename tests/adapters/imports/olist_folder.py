"""A tiny Olist folder of invented rows, made anew for each test."""

from collections.abc import Sequence
from pathlib import Path

HEADERS = {
    "olist_orders_dataset": (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date"
    ),
    "olist_order_items_dataset": (
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value"
    ),
    "olist_order_payments_dataset": (
        "order_id,payment_sequential,payment_type,payment_installments,payment_value"
    ),
    "olist_customers_dataset": (
        "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state"
    ),
    "olist_sellers_dataset": "seller_id,seller_zip_code_prefix,seller_city,seller_state",
    "olist_products_dataset": "product_id,product_category_name,product_weight_g",
    "olist_order_reviews_dataset": (
        "review_id,order_id,review_score,review_comment_title,review_comment_message,"
        "review_creation_date,review_answer_timestamp"
    ),
    "product_category_name_translation": "product_category_name,product_category_name_english",
}

DELIVERED = (
    "o1,c1,delivered,2017-07-09 21:57:05,2017-07-09 22:10:13,"
    "2017-07-11 14:58:04,2017-07-26 10:57:55,2017-08-01 00:00:00"
)
ITEM = "o1,1,p1,s1,2017-07-13 22:10:13,100.00,10.50"
PAYMENT = "o1,1,credit_card,1,110.50"


def write(
    folder: Path,
    *,
    orders: Sequence[str] = (DELIVERED,),
    items: Sequence[str] = (ITEM,),
    payments: Sequence[str] = (PAYMENT,),
    customers: Sequence[str] = ("c1,person1,4571,sao paulo,SP",),
    sellers: Sequence[str] = ("s1,13844,mogi guacu,SP", "s2,13844,mogi guacu,SP", "s3,13844,mogi guacu,SP"),
    products: Sequence[str] = ("p1,beleza_saude,600.0", "p2,bebes,75.0"),
    reviews: Sequence[str] = (),
    categories: Sequence[str] = ("beleza_saude,health_beauty", "bebes,baby"),
) -> Path:
    """Write every table of the set; each argument is the rows of one."""
    tables = (orders, items, payments, customers, sellers, products, reviews, categories)
    for (name, header), lines in zip(HEADERS.items(), tables, strict=True):
        (folder / f"{name}.csv").write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return folder
