-- Addresses of private calendars: only their hash is kept, one in force for each person.
-- depends: 0045-preferences

-- migrate: apply

create table calendar_feeds (
    digest     bytea primary key check (length(digest) = 32),
    role       text collate "C" not null,
    person_id  text collate "C" not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);

create unique index calendar_feeds_in_force on calendar_feeds (role, person_id) where revoked_at is null;

-- migrate: rollback
