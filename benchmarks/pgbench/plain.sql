-- V1 (a): a transaction a command, the plain way: lock, look, write row by row, commit.
\set n random(:first, :last)
begin;
select snapshot, head, seq from orders where order_id = 'order-' || lpad(:n::int::text, 8, '0') for update;
select snapshot, head, seq as seen from cases where order_id = 'order-' || lpad(:n::int::text, 8, '0') and case_id = 'order-' || lpad(:n::int::text, 8, '0') || '.1' \gset
update cases set state = 'awaiting_buyer', due_at = now() + interval '5 days', waiting_on = 'buyer', on_due = 'escalate', seq = :seen::int + 1, snapshot = convert_to(:snapshot::text, 'UTF8'), head = sha256(head) where order_id = 'order-' || lpad(:n::int::text, 8, '0') and case_id = 'order-' || lpad(:n::int::text, 8, '0') || '.1';
insert into events (stream, seq, order_id, at, actor, type, from_state, to_state, body, digest) values ('order-' || lpad(:n::int::text, 8, '0') || '.1', :seen::int + 1, 'order-' || lpad(:n::int::text, 8, '0'), now(), 'seller' || chr(58) || 'seller-1', 'offer_made', 'awaiting_seller', 'awaiting_buyer', convert_to(:body::text, 'UTF8'), sha256(''));
insert into errands (errand_id, topic, order_id, case_id, body, due_at) values ('notice' || chr(58) || 'order-' || lpad(:n::int::text, 8, '0') || '.1:' || (:seen::int + 1)::text, 'notice', 'order-' || lpad(:n::int::text, 8, '0'), 'order-' || lpad(:n::int::text, 8, '0') || '.1', :notice::jsonb, now());
commit;
