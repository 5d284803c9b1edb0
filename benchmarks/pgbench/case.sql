-- V3: the rows of a case page: the order, the case, its timeline.
\set n random(:first, :last)
select 'o', 0, snapshot, null, null, null::timestamptz, null::bytea from orders where order_id = 'order-' || lpad(:n::int::text, 8, '0') union all select 'c', 0, snapshot, null, null, null, null from cases where order_id = 'order-' || lpad(:n::int::text, 8, '0') and case_id = 'order-' || lpad(:n::int::text, 8, '0') || '.1' union all (select 'e', seq, body, actor, from_state, at, digest from events where stream = 'order-' || lpad(:n::int::text, 8, '0') || '.1' order by seq);
