-- What people want to be told by mail, and notices that wait to be mailed.
-- depends: 0044-messages

-- migrate: apply

create table preferences (
    role      text collate "C" not null,
    person_id text collate "C" not null,
    body      jsonb not null,
    primary key (role, person_id)
);

create index notices_unmailed on notices (role, person_id, at) where mailed_at is null;

-- migrate: rollback
