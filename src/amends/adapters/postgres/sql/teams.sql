-- name: note_deed
-- Write down what a member of a team asks for.
insert into team_deeds (seller_id, deed_id, account_id, name, deed, order_id, case_id, at, outcome)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing;

-- name: conclude_deed
-- What came of it.
update team_deeds set outcome = $3, events = $4 where seller_id = $1 and deed_id = $2;

-- name: deeds_behind
-- The deeds that events on some orders came of, oldest first.
select * from team_deeds where order_id = any($1) and events <> '{}' order by at, deed_id;

-- name: deeds_of
-- A team's deeds, newest first.
select * from team_deeds where seller_id = $1 order by at desc, deed_id desc limit $2;
