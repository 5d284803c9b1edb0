-- name: find_key
-- A key in being, by its hash.
select digest, role, party_id, name, created_at, revoked_at
  from api_keys
 where digest = $1 and revoked_at is null;

-- name: add_key
-- Keep a new key; the same hash twice is an error.
insert into api_keys (digest, role, party_id, name, created_at) values ($1, $2, $3, $4, $5);

-- name: revoke_key
-- End a key that is in being.
update api_keys set revoked_at = $2 where digest = $1 and revoked_at is null returning digest;
