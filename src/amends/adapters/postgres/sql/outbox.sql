-- name: put_errands
-- Things to do; known ones stay as they are.
insert into errands (errand_id, topic, order_id, case_id, body, due_at)
select *
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])
on conflict (errand_id) do nothing;
