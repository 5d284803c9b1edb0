-- Locks the orders of a batch and loads what is known of them, in one round trip.
-- depends: 0005-lifecycle

-- migrate: apply

-- Two statements inside, because the second has to see what whoever held the locks before has committed.
-- `part` is o (order), c (case) or a (answer to a request).
create function open_batch(order_ids text[], keys text[], skip_locked boolean)
returns table (part text, id text, order_id text, snapshot bytea, head bytea, at timestamptz, case_id text, seq integer)
language plpgsql as $$
begin
    if skip_locked then
        return query
            select 'o', o.order_id, o.order_id, o.snapshot, o.head, null::timestamptz, null, o.seq
              from orders o
             where o.order_id = any (order_ids)
             order by o.order_id
               for update skip locked;
    else
        return query
            select 'o', o.order_id, o.order_id, o.snapshot, o.head, null::timestamptz, null, o.seq
              from orders o
             where o.order_id = any (order_ids)
             order by o.order_id
               for update;
    end if;
    return query
        select 'c', c.case_id, c.order_id, c.snapshot, c.head, null::timestamptz, null, c.seq
          from cases c
         where c.order_id = any (order_ids)
         order by c.order_id, c.case_id;
    if cardinality(keys) > 0 then
        return query
            select 'a', a.key, a.order_id, a.refused, a.fingerprint, a.at, a.case_id, a.seq
              from answers a
             where a.key = any (keys);
    end if;
end $$;

-- migrate: rollback
