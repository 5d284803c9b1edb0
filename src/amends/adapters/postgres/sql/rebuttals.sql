-- name: add
-- Evidence to be sent; nothing where its number is taken.
insert into dispute_statements (order_id, dispute_id, number, state, at, body)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning true;

-- name: of_order
-- Everything sent, or to be sent, about an order's disputes, oldest first.
select body
  from dispute_statements
 where order_id = $1
 order by at, dispute_id, number;

-- name: change
-- What became of one, where it still was as somebody saw it.
update dispute_statements
   set state = $4, body = $5
 where order_id = $1 and dispute_id = $2 and number = $3 and state = $6
returning true;
