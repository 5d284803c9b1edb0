-- name: add_file
-- Keep the record of a file, unless its sender has as many others as are allowed on the order. One that is there is
-- touched; one that is condemned stays so.
insert into evidence_files (file_id, order_id, role, person_id, name, media_type, served_type, size, sha256, width, height,
                            seconds, seen, phash, at, touched_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15
 where (select count(*) from evidence_files
         where order_id = $2 and role = $3 and person_id = $4 and not condemned and file_id <> $1) < $16
on conflict (file_id) do update
   set touched_at = greatest(evidence_files.touched_at, excluded.touched_at)
 where not evidence_files.condemned
returning file_id;

-- name: finish_file
-- The bytes of a file are all there.
update evidence_files set ready = true where file_id = $1;

-- name: files_by_id
-- Files by their ids.
select * from evidence_files where file_id = any ($1::text[]) and not condemned;

-- name: same_file
-- The file of that content a person already has on the order.
select *
  from evidence_files
 where order_id = $1 and role = $2 and person_id = $3 and sha256 = $4 and ready and not condemned
 order by at
 limit 1;

-- name: hold_files
-- Touch files that something is about to hold on to; those that are still there.
update evidence_files
   set touched_at = greatest(touched_at, $2)
 where file_id = any ($1::text[]) and ready and not condemned
returning file_id;

-- name: settle_files
-- Something is known to hold on to these files; with a case or thread, everybody who sees that sees them.
update evidence_files
   set settled = true, shared_with = case when $2 = '' then shared_with else $2 end
 where file_id = any ($1::text[]) and not condemned;

-- name: alike_files
-- Settled pictures of other orders (what was sent to support is about none) whose hash differs in at most so many bits, the most alike first.
select *
  from evidence_files
 where hash_bytes(phash) && hash_bytes($1::bigint) and phash is not null and settled
   and bit_count((phash # $1::bigint)::bit(64)) <= $2 and order_id not in ($3, '')
 order by bit_count((phash # $1::bigint)::bit(64)), at, file_id
 limit $4;

-- name: stale_files
-- Files that were last touched before then and that nothing is known to hold on to; condemned ones too.
select * from evidence_files where touched_at < $1 and not settled order by touched_at, file_id limit $2;

-- name: condemn_file
-- From now on nothing may hold on to it.
update evidence_files
   set condemned = true
 where file_id = $1 and touched_at < $2 and not settled
returning file_id;

-- name: forget_file
-- The bytes are gone: so is the record.
delete from evidence_files where file_id = $1 and condemned;
