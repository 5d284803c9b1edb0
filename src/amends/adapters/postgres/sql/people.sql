-- name: people
-- Accounts, newest first, after one; each of the patterns has to fit.
select *
  from accounts
 where (created_at, account_id) < ($5, $6)
   and ($2 = '' or role = $2)
   and ($3 = '' or (suspended_at is not null) = ($3 = 'suspended'))
   and ($4 = '' or (role = 'buyer' and tier = $4))
   and lower(name) || ' ' || email_key || ' ' || lower(party_id) like all ($1::text[])
 order by created_at desc, account_id desc
 limit $7;

-- name: decide_suspended
-- Shut somebody out who is not; their sessions end.
with changed as (
    update accounts
       set suspended_at = $7, suspended_why = $6
     where account_id = $2 and suspended_at is null
    returning account_id, name
), ended as (
    delete from account_sessions where account_id in (select account_id from changed)
)
insert into account_deeds (deed_id, account_id, name, decision, by_role, by_id, by_name, was, became, why, at)
select $1, account_id, name, 'suspended', $3, $4, $5, '', '', $6, $7 from changed
returning deed_id;

-- name: decide_restored
-- Let somebody in again who was shut out.
with changed as (
    update accounts
       set suspended_at = null, suspended_why = ''
     where account_id = $2 and suspended_at is not null
    returning account_id, name
)
insert into account_deeds (deed_id, account_id, name, decision, by_role, by_id, by_name, was, became, why, at)
select $1, account_id, name, 'restored', $3, $4, $5, '', '', $6, $7 from changed
returning deed_id;

-- name: decide_tier
-- Give a buyer another tier.
with known as (
    select account_id, tier from accounts where account_id = $2 and role = 'buyer' for update
), changed as (
    update accounts a
       set tier = $8
      from known
     where a.account_id = known.account_id and known.tier <> $8
    returning a.account_id, a.name, known.tier as was
)
insert into account_deeds (deed_id, account_id, name, decision, by_role, by_id, by_name, was, became, why, at)
select $1, account_id, name, 'tier', $3, $4, $5, was, $8, $6, $7 from changed
returning deed_id;

-- name: decide_signed_out
-- End one of somebody's sessions by its public id, or all of them.
with ended as (
    delete from account_sessions
     where account_id = $2 and ($8 = '' or left(encode(digest, 'hex'), 20) = $8)
    returning account_id
)
insert into account_deeds (deed_id, account_id, name, decision, by_role, by_id, by_name, was, became, why, at)
select $1, a.account_id, a.name, 'signed_out', $3, $4, $5, '', $8, $6, $7
  from accounts a
 where a.account_id in (select account_id from ended)
returning deed_id;

-- name: decided
-- What was decided, newest first, after a deed.
select *
  from account_deeds
 where ($1 = '' or account_id = $1)
   and ($2 = '' or (by_role = $2 and by_id = $3))
   and (at, deed_id) < ($4, $5)
 order by at desc, deed_id desc
 limit $6;
