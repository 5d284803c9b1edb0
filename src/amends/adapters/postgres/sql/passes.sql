-- name: issue_pass
-- Keep a new pass.
insert into account_passes (digest, purpose, account_id, role, party_id, member, email, name, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: look_at_pass
-- A pass that can still be used.
select * from account_passes where digest = $1 and purpose = $2 and used_at is null and expires_at > $3;

-- name: use_pass
-- Use a pass up: of several at once one gets the row.
update account_passes
   set used_at = $3
 where digest = $1 and purpose = $2 and used_at is null and expires_at > $3
returning *;

-- name: invitations
-- A party's invitations that can still be used, oldest first.
select *
  from account_passes
 where role = $1 and party_id = $2 and used_at is null and purpose = 'invitation' and expires_at > $3
 order by created_at, digest;

-- name: withdraw_pass
-- Make a pass unusable.
update account_passes set used_at = $2 where digest = $1 and used_at is null and expires_at > $2 returning digest;

-- name: withdraw_resets
-- Make an account's resets unusable.
update account_passes set used_at = $2 where account_id = $1 and account_id <> '' and used_at is null;

-- name: take_attempt
-- Count an attempt ($3 apart, at most $4 ahead); no row where it is one too many.
insert into account_attempts as a (bucket, until)
values ($1, $2::timestamptz + $3::interval)
on conflict (bucket) do update
   set until = greatest(a.until, $2) + $3
 where greatest(a.until, $2) + $3 <= $2 + $4::interval
returning until;

-- name: attempts_until
-- Until when attempts are used up.
select until from account_attempts where bucket = $1;

-- name: forgive_attempts
-- Forget the attempts.
delete from account_attempts where bucket = $1;

-- name: sweep_attempts
-- Forget attempts nobody needs to remember.
delete from account_attempts where bucket in (select bucket from account_attempts where until < $1 limit 100);

-- name: first_use
-- Whether a hand-over is used for the first time; those that ran out are forgotten.
with gone as (
    delete from account_hand_overs where expires_at < $3
)
insert into account_hand_overs (jti, expires_at) values ($1, $2) on conflict do nothing returning jti;
