-- name: guard
-- First of all: the orders that were read without a lock are as they were, and are locked now.
select guard_batch(:read_order_ids::text[], :read_versions::bigint[])

-- name: new_orders
-- Orders that were not there.
insert into orders
    (order_id, buyer_id, seller_id, stage, due_at, waiting_on, on_due, placed_at, seq, snapshot, head)
select order_id, buyer_id, seller_id, stage, coalesce(due_at, 'infinity'), waiting_on, on_due, placed_at, seq, snapshot,
       head
  from unnest(:order_id::text[], :buyer_id::text[], :seller_id::text[], :stage::text[], :due_at::timestamptz[],
              :waiting_on::text[], :on_due::text[], :placed_at::timestamptz[], :seq::integer[], :snapshot::bytea[],
              :head::bytea[])
    as r (order_id, buyer_id, seller_id, stage, due_at, waiting_on, on_due, placed_at, seq, snapshot, head)

-- name: changed_orders
-- What may change of an order.
update orders o
   set stage = r.stage, due_at = coalesce(r.due_at, 'infinity'), waiting_on = r.waiting_on, on_due = r.on_due,
       seq = r.seq, snapshot = r.snapshot, head = r.head
  from unnest(:order_id::text[], :stage::text[], :due_at::timestamptz[], :waiting_on::text[], :on_due::text[],
              :seq::integer[], :snapshot::bytea[], :head::bytea[])
    as r (order_id, stage, due_at, waiting_on, on_due, seq, snapshot, head)
 where o.order_id = r.order_id

-- name: new_cases
-- Cases that were opened.
insert into cases
    (order_id, case_id, kind, state, reason, buyer_id, seller_id, mediator_id, due_at, waiting_on, on_due, seq,
     opened_at, closed_at, snapshot, head)
select order_id, case_id, kind, state, reason, buyer_id, seller_id, mediator_id, coalesce(due_at, 'infinity'),
       waiting_on, on_due, seq, opened_at, closed_at, snapshot, head
  from unnest(:order_id::text[], :case_id::text[], :kind::text[], :state::text[], :reason::text[], :buyer_id::text[],
              :seller_id::text[], :mediator_id::text[], :due_at::timestamptz[], :waiting_on::text[], :on_due::text[],
              :seq::integer[], :opened_at::timestamptz[], :closed_at::timestamptz[], :snapshot::bytea[], :head::bytea[])
    as r (order_id, case_id, kind, state, reason, buyer_id, seller_id, mediator_id, due_at, waiting_on, on_due, seq,
          opened_at, closed_at, snapshot, head)

-- name: changed_cases
-- What may change of a case.
update cases c
   set state = r.state, reason = r.reason, mediator_id = r.mediator_id, due_at = coalesce(r.due_at, 'infinity'),
       waiting_on = r.waiting_on, on_due = r.on_due, seq = r.seq, closed_at = r.closed_at, snapshot = r.snapshot,
       head = r.head
  from unnest(:order_id::text[], :case_id::text[], :state::text[], :reason::text[], :mediator_id::text[],
              :due_at::timestamptz[], :waiting_on::text[], :on_due::text[], :seq::integer[], :closed_at::timestamptz[],
              :snapshot::bytea[], :head::bytea[])
    as r (order_id, case_id, state, reason, mediator_id, due_at, waiting_on, on_due, seq, closed_at, snapshot, head)
 where c.order_id = r.order_id and c.case_id = r.case_id

-- name: new_events
-- What happened.
insert into events (stream, seq, order_id, at, actor, type, from_state, to_state, body, digest)
select *
  from unnest(:stream::text[], :seq::integer[], :order_id::text[], :at::timestamptz[], :actor::text[], :type::text[],
              :from_state::text[], :to_state::text[], :body::bytea[], :digest::bytea[])

-- name: new_errands
-- What is to be done in the world; an errand of that id that is there already stays.
insert into errands (errand_id, topic, order_id, case_id, body, due_at)
select *
  from unnest(:errand_id::text[], :topic::text[], :order_id::text[], :case_id::text[], :body::jsonb[],
              :due_at::timestamptz[])
    on conflict (errand_id) do nothing

-- name: new_answers
-- What was answered, for whoever asks again with the same key.
insert into answers (key, fingerprint, order_id, case_id, seq, at, refused)
select *
  from unnest(:key::text[], :fingerprint::bytea[], :order_id::text[], :case_id::text[], :seq::integer[],
              :at::timestamptz[], :refused::bytea[])

-- name: new_transfers
-- What a batch moves; the balances follow by a trigger, which refuses what they cannot bear.
insert into transfers
    (order_id, stream, seq, position, transfer_id, stage, debit, credit, amount, purpose, tender_id, case_id, at)
select *
  from unnest(:order_id::text[], :stream::text[], :seq::integer[], :position::integer[], :transfer_id::text[],
              :stage::text[], :debit::text[], :credit::text[], :amount::bigint[], :purpose::text[],
              :tender_id::text[], :case_id::text[], :at::timestamptz[])
