-- name: open_session
-- Keep a new session, and forget those that ended before it began.
with gone as (
    delete from account_sessions where expires_at <= $6
)
insert into account_sessions (digest, account_id, how, user_agent, address, created_at, seen_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find_session
-- A session with its account.
select s.digest, s.how, s.user_agent, s.address, s.created_at as opened_at, s.seen_at, s.expires_at, a.*
  from account_sessions s
  join accounts a using (account_id)
 where s.digest = $1;

-- name: touch_session
-- The session was used.
update account_sessions set seen_at = $2 where digest = $1 and seen_at < $2;

-- name: sessions_of
-- An account's sessions, the last used first.
select * from account_sessions where account_id = $1 order by seen_at desc, digest;

-- name: end_session
-- End one session.
delete from account_sessions where digest = $1 returning digest;

-- name: end_sessions
-- End an account's sessions but one.
delete from account_sessions where account_id = $1 and digest <> $2 returning digest;
