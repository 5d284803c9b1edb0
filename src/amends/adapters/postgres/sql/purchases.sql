-- name: purchases_of_buyer
-- A buyer's orders, newest first, after an order.
select order_id, placed_at, snapshot
  from orders
 where buyer_id = $1
   and (cardinality($2::text[]) = 0 or stage = any ($2::text[]))
   and (placed_at, order_id) < ($3, $4)
 order by placed_at desc, order_id desc
 limit $5;

-- name: purchases_of_seller
-- A seller's orders, newest first, after an order.
select order_id, placed_at, snapshot
  from orders
 where seller_id = $1
   and (cardinality($2::text[]) = 0 or stage = any ($2::text[]))
   and (placed_at, order_id) < ($3, $4)
 order by placed_at desc, order_id desc
 limit $5;

-- name: cases_of_buyer
-- A buyer's cases, newest first, after a case.
select case_id, opened_at, snapshot
  from cases
 where buyer_id = $1
   and (opened_at, case_id) < ($2, $3)
 order by opened_at desc, case_id desc
 limit $4;

-- name: custodies
-- Orders by id.
select order_id, snapshot
  from orders
 where order_id = any ($1::text[]);

-- name: refund_moments
-- The events of some cases that moved a refund from one stage to the next.
select stream, seq, order_id, at, actor, from_state, body, digest
  from events
 where stream = any ($1::text[])
   and type = any ($2::text[])
 order by stream, seq;
