-- name: lock_capture
-- A capture, locked: requests on it are judged one after the other.
select tender_ref, currency, amount, refunded
  from sandbox_provider.captures
 where tender_ref = $1
   for update;

-- name: new_capture
-- A capture of nothing yet, unless it is known.
insert into sandbox_provider.captures (tender_ref, currency, amount)
values ($1, $2, 0)
on conflict (tender_ref) do nothing;

-- name: add_part
-- A part of a locked capture; a known one changes nothing.
with added as (
    insert into sandbox_provider.parts (tender_ref, part, amount)
    values ($1, $2, $3)
    on conflict (tender_ref, part) do nothing
    returning tender_ref, amount
)
update sandbox_provider.captures c
   set amount = c.amount + added.amount
  from added
 where c.tender_ref = added.tender_ref;

-- name: find_request
-- A request by its key.
select key, kind, target, amount, currency, outcome, why, filed_at, settles_at, tell
  from sandbox_provider.requests
 where key = $1;

-- name: lock_request
-- A request by its key, locked.
select key, kind, target, amount, currency, outcome, why, filed_at, settles_at, tell
  from sandbox_provider.requests
 where key = $1
   for update;

-- name: keep_request
-- A judged request; says whether the key was free.
insert into sandbox_provider.requests
    (key, kind, target, amount, currency, outcome, why, filed_at, settles_at, tell)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (key) do nothing
returning true;

-- name: end_request
-- A request that was stopped.
update sandbox_provider.requests
   set outcome = $2, why = $3, settles_at = $4
 where key = $1;

-- name: reserve
-- More (or less) of a capture is sent back.
update sandbox_provider.captures
   set refunded = refunded + $2
 where tender_ref = $1;

-- name: tell
-- Announce the end of settled requests, the latest first: news overtake each other.
with chosen as (
    select key
      from sandbox_provider.requests
     where settles_at <= $1 and told < tell
     order by settles_at desc, key desc
     limit $2
       for update skip locked
)
update sandbox_provider.requests r
   set told = r.told + 1
  from chosen
 where r.key = chosen.key
returning r.key;

-- name: settled
-- What moved money in a time: the provider's report of it.
select key, kind, target, amount, currency, outcome, why, filed_at, settles_at, tell
  from sandbox_provider.requests
 where outcome = 'succeeded' and settles_at >= $1 and settles_at < $2
 order by settles_at, key;
