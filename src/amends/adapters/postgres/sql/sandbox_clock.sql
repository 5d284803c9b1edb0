-- name: read_clock
-- How the sandbox's clock is set; no row before it was ever moved.
select ahead, held_at
  from sandbox_clock;

-- name: write_clock
-- Set the sandbox's clock, and tell every process.
with written as (
    insert into sandbox_clock (one, ahead, held_at)
    values (true, $1, $2)
    on conflict (one) do update
        set ahead = excluded.ahead, held_at = excluded.held_at
    returning one
)
select pg_notify('sandbox_clock', '')
  from written;
