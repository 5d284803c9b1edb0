-- name: alone
-- Whoever keeps pieces of one seller's article ($1) waits for the others, until the transaction ends.
select pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: kept
-- How many pieces of each form of a seller's ($1) article ($2) are kept at an instant ($3), but for a key ($4).
select variant, sum(quantity)::bigint as quantity
  from sandbox_holds
 where seller_id = $1 and sku = $2 and (taken or until > $3) and key <> $4
 group by variant;

-- name: keep
-- Keep pieces under a key, or keep them longer.
insert into sandbox_holds (key, seller_id, sku, variant, quantity, until, taken)
values ($1, $2, $3, $4, $5, $6, false)
on conflict (key) do update
   set seller_id = excluded.seller_id, sku = excluded.sku, variant = excluded.variant,
       quantity = excluded.quantity, until = excluded.until, taken = false;

-- name: take
-- What was kept under a key is gone for good.
update sandbox_holds set taken = true where key = $1;

-- name: free
-- What was kept under a key is free again.
delete from sandbox_holds where key = $1;
