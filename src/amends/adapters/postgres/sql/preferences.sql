-- name: preferences_of
-- What somebody chose.
select body from preferences where role = $1 and person_id = $2;

-- name: put_preferences
-- Keep what somebody chose.
insert into preferences (role, person_id, body)
values ($1, $2, $3::jsonb)
on conflict (role, person_id) do update set body = excluded.body;
