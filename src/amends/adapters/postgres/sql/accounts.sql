-- name: add_account
-- Keep a new account, unless its address or its person has one.
insert into accounts (account_id, role, party_id, member, name, email, email_key, tier, zone, language, country, invented,
                      password, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict do nothing
returning account_id;

-- name: get_account
-- An account by its id.
select * from accounts where account_id = $1;

-- name: account_by_email
-- An account by its address as addresses are compared.
select * from accounts where email_key = $1 and email_key <> '';

-- name: accounts_of_party
-- A party's accounts, oldest first.
select * from accounts where role = $1 and party_id = $2 order by created_at, account_id;

-- name: change_account
-- Replace what a profile says.
update accounts
   set name = $2, zone = $3, language = $4, country = $5
 where account_id = $1
returning account_id;

-- name: set_member
-- Replace what a member of a team may do.
update accounts set member = $2 where account_id = $1;

-- name: set_password
-- Replace the hash of a password.
update accounts set password = $2 where account_id = $1;

-- name: remove_account
-- Forget an account; the API keys it made end.
with revoked as (
    update api_keys set revoked_at = now() where made_by = $1 and made_by <> '' and revoked_at is null
)
delete from accounts where account_id = $1 returning account_id;

-- name: account_of_identity
-- Who somebody is that a provider knows.
select a.* from account_identities i join accounts a using (account_id) where i.issuer = $1 and i.subject = $2;

-- name: identify
-- Remember who somebody is to a provider.
insert into account_identities (issuer, subject, account_id, linked_at) values ($1, $2, $3, $4) on conflict do nothing;
