-- What sellers set for their shops, version by version; a version never changes.
-- depends: 0031-api-key-scopes

-- migrate: apply

create table seller_policies (
    seller_id    text collate "C" not null,
    version      integer not null check (version > 0),
    published_at timestamptz not null,
    body         bytea not null,
    primary key (seller_id, version)
);

create trigger seller_policies_stay before update or delete on seller_policies
    for each statement execute function refuse_change();

-- migrate: rollback
