-- name: find_key
-- A key in being, by its hash. Whoever made it and was suspended since has no key.
select k.*
  from api_keys k
 where k.digest = $1
   and k.revoked_at is null
   and not exists (select from accounts a where a.account_id = k.made_by and a.suspended_at is not null);

-- name: add_key
-- Keep a new key; the same hash twice is an error, the same id twice changes nothing.
insert into api_keys (digest, role, party_id, name, created_at, key_id, scopes, made_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (key_id) where key_id <> '' do nothing
returning digest;

-- name: revoke_key
-- End a key that is in being.
update api_keys set revoked_at = $2 where digest = $1 and revoked_at is null returning digest;

-- name: keys_of
-- A party's keys in being, newest first.
select * from api_keys where role = $1 and party_id = $2 and revoked_at is null order by created_at desc, digest;

-- name: use_key
-- The key was used.
update api_keys set used_at = $2 where digest = $1 and (used_at is null or used_at < $2);
