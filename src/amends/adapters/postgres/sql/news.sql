-- name: tell
-- Say to all processes that something about these orders changed, each text a list of them. Without a write of its own it needs no flush to disk.
select pg_notify($1::text, changed) from unnest($2::text[]) as changed;
