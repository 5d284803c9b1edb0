-- Files as evidence: who sent which to what order; their bytes lie in the file store.
-- depends: 0038-figures

-- migrate: apply

-- A file is settled once a case or a thread is known to hold on to it; until then it is removed a day after it was
-- last touched. Condemned ones are on their way out: nothing may hold on to them any more.
create table evidence_files (
    file_id     text collate "C" primary key,
    order_id    text collate "C" not null,
    role        text collate "C" not null,
    person_id   text collate "C" not null,
    name        text not null,
    media_type  text collate "C" not null,
    served_type text collate "C" not null,
    size        bigint not null check (size > 0),
    sha256      text collate "C" not null check (length(sha256) = 64),
    width       integer not null,
    height      integer not null,
    seconds     double precision not null,
    seen        text collate "C" not null,
    phash       bigint,
    at          timestamptz not null,
    touched_at  timestamptz not null,
    ready       boolean not null default false,
    settled     boolean not null default false,
    condemned   boolean not null default false,
    shared_with text collate "C" not null default ''
);

create index evidence_files_of_order on evidence_files (order_id, role, person_id);
create index evidence_files_unsettled on evidence_files (touched_at) where not settled;

-- Two hashes that differ in at most 7 of 64 bits agree in at least one of their eight bytes.
create function hash_bytes(phash bigint) returns integer[] language sql immutable strict parallel safe
return array(select n * 256 + ((phash >> (n * 8)) & 255)::integer from generate_series(0, 7) as n);

create index evidence_files_alike on evidence_files using gin (hash_bytes(phash)) where phash is not null and settled;

-- migrate: rollback
