-- name: shared_with
-- How many other buyers' orders have a parcel of a number ($1), but for one order ($2) and one buyer ($3).
select count(distinct p.order_id)
  from parcel_numbers p
  join orders o using (order_id)
 where p.number = $1 and p.order_id <> $2 and o.buyer_id <> $3;
