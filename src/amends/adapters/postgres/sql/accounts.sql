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

-- name: search_accounts
-- Accounts by a part of name, address or party, in the order of their ids.
select *
  from accounts
 where account_id > $3
   and ($2 = '' or role = $2)
   and ($1 = '' or strpos(lower(name), $1) > 0 or strpos(email_key, $1) > 0 or strpos(lower(party_id), $1) > 0)
 order by account_id
 limit $4;

-- name: change_account
-- Replace what a profile says.
update accounts
   set name = $2, tier = $3, zone = $4, language = $5, country = $6, member = $7
 where account_id = $1
returning account_id;

-- name: set_password
-- Replace the hash of a password.
update accounts set password = $2 where account_id = $1;

-- name: suspend_account
-- Suspend or restore an account; the sessions of one that is suspended end.
with ended as (
    delete from account_sessions where account_id = $1 and $2::timestamptz is not null
)
update accounts set suspended_at = $2, suspended_why = $3 where account_id = $1 returning account_id;

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
