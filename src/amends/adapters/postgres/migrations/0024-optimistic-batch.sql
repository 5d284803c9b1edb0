-- Lets a batch be decided without holding locks meanwhile, and be written only if nobody changed its orders since.
-- depends: 0022-lifecycle-mediation

-- migrate: apply

-- A function of its own, because each of its statements sees what was committed until it began: the lock first, then
-- the versions. An order's version is its own number of events and those of all its cases together; null is an order
-- that is not there. No orders: they were locked when they were read.
create function guard_batch(order_ids text[], versions bigint[]) returns boolean language plpgsql as $$
begin
    if cardinality(order_ids) = 0 then
        return true;
    end if;
    perform from orders where order_id = any (order_ids) order by order_id for update;
    if exists (
        select
          from unnest(order_ids, versions) as seen (order_id, version)
         where version is distinct from (
                   select o.seq + coalesce((select sum(c.seq) from cases c where c.order_id = o.order_id), 0)
                     from orders o
                    where o.order_id = seen.order_id))
    then
        raise exception 'an order was changed since it was read' using errcode = 'serialization_failure';
    end if;
    return true;
end $$;

-- migrate: rollback
